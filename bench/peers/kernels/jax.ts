import { type Jax, type JaxArray, loadJax } from "../jax.ts";
import { packageTitle } from "../packages.ts";
import type { Peer } from "./peer.ts";
import { EPS, type Problem, shapesOf } from "./problem.ts";

/** jax-js: every problem is one jitted function. */
export async function jaxPeer(): Promise<Peer> {
  const jax = await loadJax();
  return {
    title: packageTitle("jax"),
    kind: "webgpu",
    async prepare(problem, inputs) {
      const shapes = shapesOf(problem), { array } = jax.numpy;
      const a = array(inputs.a).reshape(shapes.a);
      // Softmax has one operand.
      const operands = problem.kind === "softmax" ? [a] : [a, array(inputs.b).reshape(shapes.b)];
      await jax.blockUntilReady(operands);
      const compute = jax.jit((...args: JaxArray[]) => formula(jax, problem, args));
      let last: JaxArray | undefined;
      return {
        async run(times) {
          last?.dispose();
          const results = Array.from({ length: times }, () => compute(...operands.map((x) => x.ref)));
          await jax.blockUntilReady(results.map((x) => x.ref));
          last = results.pop();
          for (const result of results) result.dispose();
        },
        result: () => last!.ref.data(),
        release() {
          for (const x of [...operands, ...(last ? [last] : [])]) x.dispose();
        },
      };
    },
  };
}

function formula({ numpy: np, nn }: Jax, problem: Problem, [a, b]: JaxArray[]): JaxArray {
  if (problem.kind === "matmul") {
    const { layout } = problem;
    return np.matmul(layout === "TN" ? a!.transpose() : a!, layout === "NT" ? b!.transpose() : b!);
  }
  if (problem.kind === "softmax") return nn.softmax(a!, -1);
  const mean = np.mean(np.square(a!.ref), -1, { keepdims: true });
  return a!.mul(np.reciprocal(np.sqrt(mean.add(EPS)))).mul(b!);
}

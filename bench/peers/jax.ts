import { loadPackage, packageTitle } from "./packages.ts";
import type { Peer } from "./peer.ts";
import { EPS, type Problem, shapesOf } from "./problem.ts";

/** An array of jax-js. Whoever is given one owns it: `ref` keeps another reference. */
export interface JaxArray {
  readonly ref: JaxArray;
  readonly shape: number[];
  add(other: JaxArray | number): JaxArray;
  sub(other: JaxArray | number): JaxArray;
  mul(other: JaxArray | number): JaxArray;
  div(other: JaxArray | number): JaxArray;
  sum(axis?: number | number[], options?: { keepdims?: boolean }): JaxArray;
  reshape(shape: readonly number[]): JaxArray;
  transpose(axes?: readonly number[]): JaxArray;
  slice(...index: unknown[]): JaxArray;
  data(): Promise<Float32Array>;
  dispose(): void;
}

/** A value of arrays, in objects and lists. */
export type JaxTree = JaxArray | readonly JaxTree[] | { readonly [name: string]: JaxTree };

/** What is used of jax-js. */
export interface Jax {
  init(): Promise<string[]>;
  defaultDevice(name: "webgpu"): void;
  jit<A extends readonly JaxTree[], R extends JaxTree>(f: (...args: A) => R): (...args: A) => R;
  valueAndGrad<A extends readonly JaxTree[]>(
    f: (...args: A) => JaxArray,
  ): (...args: A) => [value: JaxArray, gradient: A[0]];
  blockUntilReady(value: JaxTree): Promise<unknown>;
  readonly tree: { dispose(value: JaxTree): void };
  readonly nn: {
    softmax(x: JaxArray, axis: number): JaxArray;
    logSoftmax(x: JaxArray, axis: number): JaxArray;
    gelu(x: JaxArray): JaxArray;
    oneHot(x: JaxArray, classes: number): JaxArray;
  };
  readonly numpy: {
    readonly int32: unknown;
    array(
      values: Float32Array | Int32Array,
      options?: { shape?: readonly number[]; dtype?: unknown },
    ): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    einsum(subscripts: string, ...operands: JaxArray[]): JaxArray;
    mean(x: JaxArray, axis: number, options: { keepdims: boolean }): JaxArray;
    sqrt(x: JaxArray): JaxArray;
    square(x: JaxArray): JaxArray;
    reciprocal(x: JaxArray): JaxArray;
    concatenate(parts: JaxArray[], axis: number): JaxArray;
    takeAlongAxis(x: JaxArray, indices: JaxArray, axis: number): JaxArray;
    where(condition: JaxArray, x: JaxArray | number, y: JaxArray | number): JaxArray;
    minimum(x: JaxArray | number, y: JaxArray | number): JaxArray;
  };
}

/** jax-js, set to compute on the adapter. */
export async function loadJax(): Promise<Jax> {
  const jax = await loadPackage<Jax>("jax"), devices = await jax.init();
  if (!devices.includes("webgpu")) throw new TypeError(`jax-js found no WebGPU, only ${devices.join(", ")}`);
  jax.defaultDevice("webgpu");
  return jax;
}

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

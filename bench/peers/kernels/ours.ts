import {
  createTensor,
  type Engine,
  matmul,
  output,
  record,
  rmsNorm,
  softmax,
  type Tensor,
} from "../../../engine/mod.ts";
import type { Peer } from "./peer.ts";
import { EPS, type Problem, shapesOf } from "./problem.ts";

/** This engine, with the kernels that it chooses itself. */
export function ours(engine: Engine): Peer {
  return {
    title: "this engine",
    kind: "ours",
    async prepare(problem, { a, b }) {
      const shapes = shapesOf(problem), x = createTensor("a", "input", shapes.a);
      const y = createTensor("b", "input", shapes.b);
      await engine.write(x, a);
      // A gain is stored as what it adds to 1.
      if (problem.kind !== "softmax") {
        await engine.write(
          y,
          problem.kind === "matmul" ? b : b.map((g) => g - 1),
        );
      }
      const timed = record("peers", engine.target, () => compute(problem, x, y));
      // The same dispatches, and a copy to where the host can read.
      const kept = record("peers, kept", engine.target, () => output("result", compute(problem, x, y)));
      const prepared = await engine.prepare(timed.program), copying = await engine.prepare(kept.program);
      return {
        async run(times) {
          for (let i = 0; i < times; i++) engine.run(prepared);
          await engine.device.gpu.queue.onSubmittedWorkDone();
        },
        async result() {
          engine.run(copying);
          return await engine.read(kept.result) as Float32Array;
        },
        release() {
          engine.release([x, y, kept.result].map(({ slot }) => slot));
        },
      };
    },
  };
}

function compute(problem: Problem, a: Tensor, b: Tensor): Tensor {
  if (problem.kind === "matmul") return matmul(a, b, problem.layout);
  return problem.kind === "softmax" ? softmax(a) : rmsNorm(a, b, EPS);
}

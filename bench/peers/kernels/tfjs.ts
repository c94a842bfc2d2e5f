import { loadPackage, packageTitle } from "../packages.ts";
import type { Peer } from "./peer.ts";
import { EPS, type Problem, shapesOf } from "./problem.ts";

interface Tensor {
  data(): Promise<Float32Array>;
  dispose(): void;
}

/** What is used of tfjs. */
interface Tfjs {
  setBackend(name: "webgpu"): Promise<boolean>;
  ready(): Promise<void>;
  backend(): Backend;
  tidy(f: () => Tensor): Tensor;
  tensor(values: Float32Array, shape: readonly number[]): Tensor;
  matMul(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor;
  softmax(x: Tensor): Tensor;
  square(x: Tensor): Tensor;
  mean(x: Tensor, axis: number, keepDims: boolean): Tensor;
  add(x: Tensor, y: number): Tensor;
  rsqrt(x: Tensor): Tensor;
  mul(x: Tensor, y: Tensor): Tensor;
}

/** Its queue is filled by hand: it only submits what was encoded when somebody reads. */
interface Backend {
  readonly queue: GPUQueue;
  /** Null where it has just submitted by itself, as it does every 15 dispatches. */
  readonly commandEncoder: GPUCommandEncoder | null;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/** tfjs on its WebGPU backend. */
export async function tfjsPeer(): Promise<Peer> {
  const tf = await loadPackage<Tfjs>("tfjs");
  await loadPackage("tfjsWebGpu");
  if (!await tf.setBackend("webgpu")) throw new TypeError("tfjs found no WebGPU");
  await tf.ready();
  const backend = tf.backend();
  return {
    title: packageTitle("tfjs"),
    kind: "webgpu",
    prepare(problem, inputs) {
      const shapes = shapesOf(problem), a = tf.tensor(inputs.a, shapes.a), b = tf.tensor(inputs.b, shapes.b);
      let last: Tensor | undefined;
      return Promise.resolve({
        async run(times) {
          last?.dispose();
          const results = Array.from({ length: times }, () => tf.tidy(() => formula(tf, problem, a, b)));
          // Without an end of the pass the submission is invalid, and nothing runs: silently and very fast.
          backend.endComputePassEncoder();
          if (backend.commandEncoder) backend.submitQueue();
          await backend.queue.onSubmittedWorkDone();
          last = results.pop();
          for (const result of results) result.dispose();
        },
        result: () => last!.data(),
        release() {
          for (const x of [a, b, last]) x?.dispose();
        },
      });
    },
  };
}

function formula(tf: Tfjs, problem: Problem, a: Tensor, b: Tensor): Tensor {
  if (problem.kind === "matmul") return tf.matMul(a, b, problem.layout === "TN", problem.layout === "NT");
  if (problem.kind === "softmax") return tf.softmax(a);
  return tf.mul(tf.mul(a, tf.rsqrt(tf.add(tf.mean(tf.square(a), -1, true), EPS))), b);
}

import { inputNames, onnxModel } from "./onnx_model.ts";
import { loadPackage, packageTitle } from "../packages.ts";
import type { Peer } from "./peer.ts";
import { shapesOf } from "./problem.ts";

interface Tensor {
  readonly data: Float32Array;
  getData(): Promise<Float32Array>;
  dispose(): void;
}

interface Session {
  run(feeds: Readonly<Record<string, Tensor>>): Promise<{ readonly c: Tensor }>;
  release(): Promise<void>;
}

/** What is used of either package. */
interface Onnx {
  readonly env: {
    logLevel: string;
    readonly wasm: { numThreads: number };
    readonly webgpu: { readonly device: Promise<GPUDevice> };
  };
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
  readonly Tensor: {
    new (type: "float32", data: Float32Array, shape: readonly number[]): Tensor;
    fromGpuBuffer(buffer: GPUBuffer, options: { dataType: "float32"; dims: readonly number[] }): Tensor;
  };
}

/** onnxruntime-web on WebGPU; inputs and results stay on the device. */
export async function onnxWebPeer(): Promise<Peer> {
  const onnx = await loadPackage<Onnx>("onnxWeb");
  onnx.env.logLevel = "error";
  onnx.env.wasm.numThreads = 1; // the host's part; more need workers
  return {
    title: packageTitle("onnxWeb"),
    kind: "webgpu",
    async prepare(problem, inputs) {
      const session = await onnx.InferenceSession.create(onnxModel(problem), {
        executionProviders: ["webgpu"],
        preferredOutputLocation: "gpu-buffer",
      });
      const device = await onnx.env.webgpu.device, shapes = shapesOf(problem);
      const buffers = inputNames(problem).map((name) => {
        const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
        const buffer = device.createBuffer({ label: name, size: inputs[name].byteLength, usage });
        device.queue.writeBuffer(buffer, 0, inputs[name] as Float32Array<ArrayBuffer>);
        const tensor = onnx.Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims: shapes[name] });
        return { name, buffer, tensor };
      });
      const feeds = Object.fromEntries(buffers.map(({ name, tensor }) => [name, tensor]));
      let last: Tensor | undefined;
      return {
        async run(times) {
          for (let i = 0; i < times; i++) {
            last?.dispose();
            last = (await session.run(feeds)).c;
          }
          await device.queue.onSubmittedWorkDone();
        },
        result: () => last!.getData(),
        release() {
          void session.release();
          for (const { buffer } of buffers) buffer.destroy();
        },
      };
    },
  };
}

/** onnxruntime-node: the processor's own instructions on all its cores, which no shader on it can beat. */
export async function onnxNodePeer(): Promise<Peer> {
  const { default: onnx } = await loadPackage<{ default: Onnx }>("onnxNode");
  return {
    title: packageTitle("onnxNode"),
    kind: "cpu",
    async prepare(problem, inputs) {
      // Threads that spin between runs would take the cores from whoever has the next turn.
      const session = await onnx.InferenceSession.create(onnxModel(problem), {
        extra: { session: { intra_op: { allow_spinning: "0" } } },
      });
      const shapes = shapesOf(problem);
      const feeds = Object.fromEntries(
        inputNames(problem).map((name) => [name, new onnx.Tensor("float32", inputs[name], shapes[name])]),
      );
      let last: Tensor | undefined;
      return {
        async run(times) {
          for (let i = 0; i < times; i++) last = (await session.run(feeds)).c;
        },
        result: () => Promise.resolve(last!.data),
        release: () => void session.release(),
      };
    },
  };
}

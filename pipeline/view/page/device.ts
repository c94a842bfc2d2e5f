/** The visitor's own WebGPU: runs the WGSL of a recorded dispatch on its recorded inputs. */
import type { RecordedDispatch, RecordedKernel, RecordedTensor, Recording } from "../recording.ts";
import type { Opened, Values } from "./data.ts";

/** An open device, or why there is none. */
export type Access = { readonly device: GPUDevice; readonly name: string } | { readonly absent: string };

/** What a line of WGSL has wrong. Lines and columns count from 1. */
export interface Fault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** What became of a run. */
export type Outcome =
  | { readonly kind: "faults"; readonly faults: readonly Fault[] }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "ran"; readonly milliseconds: number; readonly outputs: readonly Output[] };

/** A tensor that the kernel wrote. */
export interface Output {
  readonly tensor: RecordedTensor;
  readonly values: Values;
}

let access: Promise<Access> | undefined;

/** The device of the page, asked for once. */
export const openAccess = ({ about }: Recording): Promise<Access> => access ??= request(about.subgroupSize);

async function request(subgroupSize: number): Promise<Access> {
  if (!navigator.gpu) {
    return {
      absent:
        "This browser has no WebGPU here (it needs a recent browser, and a page from a file, https or this machine).",
    };
  }
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) return { absent: "This browser has WebGPU but found no adapter." };
  const { description, vendor, architecture, subgroupMinSize, subgroupMaxSize } = adapter.info;
  if (subgroupSize > 0 && (subgroupMinSize !== subgroupSize || subgroupMaxSize !== subgroupSize)) {
    return {
      absent:
        `The kernels were recorded for subgroups of ${subgroupSize} lanes and this adapter's have ${subgroupMinSize} to ` +
        `${subgroupMaxSize}; a page recorded without --subgroups runs everywhere.`,
    };
  }
  try {
    const device = await adapter.requestDevice({ requiredFeatures: subgroupSize > 0 ? ["subgroups"] : [] });
    device.lost.then(() => access = undefined);
    return {
      device,
      name: description || [vendor, architecture].filter(Boolean).join(" ") || "an adapter without a name",
    };
  } catch (error) {
    return { absent: `The adapter refused a device: ${(error as Error).message}` };
  }
}

/** Runs a text of WGSL as the kernel of a recorded dispatch. What the text has wrong is told by its line. */
export async function runKernel(
  device: GPUDevice,
  opened: Opened,
  dispatch: RecordedDispatch,
  kernel: RecordedKernel,
  code: string,
): Promise<Outcome> {
  const small = tooSmall(device, dispatch, kernel);
  if (small) return { kind: "refused", reason: small };
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ code }), { messages } = await module.getCompilationInfo();
  const faults = messages.filter(({ type }) => type === "error").map(({ lineNum, linePos, message }) => ({
    ...{ line: lineNum, column: linePos, message },
  }));
  const buffers: GPUBuffer[] = [];
  const make = (size: number, usage: number) => {
    const buffer = device.createBuffer({ size, usage });
    buffers.push(buffer);
    return buffer;
  };
  try {
    if (faults.length > 0) {
      await device.popErrorScope();
      return { kind: "faults", faults };
    }
    const bound = new Map<string, GPUBuffer>();
    for (const tensor of dispatch.tensors) {
      const size = Math.max(16, Math.ceil(bytesOf(dispatch, tensor) / 16) * 16);
      const buffer = make(size, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST);
      if (tensor.before !== undefined) {
        device.queue.writeBuffer(buffer, 0, padded(opened.values(tensor.before)));
      }
      bound.set(tensor.name, buffer);
    }
    const params = make(256, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    device.queue.writeBuffer(params, 0, packed(dispatch, kernel));
    const pipeline = device.createComputePipeline({
      layout: "auto",
      compute: { module, entryPoint: "main" },
    });
    const group = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: kernel.bindings.map(({ name, index, access }) => ({
        binding: index,
        resource: { buffer: access === "uniform" ? params : bound.get(name)! },
      })),
    });
    const encoder = device.createCommandEncoder(), pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(...dispatch.grid);
    pass.end();
    const written = dispatch.tensors.filter(({ write }) => write).map((tensor) => {
      const from = bound.get(tensor.name)!,
        to = make(from.size, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
      encoder.copyBufferToBuffer(from, 0, to, 0, from.size);
      return { tensor, to };
    });
    const started = performance.now();
    device.queue.submit([encoder.finish()]);
    const error = await device.popErrorScope();
    if (error) return { kind: "refused", reason: error.message };
    await Promise.all(written.map(({ to }) => to.mapAsync(GPUMapMode.READ)));
    const milliseconds = performance.now() - started;
    const outputs = written.map(({ tensor, to }) => {
      const Kind = { f32: Float32Array, u32: Uint32Array, bf16: Uint16Array }[tensor.dtype];
      return { tensor, values: new Kind(to.getMappedRange().slice(0, bytesOf(dispatch, tensor))) };
    });
    return { kind: "ran", milliseconds, outputs };
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}

/** What the device lacks for a dispatch, if anything. */
function tooSmall(
  { limits }: GPUDevice,
  dispatch: RecordedDispatch,
  { bindings }: RecordedKernel,
): string | undefined {
  const storage = bindings.filter(({ access }) => access !== "uniform").length;
  const largest = Math.max(...dispatch.tensors.map((tensor) => bytesOf(dispatch, tensor)));
  if (storage > limits.maxStorageBuffersPerShaderStage) {
    return `The kernel binds ${storage} buffers and this adapter allows ${limits.maxStorageBuffersPerShaderStage}.`;
  }
  if (largest > limits.maxStorageBufferBindingSize) {
    return `A tensor has ${largest} bytes and this adapter binds ${limits.maxStorageBufferBindingSize}.`;
  }
  return undefined;
}

function bytesOf({ sample }: RecordedDispatch, { shape, dtype }: RecordedTensor): number {
  const count = shape.reduce((product, length) => product * length, 1);
  return Math.min(count, sample?.elements ?? count) * (dtype === "bf16" ? 2 : 4);
}

/** Copies go by whole words. */
function padded(values: Values): Values {
  return values instanceof Uint16Array && values.length % 2 === 1
    ? Uint16Array.from({ length: values.length + 1 }, (_, i) => values[i] ?? 0)
    : values;
}

/** The scalars of a dispatch as its kernel declares them; a sample ends where its elements do. */
function packed({ params, sample }: RecordedDispatch, kernel: RecordedKernel): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(kernel.params.length || 1), floats = new Float32Array(words.buffer);
  kernel.params.forEach(({ name, type }, i) => {
    const value = name === "count" && sample ? sample.count : params[name]!;
    if (type === "f32") floats[i] = value;
    else words[i] = value;
  });
  return words;
}

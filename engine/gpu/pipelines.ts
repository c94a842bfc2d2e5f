import { DeviceError } from "../core/errors.ts";
import { emit } from "../core/events.ts";
import type { Device } from "./device.ts";

/** A compute shader: its text, the name of its file for messages, and the buffers it binds in group 0. */
export interface Shader {
  readonly file: string;
  readonly code: string;
  readonly bindings: readonly {
    readonly index: number;
    readonly access: "read" | "read_write" | "uniform";
  }[];
}

const BUFFER_TYPE = { read: "read-only-storage", read_write: "storage", uniform: "uniform" } as const;

/**
 * Dawn requires the first, naga refuses it. Dawn's analysis also takes rows of `local / LANES` for different within a
 * subgroup; they are not where lanes are in order, which lanes.ts asks. On the first line, so that numbers stay the file's.
 */
const DAWN_DIRECTIVES = "enable subgroups; diagnostic(off, subgroup_uniformity); ";

const pipelines = new WeakMap<Device, Map<string, Promise<GPUComputePipeline>>>();

/**
 * The only creator of pipelines; each text is compiled once per device. An invalid shader does not throw in Deno and
 * its dispatches write zeros, so creation stands in an error scope.
 * Throws DeviceError with the compiler's message, `file:line:column` first.
 */
export function pipeline(device: Device, shader: Shader): Promise<GPUComputePipeline> {
  let cache = pipelines.get(device);
  if (!cache) pipelines.set(device, cache = new Map());
  let created = cache.get(shader.code);
  if (!created) cache.set(shader.code, created = create(device, shader));
  return created;
}

async function create(device: Device, { file, code, bindings }: Shader): Promise<GPUComputePipeline> {
  const started = performance.now();
  const text = code.includes("subgroup") && !("Deno" in globalThis) ? DAWN_DIRECTIVES + code : code;
  device.given(`compiling ${file}`); // a driver may hang or lose the device over it
  const { pipeline, error } = await device.wait(async () => {
    device.gpu.pushErrorScope("validation");
    const module = device.gpu.createShaderModule({ label: file, code: text });
    // An explicit layout: "auto" drops bindings that a variant does not use.
    const group = device.gpu.createBindGroupLayout({
      label: file,
      entries: bindings.map(({ index, access }) => ({
        binding: index,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: BUFFER_TYPE[access] },
      })),
    });
    const layout = device.gpu.createPipelineLayout({ label: file, bindGroupLayouts: [group] });
    const pipeline = device.gpu.createComputePipeline({
      label: file,
      layout,
      compute: { module, entryPoint: "main" },
    });
    return { pipeline, error: await device.gpu.popErrorScope() };
  });
  if (error) {
    const position = /:(\d+):(\d+)/.exec(error.message);
    const where = position ? `${file}:${position[1]}:${position[2]}` : file;
    throw new DeviceError(`Cannot compile ${where}: ${error.message.trim()}`);
  }
  emit({ kind: "pipeline", file, milliseconds: performance.now() - started });
  return pipeline;
}

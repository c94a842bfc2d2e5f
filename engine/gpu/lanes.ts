import { allocate, free } from "./buffers.ts";
import type { Device } from "./device.ts";
import { pipeline, type Shader } from "./pipelines.ts";
import { readBack } from "./transfer.ts";
import code from "./lanes.wgsl" with { type: "text" };

const SHADER: Shader = { file: "gpu/lanes.wgsl", code, bindings: [{ index: 0, access: "read_write" }] };
/** Invocations of the workgroup, as many as WebGPU allows everywhere. */
const INVOCATIONS = 256;

/**
 * True where invocation `i` of each workgroup is lane `i % subgroupSize` of a subgroup whose lanes are neighbours. All
 * drivers known do so and kernels rely on it, but WGSL does not promise it: so the device is asked.
 */
export async function lanesInOrder(device: Device): Promise<boolean> {
  const compiled = await pipeline(device, SHADER), places = await allocate(device, "lanes", 16 * INVOCATIONS);
  const bindGroup = device.gpu.createBindGroup({
    label: SHADER.file,
    layout: compiled.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer: places } }],
  });
  const encoder = device.gpu.createCommandEncoder(), pass = encoder.beginComputePass();
  pass.setPipeline(compiled);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(1);
  pass.end();
  device.gpu.queue.submit([encoder.finish()]);
  const words = new Uint32Array(await readBack(device, places, 0, 16 * INVOCATIONS));
  free(places);
  return inOrder(words, device.subgroupSize);
}

/** The answer of {@link lanesInOrder}, from the four words of each invocation that lanes.wgsl wrote. */
export function inOrder(words: Uint32Array, size: number): boolean {
  return words.every((word, i) => {
    const local = Math.floor(i / 4), lane = local % size;
    return word === [lane, size, local - lane, local - lane + size - 1][i % 4];
  });
}

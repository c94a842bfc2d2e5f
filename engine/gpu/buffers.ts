import { DeviceError } from "../core/errors.ts";
import { emit } from "../core/events.ts";
import { roundUp } from "../core/shape.ts";
import type { Device } from "./device.ts";

/** Buffers and offsets into them keep this alignment, which satisfies every adapter's binding offset limit. */
export const ALIGNMENT = 256;

export const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/**
 * The only function that allocates device memory. Sizes are rounded up to {@link ALIGNMENT}; contents are zero.
 *
 * @param need what all of it is for and how much that is, for the error
 * @throws DeviceError when the device cannot hold the buffer
 */
export async function allocate(
  device: Device,
  label: string,
  bytes: number,
  usage: GPUBufferUsageFlags = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  need?: string,
): Promise<GPUBuffer> {
  const size = Math.max(ALIGNMENT, roundUp(bytes, ALIGNMENT));
  const limit = device.gpu.limits.maxBufferSize;
  const refuse = (reason: string) => {
    const cure = "use a smaller micro-batch or a shorter max_length";
    throw new DeviceError(`Cannot allocate ${label} as ${reason}; ${need ? `${need}; ` : ""}${cure}`);
  };
  if (size > limit) {
    refuse(`it needs ${mebibytes(size)} and this device's largest buffer is ${mebibytes(limit)}`);
  }
  device.gpu.pushErrorScope("out-of-memory");
  const buffer = device.gpu.createBuffer({ label, size, usage });
  const error = await device.gpu.popErrorScope();
  device.check();
  if (error) refuse(`the device has no ${mebibytes(size)} left: ${error.message}`);
  emit({ kind: "allocate", label, bytes: size });
  return buffer;
}

/** Gives a buffer back. */
export function free(buffer: GPUBuffer): void {
  emit({ kind: "free", label: buffer.label, bytes: buffer.size });
  buffer.destroy();
}

import { DeviceError } from "../core/errors.ts";
import { emit } from "../core/events.ts";
import { roundUp } from "../core/shape.ts";
import type { Device } from "./device.ts";

/** writeBuffer stages a copy of what it is given: pieces keep that copy small. */
const PIECE_BYTES = 64 * 2 ** 20;

/** An array whose last word is whole, as copies go by words; what fills it up lies beyond the end of the tensor. */
function wholeWords<T extends Float32Array | Uint32Array | Uint16Array>(data: T): T | Uint16Array {
  return data.byteLength % 4 === 0
    ? data
    : Uint16Array.from({ length: data.length + 1 }, (_, i) => data[i] ?? 0);
}

/** The only function that uploads: copies `values` into `buffer` from byte `offset`, in order with submitted work. */
export function upload(
  device: Device,
  buffer: GPUBuffer,
  offset: number,
  values: Float32Array | Uint32Array | Uint16Array,
): void {
  const data = wholeWords(values);
  const pieceLength = PIECE_BYTES / data.BYTES_PER_ELEMENT;
  for (let start = 0; start < data.length; start += pieceLength) {
    const length = Math.min(pieceLength, data.length - start);
    device.gpu.queue.writeBuffer(
      buffer,
      offset + start * data.BYTES_PER_ELEMENT,
      data as BufferSource & typeof data,
      start,
      length,
    );
  }
  emit({ kind: "upload", label: buffer.label, bytes: data.byteLength });
}

/** Reads of up to this many bytes, such as the metrics of every step, share staging buffers that stay. */
const SMALL_BYTES = 2 ** 16;
const idle = new WeakMap<Device, GPUBuffer[]>();

function stagingBuffer(device: Device, bytes: number): GPUBuffer {
  const size = Math.max(SMALL_BYTES, Math.min(PIECE_BYTES, roundUp(bytes, 4)));
  if (!idle.has(device)) idle.set(device, []);
  const kept = size === SMALL_BYTES ? idle.get(device)!.pop() : undefined;
  return kept ??
    device.gpu.createBuffer({
      label: "read back",
      size,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    });
}

/**
 * The only function that reads back: `bytes` bytes of `buffer` from `offset`, after all submitted work.
 * Throws DeviceError when the device failed meanwhile, so that no wrong value is ever used.
 */
export async function readBack(
  device: Device,
  buffer: GPUBuffer,
  offset: number,
  bytes: number,
): Promise<ArrayBuffer> {
  const result = new Uint8Array(bytes), staging = stagingBuffer(device, bytes), size = staging.size;
  let whole = false;
  try {
    for (let start = 0; start < bytes; start += size) {
      const length = Math.min(size, bytes - start);
      const encoder = device.gpu.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, offset + start, staging, 0, roundUp(length, 4));
      try {
        await device.wait(() => {
          device.gpu.queue.submit([encoder.finish()]);
          return staging.mapAsync(GPUMapMode.READ);
        });
      } catch (cause) {
        // The loss of a device is told one task after the mapping failed of it.
        await new Promise((resolve) => setTimeout(resolve));
        device.check();
        throw new DeviceError(
          `Cannot read ${buffer.label} back from the device: ${(cause as Error).message}`,
        );
      }
      result.set(new Uint8Array(staging.getMappedRange(0, roundUp(length, 4)), 0, length), start);
      staging.unmap();
    }
    whole = true;
  } finally {
    if (whole && size === SMALL_BYTES) idle.get(device)!.push(staging);
    else staging.destroy();
  }
  device.check();
  emit({ kind: "read", label: buffer.label, bytes });
  return result.buffer;
}

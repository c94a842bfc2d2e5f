import { DeviceError } from "../core/errors.ts";
import { allocate, free } from "./buffers.ts";
import type { Device } from "./device.ts";
import { readBack } from "./transfer.ts";

/** Passes that one query set times: WebGPU allows it 4096 queries, and a pass takes two. */
const PASSES = 2048;
/** Bytes of the two times of a pass, nanoseconds as u64. */
const PASS_BYTES = 16;

/** Times compute passes on the device's own clock; made once, used for any number of submissions. */
export interface Stopwatch {
  /** What pass `index` is begun with. */
  pass(index: number): GPUComputePassTimestampWrites;
  /** Encodes the copy of all times, after the last pass. */
  resolve(encoder: GPUCommandEncoder): void;
  /** Milliseconds of each pass of the latest submission. */
  read(): Promise<Float64Array>;
  destroy(): void;
}

/** A stopwatch for `passes` passes. Throws DeviceError where the adapter has no timestamp queries. */
export async function createStopwatch(device: Device, passes: number): Promise<Stopwatch> {
  if (!device.timestamps) {
    throw new DeviceError(
      `Cannot time dispatches as the GPU "${device.info.description}" offers no timestamp queries; use TRACE=1`,
    );
  }
  const buffer = await allocate(
    device,
    "timestamps",
    passes * PASS_BYTES,
    GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
  );
  const sets = Array.from({ length: Math.ceil(passes / PASSES) }, (_, chunk) =>
    device.gpu.createQuerySet({
      label: "timestamps",
      type: "timestamp",
      count: 2 * Math.min(PASSES, passes - chunk * PASSES),
    }));
  return {
    pass(index) {
      const first = 2 * (index % PASSES);
      return {
        querySet: sets[Math.floor(index / PASSES)]!,
        beginningOfPassWriteIndex: first,
        endOfPassWriteIndex: first + 1,
      };
    },
    resolve: (encoder) =>
      sets.forEach((set, chunk) =>
        encoder.resolveQuerySet(set, 0, set.count, buffer, chunk * PASSES * PASS_BYTES)
      ),
    async read() {
      const times = new BigUint64Array(await readBack(device, buffer, 0, passes * PASS_BYTES));
      return Float64Array.from(
        { length: passes },
        (_, i) => Number(times[2 * i + 1]! - times[2 * i]!) / 1e6,
      );
    },
    destroy() {
      for (const set of sets) set.destroy();
      free(buffer);
    },
  };
}

import { type HostArray, hostArray } from "../core/dtype.ts";
import { roundUp } from "../core/shape.ts";
import { allocate, free } from "../gpu/buffers.ts";
import type { Device } from "../gpu/device.ts";
import { readBack } from "../gpu/transfer.ts";
import type { Prepared } from "./prepared.ts";
import type { Dispatch } from "./program.ts";
import { byteLength, byteOffset, type Tensor } from "./tensor.ts";

/** Keeps tensors of a run as they stand right after a dispatch; made once, used for any number of runs. */
export interface Tap {
  /** Encodes the copies that follow a dispatch. */
  after(encoder: GPUCommandEncoder, index: number): void;
  /** What the latest submission kept: for each dispatch the values of the tensors that were wanted after it. */
  read(): Promise<HostArray[][]>;
  destroy(): void;
}

/** Tensors to keep after a dispatch, temporaries too: they stand from the first dispatch that writes them to the last that reads. */
export type Wanted = (dispatch: Dispatch, index: number) => readonly Tensor[];

/** A tap on a prepared Program. All that is kept stands in one buffer of its own. */
export async function createTap(
  device: Device,
  { program, regions }: Prepared,
  wanted: Wanted,
): Promise<Tap> {
  let bytes = 0;
  const kept = program.dispatches.map((dispatch, index) =>
    wanted(dispatch, index).map((tensor) => {
      const start = bytes, { buffer, offset } = regions.get(tensor.slot)!;
      const length = roundUp(byteLength(tensor), 4); // copies go by words
      bytes += length;
      return { tensor, buffer, from: offset + byteOffset(tensor), start, length };
    })
  );
  const own = await allocate(device, "tap", bytes, GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST);
  return {
    after(encoder, index) {
      for (const { buffer, from, start, length } of kept[index]!) {
        encoder.copyBufferToBuffer(buffer, from, own, start, length);
      }
    },
    async read() {
      const all = bytes === 0 ? new ArrayBuffer(0) : await readBack(device, own, 0, bytes);
      return kept.map((tensors) =>
        tensors.map(({ tensor, start }) =>
          hostArray(tensor.dtype, all.slice(start, start + byteLength(tensor)))
        )
      );
    },
    destroy: () => free(own),
  };
}

/** Runs a prepared step once and keeps what its dispatches read and write. */
import {
  accesses,
  type Dispatch,
  type Engine,
  type HostArray,
  type Prepared,
  statisticsOf,
  type Tensor,
  watchDispatches,
} from "../../../engine/mod.ts";
import type { RecordedTensor } from "../recording.ts";
import { type Kept, type KeptBlocks, keptOf } from "./kept.ts";
import { numbers, pictureOf, rowsAndColumns, sampledRows } from "./picture.ts";
import type { ValueStore } from "./values.ts";

/** What a dispatch left: of each binding its values or its picture, and what of it is kept. */
export interface Observed {
  readonly kept: Kept | undefined;
  readonly tensors: readonly Pick<RecordedTensor, "before" | "after" | "statistics" | "picture">[];
}

/** A tensor to read, with who is to have it. */
interface Reading {
  readonly tensor: Tensor;
  readonly give: (values: HostArray) => void;
}

/**
 * Runs the step as it is planned, on shared buffers: what is read right after a dispatch is what it wrote, and what the
 * next one finds.
 *
 * @returns for each dispatch what stands in its bindings, in the order of {@link accesses}
 */
export async function observe(
  engine: Engine,
  prepared: Prepared,
  blocks: KeptBlocks,
  store: ValueStore,
): Promise<Observed[]> {
  const { dispatches, lifetimes } = prepared.program;
  const kept = dispatches.map((dispatch) => keptOf(dispatch, blocks));
  const befores = dispatches.map(() => new Map<string, HostArray>());
  const afters = dispatches.map(() => new Map<string, HostArray[]>());
  /** What a dispatch that can run again finds: all that it reads, and what it writes into. */
  const found = (index: number): Reading[] => {
    const own = kept[index];
    return !own ? [] : accesses(dispatches[index]!).flatMap(({ name, tensor: { slot } }) => {
      const isThere = slot.role !== "temporary" || lifetimes.get(slot)!.first < index;
      const give = (values: HostArray) => void befores[index]!.set(name, values);
      return isThere ? [{ tensor: own.tensors[name]!, give }] : [];
    });
  };
  const left = (dispatch: Dispatch, index: number): Reading[] =>
    accesses(dispatch).filter(({ write }) => write).flatMap(({ name, tensor }) => {
      const pieces: HostArray[] = [], own = kept[index];
      afters[index]!.set(name, pieces);
      const parts = own ? [own.tensors[name]!] : sampledRows(tensor).parts;
      return parts.map((tensor) => ({ tensor, give: (values: HostArray) => void pieces.push(values) }));
    });
  for (const { tensor, give } of found(0)) give(await engine.read(tensor));
  const readings = dispatches.map((dispatch, index) => [
    ...left(dispatch, index),
    ...index + 1 < dispatches.length ? found(index + 1) : [],
  ]);
  const read = await watchDispatches(engine, prepared, (_, index) => readings[index]!.map((r) => r.tensor));
  read.forEach((values, index) => values.forEach((array, i) => readings[index]![i]!.give(array)));

  return dispatches.map((dispatch, index): Observed => ({
    kept: kept[index],
    tensors: accesses(dispatch).map(({ name, tensor, write }) => {
      const before = befores[index]!.get(name), pieces = afters[index]!.get(name);
      return {
        ...before && { before: store.add(tensor.dtype, before) },
        ...write && pieces && told(tensor, pieces, kept[index] !== undefined, store),
      };
    }),
  }));
}

/** What a dispatch wrote: in numbers, and as values or as a picture. */
function told(
  tensor: Tensor,
  pieces: readonly HostArray[],
  kept: boolean,
  store: ValueStore,
): Pick<RecordedTensor, "after" | "statistics" | "picture"> {
  const values = pieces.map((piece) => numbers(tensor.dtype, piece)), statistics = statisticsOf(values);
  if (kept) return { statistics, after: store.add(tensor.dtype, pieces[0]!) };
  const [rows, columns] = rowsAndColumns(tensor.shape), { every } = sampledRows(tensor);
  const given: [number, number] = every === 1 ? [rows, columns] : [values.length, values[0]!.length];
  const flat = values.length === 1 ? values[0]! : values.flatMap((piece) => [...piece]);
  return { statistics, picture: pictureOf(flat, given, every, store) };
}

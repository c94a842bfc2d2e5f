/** One level of the graph: what stands under a path of the model, forth and back, and what flows between. */
import type { RecordedDispatch } from "../recording.ts";
import type { Flow, Place } from "./step.ts";

/** A box of the graph: the dispatches of one part of the model in one direction, or a single dispatch. */
export interface Box {
  readonly name: string;
  readonly backward: boolean;
  /** In the order in which they run. */
  readonly dispatches: readonly number[];
  /** Whether it can be opened: it holds parts, or more than one dispatch. */
  readonly opens: boolean;
}

/** Boxes of a level, and how many tensors flow from one to another. */
export interface Level {
  readonly boxes: readonly Box[];
  readonly edges: readonly { readonly from: number; readonly to: number; readonly tensors: number }[];
}

/**
 * The level under a path.
 *
 * @param path names from the model inwards; [] is the whole step
 */
export function levelAt(
  path: readonly string[],
  dispatches: readonly RecordedDispatch[],
  places: readonly Place[],
  flow: Flow,
): Level {
  const boxes: { name: string; backward: boolean; dispatches: number[]; opens: boolean }[] = [];
  const boxOf = new Map<number, number>();
  places.forEach(({ path: own, backward }, index) => {
    if (!path.every((name, i) => own[i] === name)) return;
    const inner = own[path.length], name = inner ?? dispatches[index]!.op;
    let at = inner === undefined
      ? -1
      : boxes.findIndex((box) => box.opens && box.name === inner && box.backward === backward);
    if (at < 0) at = boxes.push({ name, backward, dispatches: [], opens: inner !== undefined }) - 1;
    boxes[at]!.dispatches.push(index);
    boxOf.set(index, at);
  });
  const counts = new Map<string, number>();
  for (const [index, to] of boxOf) {
    for (const tensor of dispatches[index]!.tensors) {
      const maker = flow.maker(index, tensor), from = maker === undefined ? undefined : boxOf.get(maker);
      if (from === undefined || from === to) continue;
      counts.set(`${from} ${to}`, (counts.get(`${from} ${to}`) ?? 0) + 1);
    }
  }
  const edges = [...counts].map(([key, tensors]) => {
    const [from, to] = key.split(" ").map(Number) as [number, number];
    return { from, to, tensors };
  });
  return { boxes, edges };
}

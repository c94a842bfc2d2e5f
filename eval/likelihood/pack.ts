import { PRODUCT_STEPS, sizeFor } from "./limits.ts";
import type { Batch, Plan } from "./plan.ts";
import type { Sequence } from "./request.ts";

/** A batch as one row of tokens, in which sequences that begin alike share columns. */
export interface Packed {
  /** Token of each column. */
  readonly ids: readonly number[];
  /** Position of each column in its sequence. */
  readonly positions: readonly number[];
  readonly stretches: readonly Stretch[];
  readonly rows: readonly ScoredRow[];
}

/** Neighbouring queries of one sequence. */
export interface Stretch {
  /** Columns of its sequence from the first on; a query sees those up to its own. */
  readonly path: readonly number[];
  /** Positions `start` to `end` are its queries. */
  readonly start: number;
  readonly end: number;
}

/** A column whose logits are looked at. */
export interface ScoredRow {
  readonly column: number;
  /** Tokens whose probability is wanted here, {@link TARGETS} at most. */
  readonly targets: readonly number[];
  /** Which sequences want which of the targets, all by index. */
  readonly asked: readonly { readonly sequence: number; readonly target: number }[];
}

/** Targets of one row of logits; a column with more is looked at by several rows. */
export const TARGETS = 8;

/** Sizes of the Program that computes a packed row: columns, stretches, queries and keys of a stretch. */
export interface PackedShape {
  readonly N: number;
  readonly A: number;
  readonly T: number;
  readonly S: number;
}

/** Lays a batch out. */
export function pack(sequences: readonly Sequence[], plan: Plan, { start, end }: Batch): Packed {
  const ids: number[] = [], positions: number[] = [], stretches: Stretch[] = [];
  const rows: { column: number; targets: number[]; asked: { sequence: number; target: number }[] }[] = [];
  const rowsAt = new Map<number, typeof rows>();
  let path: number[] = [];
  for (let at = start; at < end; at++) {
    const index = plan.order[at]!, sequence = sequences[index]!;
    const known = at === start ? 0 : plan.shared[at]!;
    path = path.slice(0, known);
    for (let position = known; position < sequence.ids.length; position++) {
      path.push(ids.length);
      ids.push(sequence.ids[position]!);
      positions.push(position);
    }
    for (let first = known; first < path.length; first += plan.stretch) {
      stretches.push({ path, start: first, end: Math.min(path.length, first + plan.stretch) });
    }
    const scored = path.slice(path.length - sequence.targets.length);
    scored.forEach((column, i) => {
      const token = sequence.targets[i]!, here = rowsAt.get(column) ?? [];
      rowsAt.set(column, here);
      let row = here.find(({ targets }) => targets.includes(token) || targets.length < TARGETS);
      if (!row) {
        row = { column, targets: [], asked: [] };
        here.push(row);
        rows.push(row);
      }
      if (!row.targets.includes(token)) row.targets.push(token);
      row.asked.push({ sequence: index, target: row.targets.indexOf(token) });
    });
  }
  return { ids, positions, stretches, rows };
}

/** Sizes of the Program for a packed row. */
export function shapeOf({ ids, stretches }: Packed, { stretch }: Plan): PackedShape {
  return {
    N: sizeFor(ids.length, PRODUCT_STEPS),
    A: sizeFor(stretches.length),
    T: stretch,
    S: sizeFor(stretches.reduce((most, { path }) => Math.max(most, path.length), 1)),
  };
}

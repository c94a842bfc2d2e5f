import { roundUp } from "../core/shape.ts";
import { ALIGNMENT } from "../gpu/buffers.ts";
import type { Program } from "./program.ts";
import type { Role, Slot } from "./tensor.ts";

/** Where the temporaries of a Program go: pooled buffers, each shared by slots whose lifetimes do not meet. */
export interface Plan {
  /** Index of the pooled buffer of each temporary. */
  readonly buffers: ReadonlyMap<Slot, number>;
  /** Bytes of each pooled buffer. */
  readonly sizes: readonly number[];
}

/**
 * Gives temporaries to pooled buffers, in order of first use. Whole buffers are shared, never ranges of one: a buffer
 * bound for reading and for writing in one dispatch is an error in WebGPU even where the ranges are disjoint.
 *
 * Among free buffers the smallest that is large enough is taken, else the largest is enlarged (if it is new) so that
 * the pool stays small. Buffers of `existing` belong to earlier plans: reused, but of fixed size.
 */
export function plan(program: Program, existing: readonly number[] = []): Plan {
  const sizes = [...existing];
  const buffers = new Map<Slot, number>();
  const free = new Set(sizes.keys());
  const byFirst = [...program.lifetimes].filter(([slot]) => slot.role === "temporary").sort((a, b) =>
    a[1].first - b[1].first
  );
  const expiring: [Slot, number][] = [];
  for (const [slot, { first, last }] of byFirst) {
    for (let i = expiring.length - 1; i >= 0; i--) {
      const [done, end] = expiring[i]!;
      if (end < first) {
        free.add(buffers.get(done)!);
        expiring.splice(i, 1);
      }
    }
    const bytes = roundUp(slot.bytes, ALIGNMENT);
    const index = choose(bytes, sizes, free, existing.length);
    free.delete(index);
    sizes[index] = Math.max(sizes[index] ?? 0, bytes);
    buffers.set(slot, index);
    expiring.push([slot, last]);
  }
  return { buffers, sizes };
}

function choose(bytes: number, sizes: readonly number[], free: ReadonlySet<number>, fixed: number): number {
  let fits: number | undefined, largest: number | undefined;
  for (const index of free) {
    const size = sizes[index]!;
    if (size >= bytes && (fits === undefined || size < sizes[fits]!)) fits = index;
    if (index >= fixed && (largest === undefined || size > sizes[largest]!)) largest = index;
  }
  return fits ?? largest ?? sizes.length;
}

/** Bytes by role: persistent slots that the Program touches, and `temporary` as planned. */
export function memoryByRole(program: Program, planned: Plan): Record<Role, number> {
  const bytes: Record<Role, number> = { input: 0, parameter: 0, state: 0, temporary: 0, output: 0 };
  for (const slot of program.lifetimes.keys()) {
    if (slot.role !== "temporary") bytes[slot.role] += roundUp(slot.bytes, ALIGNMENT);
  }
  bytes.temporary = planned.sizes.reduce((sum, size) => sum + size, 0);
  return bytes;
}

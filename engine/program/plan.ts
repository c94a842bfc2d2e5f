import { roundUp } from "../core/shape.ts";
import { ALIGNMENT, mebibytes } from "../gpu/buffers.ts";
import type { Lifetime, Program } from "./program.ts";
import type { Role, Slot } from "./tensor.ts";

/** Where the temporaries of a Program go: pooled buffers, each shared by slots whose lifetimes do not meet. */
export interface Plan {
  /** Index of the pooled buffer of each temporary. */
  readonly buffers: ReadonlyMap<Slot, number>;
  /** Bytes of each pooled buffer. */
  readonly sizes: readonly number[];
}

/**
 * Gives temporaries to pooled buffers, largest first: each takes the smallest buffer that is large enough and free
 * during its lifetime, else a new one of its size. Whole buffers are shared, never ranges of one: a buffer bound for
 * reading and for writing in one dispatch is an error in WebGPU even where the ranges are disjoint.
 *
 * @param existing sizes of the buffers of earlier plans: reused as they are
 */
export function plan(program: Program, existing: readonly number[] = []): Plan {
  const sizes = [...existing], held: Lifetime[][] = existing.map(() => []), buffers = new Map<Slot, number>();
  const bySize = [...program.lifetimes].filter(([slot]) => slot.role === "temporary")
    .sort(([a], [b]) => b.bytes - a.bytes);
  for (const [slot, lifetime] of bySize) {
    const bytes = roundUp(slot.bytes, ALIGNMENT);
    let index = sizes.length;
    held.forEach((others, i) => {
      const smaller = index === sizes.length || sizes[i]! < sizes[index]!;
      if (sizes[i]! >= bytes && smaller && !others.some((other) => meet(lifetime, other))) index = i;
    });
    sizes[index] ??= bytes;
    (held[index] ??= []).push(lifetime);
    buffers.set(slot, index);
  }
  return { buffers, sizes };
}

const meet = (a: Lifetime, b: Lifetime): boolean => a.first <= b.last && b.first <= a.last;

/** Bytes by role: persistent slots that the Program touches, and `temporary` as planned. */
export function memoryByRole(program: Program, planned: Plan): Record<Role, number> {
  const bytes: Record<Role, number> = { input: 0, parameter: 0, state: 0, temporary: 0, output: 0 };
  for (const slot of program.lifetimes.keys()) {
    if (slot.role !== "temporary") bytes[slot.role] += roundUp(slot.bytes, ALIGNMENT);
  }
  bytes.temporary = planned.sizes.reduce((sum, size) => sum + size, 0);
  return bytes;
}

/** The plan's need in words: in all, then by role, largest first. */
export function describeMemory({ name }: Program, memory: Readonly<Record<Role, number>>): string {
  const roles = Object.entries(memory).filter(([, bytes]) => bytes > 0).sort(([, a], [, b]) => b - a);
  const total = roles.reduce((sum, [, bytes]) => sum + bytes, 0);
  return `${name} takes ${mebibytes(total)}: ${
    roles.map(([role, bytes]) => `${role} ${mebibytes(bytes)}`).join(", ")
  }`;
}

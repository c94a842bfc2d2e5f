/** What device memory is for, as people tune it. */
import { fullestMoment, paramBytes, planPool, type Program, roundUp, type Slot } from "../engine/mod.ts";

/**
 * Parts of device memory. `loss` is what chunks of logits hold when temporaries hold most: 0 where that is elsewhere, and
 * a smaller chunk would save nothing; `activations` is the rest of the pool. `teacher_states` are kept from the
 * first epoch on. `inputs` are small: ids, targets, metrics.
 */
export const PARTS = [
  "teacher",
  "teacher_states",
  "student",
  "gradients",
  "moments",
  "rope",
  "keys_and_values",
  "activations",
  "loss",
  "inputs",
  "uniforms",
] as const;

/** One of {@link PARTS}. */
export type Part = typeof PARTS[number];

/** Bytes of each part. */
export type Memory = Readonly<Record<Part, number>>;

/** Buffers are rounded up to this. */
const ALIGNMENT = 256;

/** What memory is counted of. */
export interface Counted {
  readonly program: Program;
  /** What persistent slots are for, those of the Program and others that stay meanwhile; the rest are inputs. */
  readonly parts: ReadonlyMap<Slot, Part>;
  /** Sizes of the pool where it is shared with other Programs. */
  readonly pool?: readonly number[];
}

/** Bytes by part while a Program runs. */
export function memoryOf({ program, parts, pool = planPool([program]) }: Counted): Memory {
  const memory = Object.fromEntries(PARTS.map((part) => [part, 0])) as Record<Part, number>;
  for (const slot of new Set([...parts.keys(), ...program.lifetimes.keys()])) {
    if (slot.role !== "temporary") {
      memory[parts.get(slot) ?? "inputs"] += Math.max(ALIGNMENT, roundUp(slot.bytes, ALIGNMENT));
    }
  }
  const inLoss = (dispatch: number) =>
    program.dispatches[dispatch]?.scope.split("/").includes("loss") ?? false;
  const { slots, dispatch } = fullestMoment(program);
  if (inLoss(dispatch)) { // else what is left of the loss are its sums
    for (const slot of slots) if (inLoss(program.lifetimes.get(slot)!.first)) memory.loss += slot.bytes;
  }
  memory.activations = pool.reduce((sum, size) => sum + size, 0) - memory.loss;
  memory.uniforms = paramBytes(program);
  return memory;
}

/** All parts together. */
export const totalBytes = (memory: Memory): number =>
  Object.values(memory).reduce((sum, bytes) => sum + bytes, 0);

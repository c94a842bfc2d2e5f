import type { DType } from "../core/dtype.ts";
import type { Knobs } from "../compiler/specialize.ts";
import type { Shape } from "../core/shape.ts";
import { memoryByRole, type Plan } from "../program/plan.ts";
import { accesses, type Program } from "../program/program.ts";
import type { Role } from "../program/tensor.ts";

/** A tensor that a dispatch binds. */
export interface AccessJson {
  /** Name of the kernel's binding. */
  readonly name: string;
  /** Index into `slots`. */
  readonly slot: number;
  /** First element, counted from the start of the slot. */
  readonly offset: number;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A dispatch; `writes` are also what it updates in place. */
export interface DispatchJson {
  readonly op: string;
  readonly scope: string;
  readonly kernel: { readonly file: string; readonly knobs: Knobs };
  readonly params: Readonly<Record<string, number>>;
  readonly reads: readonly AccessJson[];
  readonly writes: readonly AccessJson[];
  readonly grid: readonly [number, number, number];
  readonly bytes: number;
  readonly flops: number;
}

/** A slot; `place` is where a temporary stands in the pool. */
export interface SlotJson {
  readonly name: string;
  readonly role: Role;
  readonly bytes: number;
  /** First and last dispatch that touches it. */
  readonly first: number;
  readonly last: number;
  readonly place: { readonly buffer: number; readonly offset: number } | null;
}

/** A Program with its plan as plain data: what other tools, the page and comparisons read. */
export interface ProgramJson {
  readonly format: "lapidary program 1";
  readonly name: string;
  readonly dispatches: readonly DispatchJson[];
  readonly slots: readonly SlotJson[];
  /** Device bytes by role. */
  readonly memory: Readonly<Record<Role, number>>;
}

/** What {@link ProgramJson.format} says of what this version writes. */
export const PROGRAM_FORMAT = "lapidary program 1";

/** A Program and its plan as plain data. The same Program gives the same text on every machine. */
export function programJson(program: Program, planned: Plan): ProgramJson {
  const { name, dispatches, lifetimes } = program;
  const index = new Map([...lifetimes.keys()].map((slot, i) => [slot, i]));
  return {
    format: PROGRAM_FORMAT,
    name,
    dispatches: dispatches.map((dispatch) => {
      const { op, scope, kernel: { file, knobs }, params, grid, bytes, flops } = dispatch;
      const side = (wanted: boolean) =>
        accesses(dispatch).filter(({ write }) => write === wanted).map(({ name, tensor }): AccessJson => ({
          name,
          slot: index.get(tensor.slot)!,
          offset: tensor.offset,
          shape: tensor.shape,
          dtype: tensor.dtype,
        }));
      return {
        ...{ op, scope, kernel: { file, knobs }, params, reads: side(false), writes: side(true) },
        ...{ grid, bytes, flops },
      };
    }),
    slots: [...lifetimes].map(([slot, { first, last }]) => ({
      ...{ name: slot.name, role: slot.role, bytes: slot.bytes, first, last },
      place: planned.places.get(slot) ?? null,
    })),
    memory: memoryByRole(program, planned),
  };
}

import { formatShape } from "../core/shape.ts";
import { memoryByRole, type Plan } from "../program/plan.ts";
import { accesses, type Dispatch, type Program } from "../program/program.ts";
import type { Role, Slot, Tensor } from "../program/tensor.ts";

/** Digits in groups of three: numbers stay exact, so that a changed snapshot shows every changed byte. */
export const grouped = (value: number): string => value.toLocaleString("en-US");

const column = (values: readonly string[]): number => Math.max(...values.map((value) => value.length));

/** `1 dispatch`, `2 dispatches`. */
export const counted = (count: number, one: string, many: string): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

/**
 * `x [2, 3], w [3] -> y [2, 3]`: what a dispatch reads and writes, by the names of its kernel's bindings. What it
 * updates in place stands right of the arrow.
 */
export function formatAccesses(
  dispatch: Dispatch,
  name: (binding: string, tensor: Tensor) => string,
): string {
  const side = (write: boolean) =>
    accesses(dispatch).filter((access) => access.write === write)
      .map((access) => `${name(access.name, access.tensor)} ${formatShape(access.tensor.shape)}`).join(", ");
  return `${side(false)} -> ${side(true)}`.trimStart();
}

/** `ops/softmax/forward.wgsl LANES=8 WIDTH=1 elem=f32` */
export function formatKernel(
  { kernel: { file, knobs } }: { readonly kernel: Pick<Dispatch["kernel"], "file" | "knobs"> },
): string {
  return [file, ...Object.entries(knobs).map(([name, value]) => `${name}=${value}`)].join(" ");
}

/**
 * A Program as text: its dispatches, the slots they touch with their lifetimes, and totals. The same Program gives the
 * same text on every machine, so a snapshot of it shows in review what a change does to the device.
 *
 * @param planned adds the pooled buffer of each temporary, and the memory by role
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createTensor, output, printProgram, record, scale } from "../mod.ts";
 * const target = { subgroupSize: 0, maxBinding: 2 ** 27, software: true };
 * const x = createTensor("x", "input", [7]);
 * const { program } = record("halve", target, () => output("y", scale(x, 0.5)));
 * assert.equal(printProgram(program).split("\n")[0], "program halve: 1 dispatch, 2 slots");
 * ```
 */
export function printProgram(program: Program, planned?: Plan): string {
  const { dispatches, lifetimes, name } = program;
  const total = (of: (dispatch: Dispatch) => number) => dispatches.reduce((sum, each) => sum + of(each), 0);
  return [
    `program ${name}: ${counted(dispatches.length, "dispatch", "dispatches")}, ${
      counted(lifetimes.size, "slot", "slots")
    }`,
    ...dispatches.flatMap(printDispatch),
    "slots",
    ...printSlots(program, planned),
    `total: ${grouped(total(({ bytes }) => bytes))} B moved, ${grouped(total(({ flops }) => flops))} flop`,
    ...planned ? [`memory: ${printMemory(memoryByRole(program, planned))}`] : [],
    "",
  ].join("\n");
}

function printDispatch(dispatch: Dispatch, index: number): string[] {
  const { op, scope, grid, bytes, flops } = dispatch;
  return [
    `${String(index).padStart(4)} ${op}${scope ? ` in ${scope}` : ""}`,
    `     ${formatKernel(dispatch)}`,
    `     ${formatAccesses(dispatch, (binding, { slot }) => `${binding}: ${slot.name}`)}`,
    `     grid ${formatShape(grid)}, ${grouped(bytes)} B, ${grouped(flops)} flop`,
  ];
}

/** One line for each slot: role, name, bytes, lifetime and, where planned, its place in the pool. */
export function printSlots({ lifetimes }: Program, planned: Plan | undefined): string[] {
  const slots = [...lifetimes];
  const place = (slot: Slot) => {
    const at = planned?.places.get(slot);
    return at ? `, pool ${at.buffer}${at.offset > 0 ? ` from ${grouped(at.offset)}` : ""}` : "";
  };
  const names = column(slots.map(([slot]) => slot.name)), roles = column(slots.map(([slot]) => slot.role));
  const sizes = column(slots.map(([slot]) => grouped(slot.bytes)));
  return slots.map(([slot, { first, last }]) =>
    `     ${slot.role.padEnd(roles)} ${slot.name.padEnd(names)} ${
      grouped(slot.bytes).padStart(sizes)
    } B, used ${first === last ? first : `${first} to ${last}`}${place(slot)}`
  );
}

/** `input 512 B, temporary 768 B, in all 1,280 B` */
export function printMemory(memory: Record<Role, number>): string {
  const bytes = Object.entries(memory);
  const sum = bytes.reduce((total, [, value]) => total + value, 0);
  return [...bytes.filter(([, value]) => value > 0).map(([role, value]) => `${role} ${grouped(value)} B`)]
    .concat(`in all ${grouped(sum)} B`).join(", ");
}

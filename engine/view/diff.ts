import type { DispatchJson, ProgramJson } from "./json.ts";
import { formatKernel, grouped } from "./text.ts";

/** What all dispatches of one kind do together. */
export interface Work {
  readonly dispatches: number;
  readonly bytes: number;
  readonly flops: number;
}

/** A kind of dispatch, or of slot, that is not the same in both Programs. */
export interface Changed<T> {
  readonly name: string;
  readonly before: T;
  readonly after: T;
}

/** What a change does to the device. */
export interface ProgramDiff {
  readonly names: readonly [string, string];
  readonly total: Changed<Work>;
  /** Ops by kernel and knobs, those that differ, the largest change in FLOPs first. */
  readonly kernels: readonly Changed<Work>[];
  /** Device bytes by role. */
  readonly memory: readonly Changed<number>[];
  /** Slots by role and name: count and bytes, those that differ, the largest change in bytes first. */
  readonly slots: readonly Changed<{ readonly slots: number; readonly bytes: number }>[];
  /** First place where the two lists of dispatches part, with what stands there in each; undefined where they never do. */
  readonly parting: { readonly index: number; readonly lines: readonly [string, string] } | undefined;
}

const NOTHING: Work = { dispatches: 0, bytes: 0, flops: 0 };

/** A dispatch in one line, with all that makes it another one for the device. */
const line = ({ op, kernel, grid, reads, writes }: DispatchJson): string => {
  const shapes = (side: DispatchJson["reads"]) => side.map(({ shape }) => `[${shape.join(", ")}]`).join(" ");
  return `${op} ${formatKernel({ kernel })} ${shapes(reads)} -> ${shapes(writes)} grid [${grid.join(", ")}]`;
};

/** Compares two Programs. */
export function diffPrograms(a: ProgramJson, b: ProgramJson): ProgramDiff {
  const kernels = paired(byKernel(a), byKernel(b), NOTHING);
  const slots = paired(bySlot(a), bySlot(b), { slots: 0, bytes: 0 });
  const [before, after] = [a, b].map(({ dispatches }) => workOf(dispatches)) as [Work, Work];
  const change = (of: (work: Work) => number) => ({ before, after }: Changed<Work>) =>
    Math.abs(of(after) - of(before));
  const flops = change(({ flops }) => flops), bytes = change(({ bytes }) => bytes);
  const lines = [a, b].map(({ dispatches }) => dispatches.map(line)) as [string[], string[]];
  const index = lines[0].findIndex((text, i) => text !== lines[1][i]);
  const at = index >= 0 ? index : lines[0].length;
  return {
    names: [a.name, b.name],
    total: { name: "total", before, after },
    kernels: kernels.sort((x, y) => flops(y) - flops(x) || bytes(y) - bytes(x)),
    memory: Object.entries(a.memory).map(([name, bytes]) => ({
      name,
      before: bytes,
      after: b.memory[name as keyof typeof b.memory],
    })).filter(({ before, after }) => before !== after),
    slots: slots.sort((x, y) =>
      Math.abs(y.after.bytes - y.before.bytes) - Math.abs(x.after.bytes - x.before.bytes)
    ),
    parting: index < 0 && lines[0].length === lines[1].length
      ? undefined
      : { index: at, lines: [lines[0][at] ?? "(its end)", lines[1][at] ?? "(its end)"] },
  };
}

function workOf(dispatches: readonly DispatchJson[]): Work {
  return dispatches.reduce((sum, { bytes, flops }) => ({
    dispatches: sum.dispatches + 1,
    bytes: sum.bytes + bytes,
    flops: sum.flops + flops,
  }), NOTHING);
}

function byKernel({ dispatches }: ProgramJson): Map<string, Work> {
  const groups = Map.groupBy(dispatches, ({ op, kernel }) => `${op} ${formatKernel({ kernel })}`);
  return new Map([...groups].map(([name, group]) => [name, workOf(group)]));
}

function bySlot({ slots }: ProgramJson): Map<string, { slots: number; bytes: number }> {
  const groups = Map.groupBy(slots, ({ role, name }) => `${role} ${name}`);
  return new Map(
    [...groups].map(([name, group]) => [
      name,
      { slots: group.length, bytes: group.reduce((sum, { bytes }) => sum + bytes, 0) },
    ]),
  );
}

/** Those of two tables that differ. */
function paired<T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>, nothing: T): Changed<T>[] {
  return [...new Set([...a.keys(), ...b.keys()])]
    .map((name) => ({ name, before: a.get(name) ?? nothing, after: b.get(name) ?? nothing }))
    .filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
}

/** `1,024 -> 2,048 (+1,024)`, or the number alone where it stays. */
function arrow(before: number, after: number): string {
  const sign = after > before ? "+" : "";
  return before === after
    ? grouped(before)
    : `${grouped(before)} -> ${grouped(after)} (${sign}${grouped(after - before)})`;
}

const work = ({ before, after }: Changed<Work>): string =>
  `dispatches ${arrow(before.dispatches, after.dispatches)}, bytes ${
    arrow(before.bytes, after.bytes)
  }, flop ${arrow(before.flops, after.flops)}`;

/** A comparison for a person. */
export function formatProgramDiff({ total, kernels, memory, slots, parting }: ProgramDiff): string {
  if (!parting && memory.length === 0 && slots.length === 0 && kernels.length === 0) {
    return `The Programs are the same: ${grouped(total.before.dispatches)} dispatches`;
  }
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)];
  return [
    `total     ${work(total)}`,
    ...section(
      "memory, bytes by role",
      memory.map(({ name, before, after }) => `${name} ${arrow(before, after)}`),
    ),
    ...section("ops by kernel", kernels.flatMap((changed) => [changed.name, `  ${work(changed)}`])),
    ...section(
      "slots",
      slots.map(({ name, before, after }) =>
        `${name}: slots ${arrow(before.slots, after.slots)}, bytes ${arrow(before.bytes, after.bytes)}`
      ),
    ),
    ...parting ? section(`the lists part at dispatch ${parting.index}`, parting.lines) : [],
  ].join("\n");
}

import type { Limits } from "../engine/mod.ts";
import type { Statistics } from "./measure.ts";

export type { Limits };

/** What a row can be of: the benchmarks, and the limits that stand before them in each run. */
export const SUBJECTS = ["limits", "ops", "ladder", "loss", "step", "peers", "real", "memory"] as const;

/** One line of a report. */
export interface Row {
  readonly benchmark: typeof SUBJECTS[number];
  /** The op, or what else was measured. */
  readonly name: string;
  readonly shape: string;
  readonly kernel: string;
  /** Undefined where nothing was timed, or the result was wrong: such a time does not count. */
  readonly time: Statistics | undefined;
  readonly flops: number;
  /** Bytes read and written, each tensor once. */
  readonly bytes: number;
  /** Whether the result was compared with its definition in f64 here. */
  readonly checked: boolean;
  /** What is wrong with the result. */
  readonly wrong?: string;
  /** More numbers, by name with unit. */
  readonly facts?: Readonly<Record<string, number>>;
}

const COLUMNS = ["", "shape", "kernel", "p50 ms", "mad", "n", "GFLOP/s", "of FMA", "GB/s", "of copy", "ok"];
const LEFT = [0, 1, 2];

/** Cells as aligned lines; the columns `left` are aligned to the left, others to the right. */
export function table(lines: readonly (readonly string[])[], left: readonly number[]): string[] {
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return lines.map((line) =>
    line.map((cell, i) => left.includes(i) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join("  ")
      .trimEnd()
  );
}

/** Rows as an aligned table; wrong results and facts stand below it. */
export function formatTable(rows: readonly Row[], limits: Limits): string {
  const lines = table([COLUMNS, ...rows.map((row) => cells(row, limits))], LEFT);
  const wrong = rows.flatMap(({ name, shape, wrong }) =>
    wrong === undefined ? [] : [`${name} ${shape} is wrong: ${wrong}`]
  );
  const facts = rows.flatMap(({ name, shape, facts }) =>
    facts ? [`${name} ${shape}`, ...factLines(facts)] : []
  );
  return [...lines, ...[wrong, facts].flatMap((part) => part.length > 0 ? ["", ...part] : []), ""].join("\n");
}

function factLines(facts: NonNullable<Row["facts"]>): string[] {
  return table(Object.entries(facts).map(([fact, value]) => ["", fact, significant(value)]), [0, 1]);
}

function cells({ name, shape, kernel, time, flops, bytes, checked, wrong }: Row, limits: Limits): string[] {
  const head = [name, shape, kernel], ok = wrong === undefined ? checked ? "yes" : "-" : "WRONG";
  if (!time) return [...head, "", "", "", "", "", "", "", ok];
  const rate = (amount: number, limit: number) => {
    const perSecond = amount / time.p50 / 1e6;
    return amount === 0 ? ["", ""] : [significant(perSecond), `${(100 * perSecond / limit).toFixed(0)} %`];
  };
  return [
    ...head,
    significant(time.p50),
    significant(time.mad),
    String(time.n),
    ...rate(flops, limits.gflops),
    ...rate(bytes, limits.gigabytes),
    ok,
  ];
}

/** Three significant digits, without an exponent. */
export function significant(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(6, Math.max(0, 2 - digits)));
}

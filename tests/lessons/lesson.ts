/** What a lesson is: a page of prose on top of its file, and code below it that says what it finds and asserts it. */
import type { Engine } from "../../engine/mod.ts";

/** What a lesson works with. */
export interface Desk {
  readonly engine: Engine;
  /** Writes a line, or the rows of a table with columns aligned. */
  say(line: string | readonly (readonly (string | number)[])[]): void;
}

/** A lesson: throws where what it teaches is not so. */
export interface Lesson {
  readonly title: string;
  readonly run: (desk: Desk) => Promise<void> | void;
}

/** Rows of a table as lines, columns aligned to the right but the first. */
export function table(rows: readonly (readonly (string | number)[])[]): string[] {
  const cells = rows.map((row) => row.map((cell) => typeof cell === "number" ? short(cell) : cell));
  const widths = cells[0]!.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  return cells.map((row) =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join("  ").trimEnd()
  );
}

/** At most five significant digits. */
export const short = (value: number): string => String(Number(value.toPrecision(5)));

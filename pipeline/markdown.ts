/**
 * Lines of a Markdown table, padded for reading as text.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { markdownTable } from "./markdown.ts";
 *
 * assert.deepEqual(markdownTable(["a", "b"], [["1", "x|y"]]), ["| a | b    |", "| - | ---- |", "| 1 | x\\|y |"]);
 * ```
 */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines = [head, ...rows].map((cells) =>
    cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " "))
  );
  const widths = head.map((_, i) => Math.max(...lines.map((cells) => cells[i]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  const [first, ...rest] = lines.map(line);
  return [first!, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rest];
}

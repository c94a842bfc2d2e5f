import { significant, table } from "../report.ts";
import type { Compared, Comparison } from "./compare.ts";

const MARKS = { slower: "SLOWER", faster: "faster", same: "" } as const;

/** A comparison for a person: what must be known first, every ratio, and what could not be compared. */
export function formatComparison({ rows, facts, broken, onlyA, onlyB, warnings }: Comparison): string {
  const cells = ({ benchmark, name, shape, time, runs, verdict }: Compared) => [
    benchmark,
    name,
    shape,
    significant(time.ratio),
    `${significant(time.low)}..${significant(time.high)}`,
    runs.join("/"),
    MARKS[verdict],
  ];
  const count = (verdict: Compared["verdict"]) => rows.filter((row) => row.verdict === verdict).length;
  const named = (what: string, keys: readonly string[]) => keys.map((key) => `${what}: ${key}`);
  return [
    ...warnings.map((warning) => `note: ${warning}`),
    ...(warnings.length > 0 ? [""] : []),
    ...table([["", "", "shape", "B/A", "95 %", "runs", ""], ...rows.map(cells)], [0, 1, 2, 6]),
    "",
    ...facts.map(({ what, a, b }) => `${what} ${significant(a)} -> ${significant(b)}`),
    ...named("only in A", onlyA),
    ...named("only in B", onlyB),
    ...named("WRONG in B", broken),
    `${rows.length} compared: ${count("slower")} slower, ${count("faster")} faster; ` +
    `B/A is B's time to A's, above 1 is slower`,
    "",
  ].join("\n");
}

/** The row that a recorded step learns. */
import { UsageError } from "../../engine/mod.ts";
import type { Row } from "../../train/data/mod.ts";

/**
 * The start of the first row that has something to predict.
 *
 * @throws {UsageError} where none has two tokens
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { rowOf } from "./row.ts";
 * assert.deepEqual([...rowOf([Uint32Array.of(2), Uint32Array.of(2, 7, 9)], 2)], [2, 7]);
 * ```
 */
export function rowOf(rows: readonly Row[], tokens: number): Row {
  const row = rows.find(({ length }) => length > 1);
  if (row) return row.slice(0, tokens);
  throw new UsageError(
    "Cannot record a step: no row has a second token to predict; give documents of two tokens or more",
  );
}

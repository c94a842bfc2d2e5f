/** The three definitions on products made by hand. */
import type { ImportanceBatch } from "../../../model/pruning/batch.ts";
import { createScore, type ImportanceMethod } from "../../../model/pruning/definitions.ts";
import { assertClose } from "../../support/close.ts";

/** Two rows of two positions, of which the last is a pad; or one row of two tokens. */
const RAGGED: ImportanceBatch = {
  ids: Uint32Array.of(5, 6, 7, 0),
  mask: Uint32Array.of(1, 1, 1, 0),
  lengths: Uint32Array.of(2, 1),
  B: 2,
  T: 2,
};
const WHOLE: ImportanceBatch = {
  ids: Uint32Array.of(5, 6),
  mask: Uint32Array.of(1, 1),
  lengths: Uint32Array.of(2),
  B: 1,
  T: 2,
};

/** ⟨x, y⟩ of each position, where |x| = |y| = 1, or all three products where given. */
type Position = number | readonly [xy: number, xx: number, yy: number];

function assertScore(expected: number, method: ImportanceMethod, ...batches: (readonly Position[])[]): void {
  const result = createScore(method);
  for (const positions of batches) {
    const batch = positions.length === 4 ? RAGGED : WHOLE;
    result.add(batch, Float32Array.from(positions.flatMap((p) => typeof p === "number" ? [p, 1, 1] : p)));
  }
  assertClose([result.value()], [expected], method, 1e-14, 0);
}

Deno.test("optipfair-0.2: one cosine a sequence, weighed by its norms, pads included; batches alike", () => {
  const row0 = (0.5 + 8) / Math.sqrt(17 * 2), row1 = (1 + 0) / 2;
  assertScore(1 - (row0 + row1) / 2, "optipfair-0.2", [[0.5, 1, 1], [8, 16, 1], 1, 0]);
  assertScore(0.25, "optipfair-0.2", [0, 1, 1, 0], [1, 1]);
});

Deno.test("optipfair-0.4: the mean over the tokens of a batch, batches alike", () => {
  assertScore(0.5, "optipfair-0.4", [1, 0.5, 0, 1]);
  assertScore(0.25, "optipfair-0.4", [1, 0.5, 0, 1], [1, 1]);
});

Deno.test("block-influence: one mean over all tokens, whatever their batch", () => {
  assertScore(1.5 / 5, "block-influence", [1, 0.5, 0, 1], [1, 1]);
});

Deno.test("what is not finite is left out by row, by batch, or counts as a half", () => {
  const broken = [NaN, Infinity, 1] as const;
  assertScore(0.5, "optipfair-0.2", [broken, 1, 0.5, 0.5]);
  assertScore(0, "optipfair-0.2", [broken, 1, broken, 1]);
  assertScore(0.5, "optipfair-0.4", [broken, 1, 1, 1], [0, 0, 0, 0]);
  assertScore(0.5 / 3, "block-influence", [broken, 1, 1, 1]);
});

Deno.test("a state of zeros has cosine 0", () => {
  const nothing = [0, 0, 1] as const;
  assertScore(0.5, "optipfair-0.2", [nothing, nothing, 1, 1]);
  assertScore(1 / 3, "block-influence", [nothing, 1, 1, 1]);
});

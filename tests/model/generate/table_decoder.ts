import type { Decoder } from "../../../model/generate/mod.ts";

/**
 * A decoder whose logits after `…, q, p` (n tokens; q = 0 where there is but one) are
 * `table[q][p][t] / scale * (1 + (n mod 7) / 16)` for token t, as in tests/golden/generate.py.
 */
export function tableDecoder(table: number[][][], scale: number): Decoder {
  let rows: number[][] = [];
  const logits = () =>
    Promise.resolve(Float32Array.from(rows.flatMap((ids) => {
      const factor = (1 + (ids.length % 7) / 16) / scale;
      return table[ids.at(-2) ?? 0]![ids.at(-1)!]!.map((value) => value * factor);
    })));
  return {
    vocabSize: table.length,
    prefill(ids) {
      rows = ids.map((row) => [...row]);
      return logits();
    },
    step(tokens, parents) {
      rows = tokens.map((token, row) => [...rows[parents[row]!]!, token]);
      return logits();
    },
  };
}

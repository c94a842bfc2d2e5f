import assert from "node:assert/strict";
import { beamSearch } from "../../../model/generate/beam.ts";
import { generate, type GenerateOptions, resolveOptions } from "../../../model/generate/mod.ts";
import { processScores } from "../../../model/generate/processors.ts";
import { warpScores } from "../../../model/generate/warpers.ts";
import { tableDecoder } from "./table_decoder.ts";

interface Golden {
  vocab_size: number;
  scale: number;
  table: number[][][];
  search: { input_ids: number[]; options: Record<string, unknown>; output_ids: number[]; score?: number }[];
  sampling: { input_ids: number[]; options: Record<string, unknown>; kept: [id: number, score: number][] }[];
}

const golden: Golden = JSON.parse(
  await Deno.readTextFile(new URL("../../golden/data/generate.json", import.meta.url)),
);
const decoder = tableDecoder(golden.table, golden.scale);

function camelCase(options: Record<string, unknown>): GenerateOptions {
  return Object.fromEntries(
    Object.entries(options).map((
      [name, value],
    ) => [name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()), value]),
  );
}

Deno.test("greedy and beam search give transformers' tokens in every golden case", async () => {
  for (const { input_ids, options, output_ids } of golden.search) {
    const { outputIds } = await generate(decoder, input_ids, camelCase(options));
    assert.deepEqual(outputIds, output_ids, JSON.stringify({ input_ids, options }));
  }
});

Deno.test("beam scores are transformers' within 1e-5 of their size", async () => {
  for (const { input_ids, options, score } of golden.search) {
    if (score === undefined) continue;
    const resolved = resolveOptions(camelCase(options), golden.vocab_size);
    const best = await beamSearch(decoder, input_ids, resolved);
    const message = `${best.score} for ${score}: ${JSON.stringify({ input_ids, options })}`;
    assert.ok(Math.abs(best.score - score) <= 1e-5 * Math.abs(score), message);
  }
});

Deno.test("the scores sampled from are transformers' in every golden case", async () => {
  for (const { input_ids, options, kept } of golden.sampling) {
    const resolved = resolveOptions(camelCase(options), golden.vocab_size);
    const scores = await decoder.prefill([input_ids]);
    processScores(scores, input_ids, resolved);
    warpScores(scores, resolved);
    const ids = Array.from(scores.keys()).filter((id) => scores[id]! > -Infinity);
    assert.deepEqual(ids.map((id) => [id, scores[id]!]), kept, JSON.stringify({ input_ids, options }));
  }
});

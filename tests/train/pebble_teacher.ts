/**
 * Prints what the README of `train/data/pebble` says of a teacher: perplexity without each single block, the order by each
 * definition of importance, and what the four least important blocks of each cost.
 *
 *     deno run --allow-read --allow-env tests/train/pebble_teacher.ts [DIRECTORY]
 */
import { openEngine } from "../../engine/mod.ts";
import { measurePerplexity } from "../../eval/perplexity.ts";
import { loadGemma3, releaseGemma3 } from "../../model/gemma3/mod.ts";
import {
  IMPORTANCE_METHODS,
  leastImportant,
  measureImportance,
  pruneModel,
} from "../../model/pruning/mod.ts";
import { loadTokenizer } from "../../model/tokenizer/mod.ts";
import { openModel } from "../../model/weights/mod.ts";
import { chunk, packedRows, paddedBatch, PEBBLE_TEACHER, PEBBLE_TOKENIZER } from "../../train/data/mod.ts";

const LENGTH = 128;
const tokenizer = await loadTokenizer(PEBBLE_TOKENIZER);
const rowsOf = (split: "heal" | "validation", count: number) => [
  ...packedRows({
    split,
    length: LENGTH,
    count,
    encode: (text) => tokenizer.encode(text, { special: false }),
  }),
];
const opened = await openModel(Deno.args[0] ?? PEBBLE_TEACHER, {});
const engine = await openEngine();

/** Perplexity on held-out rows without some blocks. */
async function perplexityWithout(drop: readonly number[], rows: number): Promise<number> {
  const { config, read } = pruneModel(opened, drop);
  const model = await loadGemma3(engine, config, read, { label: "model", positions: LENGTH });
  const { perplexity } = await measurePerplexity(engine, model, rowsOf("validation", rows), {
    batchSize: 16,
    padId: 0,
  });
  releaseGemma3(engine, model);
  return perplexity;
}

const blocks = Array.from({ length: opened.config.numHiddenLayers }, (_, block) => block);
console.log(`whole: ${(await perplexityWithout([], 96)).toFixed(3)} on 96 rows of ${LENGTH}`);
const single: string[] = [];
for (const block of blocks) single.push((await perplexityWithout([block], 96)).toFixed(2));
console.log(`without each single block, from 0: ${single.join(" ")}`);

const model = await loadGemma3(engine, opened.config, (name) => opened.weights.readF32(name), {
  label: "teacher",
  positions: LENGTH,
});
const batches = chunk(rowsOf("heal", 400), 16).map((rows) => paddedBatch(rows, { side: "right", padId: 0 }));
for (const method of IMPORTANCE_METHODS) {
  const { order, scores } = await measureImportance(engine, model, batches, method, {});
  const drop = leastImportant(order, 4);
  console.log(`${method}: ${order.join(", ")}`);
  console.log(`  scores from block 0: ${[...scores].map((score) => score.toFixed(3)).join(" ")}`);
  console.log(`  without ${drop.join(", ")}: ${(await perplexityWithout(drop, 96)).toFixed(3)}`);
}
for (const first of [Math.floor((blocks.length - 4) / 2), blocks.length - 4]) {
  const drop = blocks.slice(first, first + 4);
  console.log(`without ${drop.join(", ")}: ${(await perplexityWithout(drop, 96)).toFixed(3)}`);
}
opened.weights.close();
engine.close();

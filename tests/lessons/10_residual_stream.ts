/**
 * What pruning does to the residual stream.
 *
 * A transformer is a stream: a row of C numbers for each token, to which every block adds something. Removing a block
 * means that its addition is missing, and all later blocks read a stream that they have not seen. How much that hurts
 * depends on how much the block turned the stream. Importance measures exactly this: 1 - cos(what goes in, what comes
 * out), near 0 for a block that hardly turns it.
 *
 * Gemma norms what a sublayer adds, so every addition starts with size 1 (for weights of 0). The stream then grows like a
 * random walk, r² = 1 + 2 n after n blocks, and an addition of 1 to a stream of 5 turns it little: with plain
 * initialisation late blocks start as decoration, and in a small model trained for a short time they stay so. Then
 * pruning the last blocks costs nothing, and an experiment on pruning shows nothing.
 *
 * *Growth initialisation* (train/pretrain.ts) starts each addition at 0.3 of the stream that it is added to. The stream
 * grows by the same factor in each block, all blocks turn it alike, and depth is used. Pebble's teacher was trained so.
 *
 * What the numbers below also show: going without the teacher's four least important blocks costs less than going without
 * the last four, and far less than without the first, which turn letters into words.
 *
 * Read next: growthStarts in train/pretrain.ts, then model/pruning/definitions.ts.
 */
import assert from "node:assert/strict";
import { createRandom, elementCount, type Engine } from "../../engine/mod.ts";
import { measurePerplexity } from "../../eval/perplexity.ts";
import { modelTensors } from "../../model/config/mod.ts";
import { type Gemma3, loadGemma3, type ReadParameter, releaseGemma3 } from "../../model/gemma3/mod.ts";
import { leastImportant, measureImportance, pruneModel } from "../../model/pruning/mod.ts";
import { loadTokenizer } from "../../model/tokenizer/mod.ts";
import { openModel } from "../../model/weights/mod.ts";
import { packedRows, paddedBatch, PEBBLE_TEACHER, type Row } from "../../train/data/mod.ts";
import { growthStarts, pebbleConfig, PRETRAIN, type Start } from "../../train/pretrain.ts";
import type { Lesson } from "./lesson.ts";

/** Seeded weights of Pebble's shape; post-norms start at 1 (their weight at 0) where not grown. */
function starting(growth: number | undefined): ReadParameter {
  const config = pebbleConfig(1024), starts = growthStarts(config, growth ?? 1), random = createRandom(3);
  const values = new Map(
    modelTensors(config).map(({ name, shape }) => {
      const start: Start = shape.length === 1 && growth === undefined ? { value: 0 } : starts.get(name)!;
      const data = new Float32Array(elementCount(shape));
      return [
        name,
        "value" in start ? data.fill(start.value) : data.map(() => start.deviation * random.normal()),
      ];
    }),
  );
  return (name) => Promise.resolve(values.get(name)!);
}

/** Importance of each block on rows. */
async function importance(engine: Engine, model: Gemma3, rows: readonly Row[]) {
  const batch = paddedBatch(rows, { side: "right", padId: 0 });
  return await measureImportance(engine, model, [batch], "block-influence");
}

export const lesson: Lesson = {
  title: "What pruning does to the residual stream",
  async run({ engine, say }) {
    const tokenizer = await loadTokenizer(PEBBLE_TEACHER, 1024);
    const encode = (text: string) => tokenizer.encode(text, { special: false });
    const rows = [...packedRows({ split: "heal", length: 64, count: 6, encode })];
    const opened = await openModel(PEBBLE_TEACHER), shown = [0, 2, 4, 6, 8, 10, 11];
    const measured = new Map<string, readonly number[]>();
    let order: number[] = [];
    for (
      const [name, read] of [
        ["untrained, plain", starting(undefined)],
        ["untrained, growth", starting(PRETRAIN.growth)],
        ["Pebble's teacher", (tensor: string) => opened.weights.readF32(tensor)],
      ] as const
    ) {
      const model = await loadGemma3(engine, opened.config, read, { label: name, positions: 64 });
      const found = await importance(engine, model, rows);
      measured.set(name, found.scores);
      order = found.order;
      releaseGemma3(engine, model);
    }
    say([
      ["1 - cos of in and out, by block", ...shown.map(String)],
      ...[...measured].map(([name, scores]) => [name, ...shown.map((block) => scores[block]!)]),
    ]);
    const [plain, growth] = [measured.get("untrained, plain")!, measured.get("untrained, growth")!];
    assert.ok(
      plain[11]! < plain[0]! / 6,
      "plain: the last block turns the stream by less than a sixth of the first",
    );
    assert.ok(growth[11]! > growth[0]! / 3, "grown: all blocks turn it alike");

    // What it costs to go without four blocks of the teacher, by which four.
    const costs: (string | number)[][] = [["without blocks", "perplexity"]], perplexities: number[] = [];
    for (const drop of [[], leastImportant(order, 4), [8, 9, 10, 11], [0, 1, 2, 3]]) {
      const { config, read } = drop.length === 0
        ? { config: opened.config, read: (name: string) => opened.weights.readF32(name) }
        : pruneModel(opened, drop);
      const model = await loadGemma3(engine, config, read, { label: "pruned", positions: 64 });
      const { perplexity } = await measurePerplexity(engine, model, rows, { batchSize: 6, padId: 0 });
      costs.push([drop.length === 0 ? "none" : drop.join(", "), perplexity]);
      perplexities.push(perplexity);
      releaseGemma3(engine, model);
    }
    say(costs);
    opened.weights.close();
    const [whole, least, last, first] = perplexities as [number, number, number, number];
    assert.ok(whole < least && least < last && least < first, "the least important four cost least");
  },
};

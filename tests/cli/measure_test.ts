/** `perplexity` and `importance` through the command line, against transformers and optipfair. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { modelTensors } from "../../model/config/mod.ts";
import { openModel, savePretrained } from "../../model/weights/mod.ts";
import { assertClose, maxDifference } from "../support/close.ts";
import { answerOf, commandTest, goldenPath, writeRows } from "../support/command.ts";
import { gpuTest } from "../support/engine.ts";
import { GOLDEN_MODELS, goldenJson, goldenRows } from "../support/golden_models.ts";

/** Of the mean cross-entropy in nats, and of a single token's loss: float32 through at most six blocks. */
const MEAN_TOLERANCE = 1e-6, TOKEN_TOLERANCE = 2e-5;
/** On scores between 0 and 1. */
const SCORE_TOLERANCE = 3e-7;

interface Forward {
  perplexity: { perplexity: number; cross_entropy: number; tokens: number; token_losses: number[][] };
}

interface Importance {
  runs: {
    method: string;
    padding_side?: string;
    batch_size?: number;
    scores: number[];
    order: number[];
  }[];
}

const rowsFile = (name: string) => goldenPath(`${name}_golden/rows.jsonl`);

for (const name of GOLDEN_MODELS) {
  commandTest(`perplexity ${name}: transformers' mean and every token's loss`, async (directory) => {
    const { perplexity: expected } = await goldenJson<Forward>(name, "forward.json");
    const losses = join(directory, "losses.jsonl");
    const answer = await answerOf<Record<string, number>>(
      ...["perplexity", "--model", goldenPath(name), "--data", rowsFile(name), "--batch-size", "3"],
      ...["--token-losses", losses],
    );
    assert.deepEqual(Object.keys(answer), ["perplexity", "cross_entropy", "tokens"]);
    assert.equal(answer.tokens, expected.tokens);
    assertClose([answer.cross_entropy!], [expected.cross_entropy], "mean", 0, MEAN_TOLERANCE);
    assertClose([answer.perplexity!], [expected.perplexity], "perplexity", 2 * MEAN_TOLERANCE, 0);
    const rows = (await Deno.readTextFile(losses)).trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(rows.map((row) => row.length), expected.token_losses.map((row) => row.length));
    assertClose(rows.flat(), expected.token_losses.flat(), "token losses", 1e-5, TOKEN_TOLERANCE);
  });
}

// All models are in tests/model/pruning/importance_test.ts.
for (const name of ["tiny_b", "tiny_d"]) {
  commandTest(
    `importance ${name}: the reference's scores and order by every definition`,
    async (directory) => {
      const { runs } = await goldenJson<Importance>(name, "importance.json");
      const data = await writeRows(
        join(directory, "rows.jsonl"),
        (await goldenRows(name, 7)).map((row) => [...row]),
      );
      const ragged = runs.filter(({ batch_size }) => batch_size !== 1);
      for (const { method, padding_side = "right", batch_size = 4, scores, order } of ragged) {
        const answer = await answerOf<Importance["runs"][number]>(
          ...["importance", "--model", goldenPath(name), "--data", data, "--method", method],
          ...["--padding-side", padding_side, "--batch-size", String(batch_size)],
        );
        const what = `${method} ${padding_side} ${batch_size}: ${answer.scores}`;
        assert.deepEqual(Object.keys(answer), ["method", "scores", "order"]);
        assert.equal(answer.method, method);
        assert.ok(maxDifference(answer.scores, scores) <= SCORE_TOLERANCE, what);
        assert.deepEqual(answer.order, order, what);
      }
    },
  );
}

gpuTest("rows are cut to --max-length, and one row is as good as a batch of them", async () => {
  const args = ["perplexity", "--model", goldenPath("tiny_a"), "--data", rowsFile("tiny_a")];
  const cut = await answerOf<{ tokens: number }>(...args, "--max-length", "5");
  const rows = await goldenRows("tiny_a", 12);
  assert.equal(cut.tokens, rows.reduce((sum, row) => sum + Math.min(row.length, 5) - 1, 0));
  assert.deepEqual(
    await answerOf(...args, "--batch-size", "1"),
    await answerOf(...args, "--batch-size", "12"),
  );
});

commandTest("a .gguf file measures as the directory with its dequantised weights", async (directory) => {
  const path = goldenPath("gguf/model.gguf"), same = join(directory, "same"), opened = await openModel(path);
  const tensors = modelTensors(opened.config).map((spec) => ({
    ...spec,
    read: () => opened.weights.readF32(spec.name),
  }));
  await savePretrained(same, { config: opened.config, dtype: "float32", tensors });
  opened.weights.close();
  const data = await writeRows(join(directory, "rows.jsonl"), [[2, 5, 9, 30], [2, 8]]);
  const [file, dequantised] = [path, same].map((model) => ["perplexity", "--model", model, "--data", data]);
  const answer = await answerOf<{ tokens: number }>(...file!);
  assert.equal(answer.tokens, 4);
  assert.deepEqual(await answerOf(...dequantised!), answer);
});

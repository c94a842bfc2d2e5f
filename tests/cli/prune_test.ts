/** `prune` through the command line: the directory opens again and is the model without those blocks. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openSafetensors } from "../../model/safetensors/mod.ts";
import { openModel } from "../../model/weights/mod.ts";
import { lapidaryShared } from "../support/cli.ts";
import { assertClose } from "../support/close.ts";
import { answerOf, commandTest, goldenPath, writeRows } from "../support/command.ts";
import { goldenJson, goldenRows, goldenTensors, withGoldenModel } from "../support/golden_models.ts";
import { namesIn } from "../support/temporary.ts";

/** The blocks that tests/golden/common.py removes, and the stored type of each model. */
const DROPPED: [name: string, drop: number[], dtype: string][] = [
  ["tiny_micro", [1], "F32"],
  ["tiny_b", [2, 0], "BF16"],
  ["tiny_c", [3, 1], "F16"],
  ["tiny_d", [2, 3], "F32"],
];

for (const [name, drop, dtype] of DROPPED) {
  commandTest(`prune ${name} --drop ${drop}: survivors keep type, weights and dtype`, async (directory) => {
    const out = join(directory, "deep", "pruned");
    const answer = await answerOf<Record<string, unknown>>(
      ...["prune", "--model", goldenPath(name), "--drop", drop.join(), "--out", out],
    );
    const before = await withGoldenModel(name, ({ config }) => Promise.resolve(config));
    const left = before.layerTypes.filter((_, i) => !drop.includes(i));
    const opened = await openModel(out);
    opened.weights.close();
    assert.deepEqual(opened.config.layerTypes, left);
    assert.deepEqual([answer.drop, answer.layers], [drop, left.length]);
    const json = JSON.parse(await Deno.readTextFile(join(out, "config.json")));
    assert.deepEqual([json.num_hidden_layers, json.layer_types], [left.length, left]);
    const file = await openSafetensors(join(out, "model.safetensors"));
    const elements = file.names().map((tensor) => file.info(tensor).shape.reduce((a, b) => a * b, 1));
    assert.equal(elements.reduce((a, b) => a + b), answer.parameters);
    assert.ok(file.names().every((tensor) => file.info(tensor).dtype === dtype), `${name} is ${dtype}`);
    file.close();
  });
}

commandTest("the pruned model's losses are those of transformers' pruned model", async (directory) => {
  const out = join(directory, "pruned"),
    losses = join(directory, "losses.jsonl"),
    [ids] = await goldenRows("tiny_a", 1);
  const row = await writeRows(join(directory, "row.jsonl"), [[...ids!]]);
  await answerOf("prune", "--model", goldenPath("tiny_a"), "--drop", "1", "--out", out);
  await answerOf("perplexity", "--model", out, "--data", row, "--token-losses", losses);
  const logits = (await goldenTensors("tiny_a", "forward.safetensors")).get("pruned_logits.0")!, V = 101;
  const expected = Array.from(ids!.subarray(1), (target, t) => {
    const scores = logits.subarray(t * V, (t + 1) * V), top = Math.max(...scores);
    return top + Math.log(scores.reduce((sum, x) => sum + Math.exp(x - top), 0)) - scores[target]!;
  });
  assertClose(JSON.parse(await Deno.readTextFile(losses)), expected, "losses", 1e-5, 2e-5);
});

commandTest("--count removes what importance finds least important", async (directory) => {
  const { runs } = await goldenJson<{ runs: { method: string; order: number[] }[] }>(
    "tiny_d",
    "importance.json",
  );
  const order = runs.find(({ method }) => method === "block-influence")!.order;
  const data = await writeRows(
    join(directory, "rows.jsonl"),
    (await goldenRows("tiny_d", 7)).map((row) => [...row]),
  );
  const out = join(directory, "pruned");
  const { drop } = await answerOf<{ drop: number[] }>(
    ...["prune", "--model", goldenPath("tiny_d"), "--count", "2", "--method", "block-influence"],
    ...["--data", data, "--out", out],
  );
  assert.deepEqual(drop, order.slice(0, 2));
  assert.deepEqual(await namesIn(out), ["config.json", "generation_config.json", "model.safetensors"]);
});

commandTest(
  "--keep-pattern removes what leaves every block where the pattern has its type",
  async (directory) => {
    const model = ["--model", goldenPath("tiny_c")], out = join(directory, "pruned"); // blocks 1 and 4 of 6 are full
    const data = await writeRows(
      join(directory, "rows.jsonl"),
      (await goldenRows("tiny_c", 4)).map((row) => [...row]),
    );
    const choice = [...model, "--data", data, "--keep-pattern", "--count", "2"];
    const { order, chosen } = await answerOf<{ order: number[]; chosen: number[] }>("importance", ...choice);
    assert.deepEqual(chosen, order.filter((block) => block === 1 || block === 4));
    assert.notDeepEqual(order.slice(0, 2), chosen);
    const { out: read } = await lapidaryShared("importance", ...choice);
    assert.match(
      read,
      new RegExp(`\nLeast important whose removal keeps the pattern: ${chosen.join(", ")}\n$`),
    );
    const { drop } = await answerOf<{ drop: number[] }>("prune", ...choice, "--out", out);
    assert.deepEqual(drop, chosen);
    assert.deepEqual(
      await lapidaryShared(
        "prune",
        ...model,
        "--data",
        data,
        "--keep-pattern",
        "--count",
        "1",
        "--out",
        `${out}2`,
      ),
      {
        code: 2,
        out: "",
        err:
          "error: Cannot remove 1 of 6 blocks and keep Gemma 3's pattern (every 6th block full): whichever go, a block " +
          "comes to a place of the other type; remove 2, 3, 4, 5 of them, or do without keep_pattern\n",
      },
    );
  },
);

commandTest("what a person reads of prune", async (directory) => {
  const out = join(directory, "pruned");
  assert.deepEqual(
    await lapidaryShared("prune", "--model", goldenPath("tiny_a"), "--drop", "1", "--out", out),
    {
      code: 0,
      out: `Removed block 1: 2 blocks and 22,648 parameters are left in ${out}\n`,
      err: "",
    },
  );
});

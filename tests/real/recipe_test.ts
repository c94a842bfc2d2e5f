/**
 * gem-3-small by one command on the real weights, at a tiny budget: from a hub on this machine that serves them as bfloat16
 * safetensors with Gemma's own tokenizer, texts and tasks under the real names.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { modelTensors } from "../../model/config/mod.ts";
import { openModel, savePretrained } from "../../model/weights/mod.ts";
import { readResults } from "../../pipeline/results.ts";
import { settings } from "../support/command.ts";
import { filesOf, startHub } from "../support/loopback_hub.ts";
import { lapidaryProcess, outputOf } from "../support/process.ts";
import { publishedRepos, TEACHER, tokenizerFiles } from "../support/published_hub.ts";
import { sharedPath } from "../support/shared.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";
import { realTest } from "./real_model.ts";

realTest("the recipe from a hub with the real weights: two steps", async (path) => {
  if (!sharedPath("data/gemma3/tokenizer.json.gz")) return console.log("skipped: no Gemma tokenizer");
  await inTemporaryDirectory(async (directory) => {
    const weights = join(directory, "weights"),
      served = join(directory, "served"),
      opened = await openModel(path);
    await savePretrained(weights, {
      ...{ config: opened.config, dtype: "bfloat16" },
      tensors: modelTensors(opened.config).map((spec) => ({
        ...spec,
        read: () => opened.weights.readF32(spec.name),
      })),
    });
    opened.weights.close();
    await Deno.mkdir(served);
    const [, ...sets] = await publishedRepos(served, { shards: 1, rows: 20, own: true });
    const { files: tokenizer } = await tokenizerFiles(true);
    const files = { ...filesOf(weights), ...tokenizer };
    await using hub = await startHub([{ type: "model", id: TEACHER, files }, ...sets]);
    const run = join(directory, "run"), started = performance.now();
    const command = await lapidaryProcess(
      [
        ...["distill", "--preset", "gem-3-small", "--run", run, "--quiet"],
        ...settings(
          ...["data.limit=8", "data.max_length=48", "importance.rows=2", "importance.padding=longest"],
          ...["importance.batch_size=2", "train.micro_batch=2", "train.accumulation=1", "train.max_steps=2"],
          ...["evaluate.batch_size=2", "evaluate.rows=2", "evaluate.task_limit=1", "sample.max_new_tokens=4"],
        ),
      ],
      {
        HF_ENDPOINT: hub.endpoint,
        HF_HOME: join(directory, "home"),
        LAPIDARY_CACHE: join(directory, "cache"),
      },
    );
    const { code, err } = await outputOf(command);
    assert.equal(code, 0, err);
    const { teacher, pruned, student, drop, training, importance } = await readResults(run);
    assert.deepEqual([teacher.parameters, student.parameters], [268_098_176, 245_803_648]);
    assert.equal(training.student.steps, 2);
    assert.ok(student.cross_entropy < pruned.cross_entropy);
    const perplexities = [teacher, pruned, student].map(({ perplexity }) => perplexity.toFixed(2));
    console.log(
      `${((performance.now() - started) / 1000).toFixed(0)} s; perplexity of teacher, pruned and student ` +
        `${perplexities.join(", ")}; removed ${drop.join(", ")} of order ${importance!.order.join(", ")}`,
    );
  });
});

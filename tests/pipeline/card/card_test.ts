import assert from "node:assert/strict";
import { join } from "node:path";
import { makeCard, writeCard } from "../../../pipeline/card/mod.ts";
import { frontMatter } from "../../../pipeline/card/facts.ts";
import { measuredResults, writeRun } from "../../support/measured_run.ts";
import { inTemporaryDirectory } from "../../support/temporary.ts";

interface Index {
  readonly name: string;
  readonly results: readonly {
    readonly task: { readonly type: string };
    readonly dataset: { readonly type: string; readonly name: string };
    readonly metrics: readonly {
      readonly type: string;
      readonly value: number;
      readonly args: { readonly n: number; readonly stderr?: number };
    }[];
  }[];
}

Deno.test("the front matter has what the hub reads, and only what is known", async () => {
  const results = await measuredResults(), card = await makeCard(results), front = frontMatter(card);
  const { "model-index": index, ...rest } = front;
  // Not every reader of YAML knows anchors.
  assert.doesNotMatch(card, /[&*]a1/);
  assert.deepEqual(rest, {
    license: "apache-2.0",
    language: ["en"],
    library_name: "transformers",
    pipeline_tag: "text-generation",
    tags: ["lapidary", "pruning", "depth-pruning", "distillation", "knowledge-distillation"],
  });
  const [{ name, results: measured }] = index as [Index];
  assert.equal(name, "pebble-4-blocks");
  assert.deepEqual(
    measured.map(({ dataset, metrics }) => [dataset.type, metrics.map(({ type, args }) => [type, args.n])]),
    [
      ["held-out-rows", [["perplexity", 24]]],
      ["pebble-arc_easy", [["acc", 40], ["acc_norm", 40]]],
      ["pebble-lambada_openai", [["perplexity", 40], ["acc", 40]]],
    ],
  );
  const { metrics } = results.student.tasks.arc_easy!;
  assert.deepEqual(measured[1]!.metrics[1], {
    type: "acc_norm",
    value: metrics.acc_norm!.value,
    args: { n: 40, stderr: metrics.acc_norm!.stderr },
  });
});

Deno.test("facts that are given go before those that are found, and the end names those that lack", async () => {
  const card = await makeCard(await measuredResults(), {
    license: "gemma",
    baseModel: "google/gemma-3-270m",
    datasets: ["HuggingFaceTB/cosmopedia"],
  });
  const { license, base_model, base_model_relation, datasets } = frontMatter(card);
  assert.deepEqual([license, base_model, base_model_relation, datasets], [
    "gemma",
    "google/gemma-3-270m",
    "finetune",
    ["HuggingFaceTB/cosmopedia"],
  ]);
  assert.doesNotMatch(card, /## Left out/);
  assert.match(
    await makeCard(await measuredResults()),
    /## Left out\n\n- The base model's name .*`lapidary card RUN --base-model OWNER\/NAME`/,
  );
});

Deno.test("a teacher in a directory: licence and language of its card, base model of its configuration", () =>
  inTemporaryDirectory(async (directory) => {
    const card = () =>
      measuredResults([`teacher=${directory}`]).then((results) => makeCard(results)).then(frontMatter);
    assert.deepEqual(Object.keys(await card()).slice(0, 2), ["language", "library_name"]);
    await Deno.writeTextFile(join(directory, "README.md"), "---\nlicense: gemma\nlanguage: de\n---\n# x\n");
    await Deno.writeTextFile(join(directory, "config.json"), `{"_name_or_path": "google/gemma-3-270m"}`);
    const { license, language, base_model } = await card();
    assert.deepEqual([license, language, base_model], ["gemma", ["de"], "google/gemma-3-270m"]);
    await Deno.writeTextFile(join(directory, "README.md"), "---\n: [\n---\n");
    assert.equal((await card()).license, undefined);
  }));

Deno.test("every figure stands with its n, its error and the name of its formula", async () => {
  const card = await makeCard(await measuredResults());
  assert.match(card, /\| task +\| metric +\| n +\| teacher +\| pruned +\| student +\| control +\|/);
  assert.match(
    card,
    /\| arc_easy +\| acc_norm +\| 40 +\| 80\.0 ± 6\.4 +\| 35\.0 ± 7\.6 +\| 72\.5 ± 7\.1 +\|/,
  );
  assert.match(card, /\| lambada_openai \| perplexity +\| 40 +\| [\d.]+ ± 1\.25 +\|/);
  assert.match(card, /\| Capability retention +\| mean of .* \| 80 +\| [\d.]+ % \([\d.]+ to [\d.]+\) +\|/);
  assert.match(
    card,
    /\| Overall retention, mean of ratios +\| mean of 3 numbers: .* \| 104 +\| [\d.]+ % \([\d.]+ to [\d.]+\) +\|/,
  );
  assert.match(card, /\| Overall retention, half and half +\| mean of 2 numbers: .* \| 104 +\|/);
  assert.match(card, /\| Perplexity retention +\| .* \| 24 +\| 90\.5 % \(90\.5 to 90\.5\) +\|/);
  assert.match(card, /\| arc_easy +\| 40 +\| 83\.3 % \(/);
  assert.match(
    card,
    /## What distillation adds[\s\S]*\| arc_easy +\| acc_norm, points +\| 40 +\| \+7\.5 +\|/,
  );
  assert.match(
    card,
    /With 40 items one answer moves the score by 2\.5 points; on arc_easy student and control answer/,
  );
  assert.match(card, /On 24 held-out rows the perplexity of student is 0\.951 times that of control/);
});

Deno.test("Pebble's own rows are not called by the public sets' names", async () => {
  const own = await makeCard(await measuredResults());
  assert.match(own, /The rows are Pebble's own, .* no score of those sets can be read here/);
  const card = await makeCard(await measuredResults(["evaluate.task_data=tasks"]));
  assert.doesNotMatch(card, /no score of those sets/);
  const [{ results }] = frontMatter(card)["model-index"] as [Index];
  assert.deepEqual(results[1]!.dataset, { type: "arc_easy", name: "arc_easy" });
});

Deno.test("losses stand under their own names, data by its hash, and one command makes the run again", async () => {
  const card = await makeCard(await measuredResults(["loss.temperature=3", "seed=7"]));
  assert.match(card, /0\.5 · CE \+ 0\.5 · T² · D, with T = 3 and D the forward KL divergence KL\(p‖q\)/);
  assert.match(
    card,
    /\| training loss: mean weighted loss of the last epoch's steps, nats per token +\| 1\.0000 +\|/,
  );
  assert.match(
    card,
    /\| validation loss: cross-entropy on held-out rows after training, nats per token +\| 2\.1\d+ +\|/,
  );
  assert.match(card, /\| texts\.txt +\| training and held-out rows +\| 120 +\| a{64} \|/);
  assert.match(card, /\| arc_easy\.jsonl +\| arc_easy +\| 40 +\| c{64} \|/);
  assert.match(
    card,
    /\n {4}\.\/lapidary distill --preset pebble --seed 7 --set loss\.temperature=3 --set 'evaluate\.tasks=\["arc_easy","lambada_openai"\]'\n/,
  );
  assert.match(card, /Deno 2 on linux; adapter x \(x\), subgroups of 8, a driver that computes on the CPU/);
  assert.match(
    card,
    /float32 weights that were trained; then they were written as the type of the teacher's file\./,
  );
  // Sections follow each other with one blank line, and tables are not broken by samples.
  assert.doesNotMatch(card, /\n\n\n/);
  assert.ok(card.includes('- teacher: "A cup.\\nWith 6 | blocks."'));
});

Deno.test("a loss without gradient, no control, no tasks, nothing held out: each is said", async () => {
  const results = await measuredResults(["loss.kind=legacy-v1", "loss.skew=0"]);
  const bare = (model: typeof results.student) => ({ ...model, tasks: {} });
  const card = await makeCard(
    {
      ...results,
      teacher: bare(results.teacher),
      pruned: bare(results.pruned),
      student: bare(results.student),
      control: null,
      data: { ...results.data, validation_rows: 0, tasks: {} },
      training: {
        student: { ...results.training.student, warnings: ["The loss legacy-v1 counts but teaches nothing"] },
        control: null,
      },
    },
  );
  assert.match(
    card,
    /The gradient of D is exactly zero, so that it taught nothing: the student learned by cross-entropy alone/,
  );
  assert.match(card, /Measured: The loss legacy-v1 counts but teaches nothing\./);
  assert.match(
    card,
    /No control was trained \(`train\.control=false`\), so distillation's share of these figures is not known/,
  );
  assert.match(
    card,
    /No task was evaluated.*\n\n {4}\.\/lapidary distill .*evaluate\.tasks=arc_easy,winogrande/,
  );
  assert.match(card, /of the training data, as none were held out: the student has seen them/);
  const { tags, "model-index": index } = frontMatter(card);
  assert.deepEqual(tags, ["lapidary", "pruning", "depth-pruning"]);
  assert.deepEqual((index as [Index])[0].results, []);
  assert.doesNotMatch(card, /Capability retention|undefined|NaN/);
});

Deno.test("the card stands in the student's directory; a run that was stopped is refused with the cure", () =>
  inTemporaryDirectory(async (directory) => {
    const run = await writeRun(join(directory, "run"), await measuredResults());
    const path = await writeCard(run);
    assert.equal(path, join(run, "student", "README.md"));
    assert.match(await Deno.readTextFile(path), /^---\nlicense: apache-2\.0\n/);
    await Deno.remove(join(run, "results.json"));
    await assert.rejects(() => writeCard(run), {
      name: "DataError",
      message: `Cannot write the card of ${run}: there is no ${
        join(run, "results.json")
      }, so nothing was measured; name the directory of a run that distill has finished`,
    });
    const config = join(run, "config.resolved.json");
    await Deno.writeTextFile(config, "{}");
    await assert.rejects(() => writeCard(run), {
      message: new RegExp(`run ./lapidary distill --preset ${config} to measure it again in full$`),
    });
  }));

/** The plan of the published recipe, without its weights, its texts and a network. */
import assert from "node:assert/strict";
import { formatPlan } from "../../pipeline/dry_run/format.ts";
import { KNOWN_TASKS, knownCounts } from "../../pipeline/dry_run/known.ts";
import type { RunPlan } from "../../pipeline/dry_run.ts";
import { commandTest } from "../support/command.ts";
import { lapidaryProcess, outputOf } from "../support/process.ts";

/** The plan of a preset where nothing is cached and no host answers. */
async function planOf(home: string, ...args: string[]): Promise<RunPlan> {
  const nowhere = { HF_ENDPOINT: "http://127.0.0.1:9", HF_HOME: home, LAPIDARY_CACHE: home };
  const command = await lapidaryProcess(["distill", "--dry-run", "--json", "--quiet", ...args], nowhere);
  const { code, out, err } = await outputOf(command);
  assert.equal(code, 0, err);
  return JSON.parse(out);
}

commandTest("gem-3-small: 1,600 and 400 rows, 125 steps, 61,032 requests", async (home) => {
  const plan = await planOf(home, "--preset", "gem-3-small");
  const { data, teacher, student, steps, step, tokens, download, memory } = plan;
  assert.deepEqual([data.training_rows, data.validation_rows, steps], [1600, 400, 125]);
  assert.deepEqual(data.tasks, { items: 20676, requests: 61032 });
  assert.deepEqual([teacher, student], [
    { layers: 18, parameters: 268_098_176 },
    { layers: 14, parameters: 245_803_648 },
  ]);
  assert.deepEqual([step.micro_batches, step.rows, step.tokens_per_row], [4, 16, 512]);
  assert.equal(data.assumed, true);
  assert.equal(tokens, 5 * 1600 * 511);
  // 8.2 PFLOP by the counts of the method, 9.6 with the blocks computed again for their gradient; attention is beside.
  assert.ok(plan.flops > 8.2e15 && plan.flops < 10.5e15, `${plan.flops}`);
  assert.ok(memory.peak_bytes < 10e9);
  assert.deepEqual(download.map(({ name }) => name), [
    "google/gemma-3-270m",
    ...["stories", "wikihow", "openstax", "web_samples_v1"].map((part) => `HuggingFaceTB/cosmopedia:${part}`),
    ...["allenai/ai2_arc:ARC-Easy", "allenai/winogrande:winogrande_xl", "Rowan/hellaswag"],
    ...["EleutherAI/lambada_openai:default", "baber/piqa"],
  ]);
  const bytes = download.reduce((sum, { bytes }) => sum + bytes!, 0);
  assert.ok(bytes > 560e6 && bytes < 620e6, `${bytes}`);
  assert.equal(plan.time, null);
  const text = formatPlan(plan);
  assert.match(text, /\ndownload {2}about 5\d\d\.\d MiB\n {10}google\/gemma-3-270m about /);
  assert.match(text, /\ntime {6}unknown: nothing was measured on this adapter yet; lapidary tune does/);
  const rated = {
    ...plan,
    time: { seconds: 7260, rate: { of: "a training", flops: 4e10, date: "2026-01-31" } },
  };
  assert.match(
    formatPlan(rated),
    /\ntime {6}about 2 h 1 min at 40\.0 GFLOP\/s, measured on this adapter on 2026-01-31: a training\n/,
  );
});

commandTest("the larger budgets, and replay, differ in rows and steps", async (home) => {
  const of = async (preset: string, ...more: string[]) => {
    const { data, steps } = await planOf(home, "--preset", preset, ...more);
    return [data.training_rows, data.validation_rows, steps];
  };
  assert.deepEqual(await of("gem-3-small-15k"), [13500, 1500, 633]);
  assert.deepEqual(await of("gem-3-small-40k"), [32000, 8000, 1500]);
  assert.deepEqual(await of("gem-3-small-replay", "--set", "evaluate.task_limit=5"), [1600, 400, 125]);
});

Deno.test("known tasks: the whole sets, and the first items of each", () => {
  assert.equal(Object.values(KNOWN_TASKS).reduce((sum, { requests }) => sum + requests, 0), 61032);
  assert.deepEqual(knownCounts("hellaswag", 5), { items: 5, requests: 20 });
  assert.deepEqual(knownCounts("piqa", 10_000), { items: 1838, requests: 3676 });
});

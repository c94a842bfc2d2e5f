import { join } from "node:path";
import type { TaskResult } from "../../eval/tasks/mod.ts";
import type { ModelResult, Results } from "../../pipeline/results.ts";
import { resolveConfig } from "../../train/config/mod.ts";
import { exampleResults } from "./results.ts";

/** Items of which this many are right, in an order of the seed's own. */
function answers(right: number, n: number, seed: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) =>
    (a * 7919 + seed) % 101 - (b * 7919 + seed) % 101
  );
  return Array.from({ length: n }, (_, i) => order.indexOf(i) < right ? 1 : 0);
}

function share(items: readonly number[]) {
  const value = items.reduce((sum, x) => sum + x, 0) / items.length;
  return { value, stderr: Math.sqrt(value * (1 - value) / (items.length - 1)) };
}

/** A task with acc_norm, and LAMBADA, each of 40 items. */
function tasksOf(right: number): Record<string, TaskResult> {
  const acc = answers(right - 2, 40, 1), norm = answers(right, 40, 1), words = answers(right - 4, 40, 2);
  const log_likelihood = words.map((known, i) => known ? -0.5 - (i % 7) / 10 : -4 - (i % 5));
  const perplexity = Math.exp(-log_likelihood.reduce((sum, x) => sum + x, 0) / 40);
  return {
    arc_easy: { n: 40, metrics: { acc: share(acc), acc_norm: share(norm) }, items: { acc, acc_norm: norm } },
    lambada_openai: {
      n: 40,
      metrics: { perplexity: { value: perplexity, stderr: 1.25 }, acc: share(words) },
      items: { acc: words, log_likelihood },
    },
  };
}

function modelOf(layers: number, loss: number, right: number): ModelResult {
  const row_losses = Array.from(
    { length: 24 },
    (_, i) => ({ sum: (loss + (i % 5) / 50) * 100, tokens: 100 }),
  );
  const cross_entropy = row_losses.reduce((sum, row) => sum + row.sum, 0) / 2400;
  return {
    ...{
      layers,
      parameters: layers * 50000 + 1000,
      perplexity: Math.exp(cross_entropy),
      cross_entropy,
      tokens: 2400,
    },
    row_losses,
    samples: [`A cup.\nWith ${layers} | blocks.`],
    tasks: tasksOf(right),
  };
}

/** Results of a made-up run with tasks, control and everything a card tells of. */
export async function measuredResults(settings: readonly string[] = []): Promise<Results> {
  const results = await exampleResults();
  return {
    ...results,
    config: await resolveConfig({
      preset: "pebble",
      set: ["evaluate.tasks=arc_easy,lambada_openai", ...settings],
    }),
    data: {
      ...{ training_rows: 96, validation_rows: 24 },
      files: [{ path: "data/texts.txt", sha256: "a".repeat(64), rows: 120 }],
      held_out: { rows: 24, sha256: "b".repeat(64) },
      tasks: {
        arc_easy: { path: "tasks/arc_easy.jsonl", sha256: "c".repeat(64), rows: 40 },
        lambada_openai: { path: "tasks/lambada_openai.jsonl", sha256: "d".repeat(64), rows: 40 },
      },
    },
    importance: { method: "optipfair-0.2", scores: [0.3, 0.1, 0.2, 0.4], order: [1, 2, 0, 3] },
    drop: [1, 2],
    teacher: modelOf(6, 2, 32),
    pruned: modelOf(4, 3, 14),
    student: modelOf(4, 2.1, 29),
    control: modelOf(4, 2.15, 26),
  };
}

/** Writes what a finished run has into a directory, but for its weights. */
export async function writeRun(directory: string, results: Results): Promise<string> {
  await Deno.mkdir(join(directory, "student"), { recursive: true });
  await Deno.writeTextFile(join(directory, "results.json"), JSON.stringify(results));
  return directory;
}

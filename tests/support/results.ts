import { comparisonsOf } from "../../pipeline/distill/compare.ts";
import type { ModelResult, Results } from "../../pipeline/results.ts";
import { resolveConfig } from "../../train/config/mod.ts";

/** A model with so many blocks, whose held-out rows all have this perplexity. */
export function exampleModel(layers: number, perplexity: number, sample: string): ModelResult {
  const nats = Math.log(perplexity);
  return {
    ...{ layers, parameters: layers * 1000, perplexity, cross_entropy: nats, tokens: 1500 },
    row_losses: [{ sum: 500 * nats, tokens: 500 }, { sum: 1000 * nats, tokens: 1000 }],
    samples: [sample],
    tasks: {},
  };
}

/** A model with the answers to a task's items, right or wrong, beside what it has. */
export function withAnswers(model: ModelResult, task: string, acc: readonly number[]): ModelResult {
  const value = acc.reduce((sum, right) => sum + right, 0) / acc.length;
  const result = { n: acc.length, metrics: { acc: { value, stderr: null } }, items: { acc } };
  return { ...model, tasks: { ...model.tasks, [task]: result } };
}

/** Results of a made-up run. */
export async function exampleResults(): Promise<Results> {
  const training = {
    ...{ steps: 3, tokens: 12345, seconds: 6.25, tokens_per_second: 1975, memory_bytes: 1 },
    ...{ last_epoch_loss: 1, warnings: [] },
  };
  const models = {
    teacher: exampleModel(6, 10, "A\nB"),
    pruned: exampleModel(4, 40, "A C"),
    student: exampleModel(4, 20, "A D"),
    control: exampleModel(4, 25, "A E"),
  };
  return {
    version: 2,
    config: await resolveConfig({}),
    environment: { deno: "2", os: "linux", adapter: "x", vendor: "x", subgroup_size: 8, software: true },
    data: {
      ...{ training_rows: 8, validation_rows: 2 },
      files: [{ path: "texts.txt", sha256: "a".repeat(64), rows: 10 }],
      held_out: { rows: 2, sha256: "b".repeat(64) },
      tasks: {},
    },
    importance: null,
    drop: [4, 1],
    ...models,
    training: { student: training, control: { ...training, seconds: 5 } },
    perplexity_retention: 50,
    recovery: 50,
    comparisons: comparisonsOf(models),
    seconds: {},
    memory: [],
  };
}

/** Operations of a run beside its training. */
import { forwardFlops, likelihoodCost } from "../../eval/likelihood/mod.ts";
import type { Gemma3Config } from "../../model/config/mod.ts";
import type { Config } from "../../train/config/mod.ts";
import { longestRow, type Row } from "../../train/data/mod.ts";
import type { PlanInputs } from "./inputs.ts";
import { knownTaskFlops } from "./known.ts";

/** Operations by stage, at most; those of tasks whose rows are not here in about. */
export interface StageFlops {
  readonly importance: number;
  /** Perplexity of all models on the held-out rows. */
  readonly evaluation: number;
  /** Tasks of all models. */
  readonly tasks: number;
}

/** Counts the operations of a run's forward passes. @param models that are evaluated, one after another */
export function stageFlops(
  config: Config,
  { teacher, tasks, counts }: Pick<PlanInputs, "teacher" | "tasks" | "counts">,
  models: readonly Gemma3Config[],
  training: readonly Row[],
  heldOut: readonly Row[],
): StageFlops {
  const { data, importance, evaluate, prune } = config;
  const pass = (model: Gemma3Config, rows: number, T: number, scored: boolean) =>
    forwardFlops(model, { tokens: rows * T, pairs: rows * T * T, logits: scored ? rows * T : 0 }).total;
  const measured = training.slice(0, importance.rows ?? undefined),
    held = heldOut.slice(0, evaluate.rows ?? undefined);
  const padded = importance.padding === "max_length" ? data.max_length : longestRow(measured);
  const over = (of: (model: Gemma3Config) => number) => models.reduce((sum, model) => sum + of(model), 0);
  const flat = tasks.map(({ requests }) => requests.flat());
  return {
    importance: prune.drop ? 0 : pass(teacher, measured.length, padded, false),
    evaluation: over((model) => pass(model, held.length, longestRow(held), true)),
    tasks: over((model) =>
      flat.length > 0
        ? flat.reduce((sum, requests) => sum + likelihoodCost(requests, model).planned.total, 0)
        : counts.reduce((sum, { name, requests }) => sum + knownTaskFlops(name, requests, model), 0)
    ),
  };
}

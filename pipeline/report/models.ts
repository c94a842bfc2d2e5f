import { type ModelName } from "../results.ts";
import type { Series } from "./charts/series.ts";

/** How each model is drawn, everywhere. */
export const SERIES: Readonly<Record<ModelName, Series>> = {
  teacher: { colour: "series-1", mark: "circle" },
  pruned: { colour: "series-2", mark: "triangle" },
  student: { colour: "series-3", mark: "square" },
  control: { colour: "series-4", mark: "diamond", dash: "7 3" },
};

/** What each model is, for who reads of it the first time. */
export const MEANING: Readonly<Record<ModelName, string>> = {
  teacher: "the model before anything was removed",
  pruned: "the teacher without its least important blocks, before it learned",
  student: "the pruned model, healed by cross-entropy and distillation",
  control: "the pruned model, healed by cross-entropy alone: same rows, order, steps and seed",
};

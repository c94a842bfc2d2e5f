import { formatCount, formatDifference } from "./format.ts";
import { type Comparison, type ModelName, type ModelResult, modelsOf, type Results } from "./results.ts";

/** A few lines for the terminal. */
export function summarize(results: Results): string {
  const { teacher, drop, training: { student: training, control }, data, perplexity_retention, recovery } =
    results;
  const models = modelsOf(results);
  const table = models.map(([name, { layers, parameters, perplexity }]) =>
    `${name.padEnd(8)}  ${String(layers).padStart(6)}  ${formatCount(parameters).padStart(13)}  ${
      perplexity.toFixed(3).padStart(10)
    }`
  );
  const samples = teacher.samples.length === 0
    ? []
    : ["", ...models.map(([name, { samples }]) => `${name.padEnd(8)}  ${JSON.stringify(samples[0])}`)];
  const measured = data.validation_rows > 0
    ? "held-out tokens"
    : "tokens of the training rows, as none were held out";
  return [
    `model     blocks     parameters  perplexity`,
    ...table,
    ...taskTable(models, results.comparisons),
    ...samples,
    ``,
    `Removed ${drop.length === 1 ? "block" : "blocks"} ${drop.join(", ")}. ${training.steps} ${
      training.steps === 1 ? "step" : "steps"
    }, ${formatCount(training.tokens)} tokens in ${training.seconds.toFixed(1)} s${
      control ? `; the control, by cross-entropy alone, in ${control.seconds.toFixed(1)} s` : ""
    }.`,
    `Perplexity on ${formatCount(teacher.tokens)} ${measured}: the student keeps ${
      perplexity_retention.toFixed(1)
    } % of the teacher's and wins back ${recovery.toFixed(1)} % of the cross-entropy lost by pruning.`,
    ...ownShare(results),
  ].join("\n");
}

const points = (share: number): string => (100 * share).toFixed(1);

/** Accuracies in percent, a line a task, with what the student has over the control. */
function taskTable(
  models: readonly [ModelName, ModelResult][],
  comparisons: readonly Comparison[],
): string[] {
  const tasks = Object.keys(models[0]![1].tasks), hasControl = models.some(([name]) => name === "control");
  if (tasks.length === 0) return [];
  const row = (cells: readonly string[]) => cells.map((cell) => cell.padStart(7)).join("  ");
  const lines = tasks.map((task) => {
    const scores = models.map(([, { tasks }]) => points(tasks[task]!.metrics.acc!.value));
    const lead = comparisons.find(({ models, on, metric }) =>
      models[1] === "control" && on === task && metric === "acc"
    );
    return `${task.padEnd(14)}  ${row(scores)}${lead ? `   ${inPoints(lead)}` : ""}`;
  });
  const items = [...new Set(tasks.map((task) => models[0]![1].tasks[task]!.n))];
  return [
    "",
    `${"accuracy, %".padEnd(14)}  ${row(models.map(([name]) => name))}${
      hasControl ? "   student less control" : ""
    }`,
    ...lines,
    `of ${items.length === 1 ? items[0] : `${Math.min(...items)} to ${Math.max(...items)}`} items a task`,
  ];
}

function inPoints({ difference, interval }: Comparison): string {
  const show = (value: number) => formatDifference(value, true);
  return show(difference) + (interval ? ` (${show(interval[0])} to ${show(interval[1])})` : "");
}

/** What distillation adds to cross-entropy alone: the student beside the control. */
function ownShare({ comparisons }: Results): string[] {
  const found = comparisons.find(({ models, on }) => models[1] === "control" && on === "held_out");
  if (!found) return [];
  const { difference, interval, n } = found, show = (value: number) => formatDifference(value, false);
  return [
    `Distillation's own share: student less control ${show(difference)} nats per token${
      interval ? ` (95 % interval ${show(interval[0])} to ${show(interval[1])})` : ""
    } on ${n} ${n === 1 ? "row" : "rows"}${
      interval && interval[0] <= 0 && interval[1] >= 0 ? ": they cannot be told apart" : ""
    }.`,
  ];
}

/** Results and samples in the shape lm-evaluation-harness writes them in, so that its readers read ours. */
import { createHash } from "node:crypto";
import type { TaskEvaluation } from "./evaluate.ts";
import type { Task } from "./task.ts";

/** lm-evaluation-harness's name for answers that no filter changed. */
const FILTER = "none";

/** What a results file holds beside its tasks. */
export type ResultsHeader = Readonly<Record<string, unknown>>;

const byTask = <T>(evaluations: readonly TaskEvaluation[], value: (evaluation: TaskEvaluation) => T) =>
  Object.fromEntries(evaluations.map((evaluation) => [evaluation.rows.task.name, value(evaluation)]));

/** A results file: keys are lm-evaluation-harness's (lm_eval/result_schema.py). */
export function lmEvalResults(evaluations: readonly TaskEvaluation[], header: ResultsHeader) {
  return {
    results: byTask(evaluations, ({ rows: { task }, result }) => ({
      name: task.name,
      alias: task.name,
      sample_len: result.n,
      ...Object.fromEntries(
        Object.entries(result.metrics).flatMap(([name, { value, stderr }]) => [
          [`${name},${FILTER}`, value],
          [`${name}_stderr,${FILTER}`, stderr ?? "N/A"],
        ]),
      ),
    })),
    group_subtasks: {},
    configs: byTask(evaluations, configOf),
    versions: byTask(evaluations, ({ rows }) => rows.task.version),
    "n-shot": byTask(evaluations, () => 0),
    higher_is_better: byTask(evaluations, ({ rows: { task } }) => directionsOf(task)),
    "n-samples": byTask(
      evaluations,
      ({ rows, result }) => ({ original: rows.original, effective: result.n }),
    ),
    ...header,
    task_hashes: byTask(
      evaluations,
      (evaluation) =>
        sha256(lmEvalSamples(evaluation).map((s) => s.doc_hash + s.prompt_hash + s.target_hash).join("")),
    ),
  };
}

const directionsOf = ({ metrics }: Task) =>
  Object.fromEntries(metrics.map(({ name, higherIsBetter }) => [name, higherIsBetter]));

function configOf({ rows: { task, path, rows } }: TaskEvaluation) {
  const { name, source, metrics, version } = task;
  return {
    task: name,
    dataset_path: source.path,
    ...(source.name !== null && { dataset_name: source.name }),
    dataset_kwargs: { data_files: path },
    [`${source.split}_split`]: source.split,
    output_type: rows[0]!.item.gold === undefined ? "loglikelihood" : "multiple_choice",
    num_fewshot: 0,
    metric_list: metrics.map(({ name, aggregation, higherIsBetter }) => ({
      metric: name,
      aggregation: aggregation.name,
      higher_is_better: higherIsBetter,
    })),
    metadata: { version },
  };
}

/** The lines of a sample log, one a row. Answers are texts, as Python writes numbers and truth. */
export function lmEvalSamples({ rows: { task, rows }, likelihoods, result }: TaskEvaluation) {
  return rows.map(({ document, item: { requests, target } }, i) => {
    const answers = likelihoods[i]!.map(({ logLikelihood, isGreedy }) => [
      String(logLikelihood),
      isGreedy ? "True" : "False",
    ]);
    return {
      doc_id: i,
      doc: document,
      target: String(target),
      arguments: Object.fromEntries(
        requests.map(({ context, continuation }, j) => [
          `gen_args_${j}`,
          { arg_0: context, arg_1: continuation },
        ]),
      ),
      resps: answers.map((answer) => [answer]),
      filtered_resps: answers,
      filter: FILTER,
      metrics: task.metrics.map(({ name }) => name),
      doc_hash: sha256(JSON.stringify(document, null, 2)),
      prompt_hash: sha256(requests[0]!.context),
      target_hash: sha256(String(target)),
      ...Object.fromEntries(
        task.metrics.map(({ name, itemName = name }) => [name, result.items[itemName]![i]!]),
      ),
    };
  });
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A table for people, in lm-evaluation-harness's columns. */
export function formatTable(evaluations: readonly TaskEvaluation[]): string {
  const head = ["Tasks", "Version", "Filter", "n-shot", "Metric", "", "Value", "", "Stderr", "n"];
  const lines = evaluations.flatMap(({ rows: { task }, result }) =>
    task.metrics.toSorted((a, b) => a.name < b.name ? -1 : 1).map(({ name, higherIsBetter }, i) => {
      const { value, stderr } = result.metrics[name]!;
      const first = i === 0 ? [task.name, String(task.version)] : ["", ""];
      const error = stderr === null ? "N/A" : stderr.toFixed(4);
      return [
        ...first,
        ...[FILTER, "0", name, higherIsBetter ? "↑" : "↓", value.toFixed(4), "±", error, String(result.n)],
      ];
    })
  );
  const widths = head.map((title, i) => Math.max(2, title.length, ...lines.map((line) => line[i]!.length)));
  const isNumber = (i: number) => ["Version", "n-shot", "Value", "Stderr", "n"].includes(head[i]!);
  const row = (cells: readonly string[]) =>
    `|${
      cells.map((cell, i) => isNumber(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)).join("|")
    }|`;
  const rule = `|${
    widths.map((width, i) => isNumber(i) ? `${"-".repeat(width - 1)}:` : "-".repeat(width)).join("|")
  }|`;
  return [row(head), rule, ...lines.map(row)].join("\n");
}

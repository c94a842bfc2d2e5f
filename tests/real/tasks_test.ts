/** The five tasks on 100 published rows each, the whole model and without four blocks, against lm-evaluation-harness (tasks.json). */
import {
  encodeRows,
  formatTable,
  lmEvalResults,
  lmEvalSamples,
  longestFed,
  TASKS,
} from "../../eval/tasks/mod.ts";
import { releaseGemma3 } from "../../model/gemma3/mod.ts";
import { tokenizerOf } from "../../model/tokenizer/mod.ts";
import { openModel } from "../../model/weights/mod.ts";
import { datasetAccess } from "../../pipeline/datasets.ts";
import { evaluateTasks, readTasks } from "../../pipeline/evaluate.ts";
import { assertFacts, type Numbers, type Sample, type TaskFacts } from "../support/task_facts.ts";
import { havePublishedRows, writePublishedRows } from "../support/tasks.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";
import { loadReal, realEngine, realTest } from "./real_model.ts";

type Facts = Readonly<Record<string, TaskFacts>>;

const golden: { readonly dropped: readonly number[]; readonly teacher: Facts; readonly pruned: Facts } = JSON
  .parse(
    await Deno.readTextFile(new URL("tasks.json", import.meta.url)),
  );
/**
 * Of a log-likelihood of more than 100 nats. Both sides sum 262,144 exponentials a token in float32: of -365.9542 nats in
 * float64 (piqa 30, pruned, 72 tokens) lm-evaluation-harness makes -365.9519 and this engine -365.9531.
 */
const SHARE = 1e-5;
const reporter = { update: () => {}, note: () => {}, signal: new AbortController().signal };

realTest(
  "every item of 100 published rows a task is lm-evaluation-harness's, whole and pruned",
  async (path) => {
    if (!havePublishedRows()) return;
    const engine = await realEngine(), opened = await openModel(path);
    const tokenizer = (await tokenizerOf(opened))!;
    opened.weights.close();
    await inTemporaryDirectory(async (directory) => {
      await writePublishedRows(directory);
      const rows = await readTasks(TASKS.map(({ name }) => name), directory, null, datasetAccess(reporter));
      const encoded = rows.map((task) => encodeRows(tokenizer, task));
      const positions = longestFed(encoded, opened.config.maxPositionEmbeddings);
      for (const [name, drop] of [["teacher", []], ["pruned", golden.dropped]] as const) {
        const model = await loadReal(path, { drop, positions }), started = performance.now();
        const evaluations = await evaluateTasks(engine, model, name, encoded, 0, reporter);
        const seconds = (performance.now() - started) / 1000;
        releaseGemma3(engine, model);
        console.log(`${name}, ${seconds.toFixed(0)} s\n${formatTable(evaluations)}`);
        const results = lmEvalResults(evaluations, {}).results as Record<string, Numbers>;
        const differences = evaluations.flatMap((evaluation) => {
          const task = evaluation.rows.task.name, samples = lmEvalSamples(evaluation) as unknown as Sample[];
          return assertFacts(task, evaluation.rows.rows, samples, results[task]!, golden[name][task]!, SHARE);
        });
        const largest = Math.max(...differences).toExponential(1);
        const over = differences.filter((difference) => difference > 1e-3).length;
        console.log(`${name}: all 500 items equal; log-likelihoods differ by ${largest} at most`);
        console.log(`${name}: ${over} of ${differences.length} differ by more than 1e-3`);
      }
    });
  },
);

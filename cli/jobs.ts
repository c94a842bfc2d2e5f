/** What each command does once its flags are checked: a job of the pipeline, and its result as text or as JSON. */
import { dirname } from "node:path";
import { formatCount, formatDuration } from "../pipeline/format.ts";
import { type Context, reporterOf, writeJson } from "./context.ts";
import type { DistillRequest } from "./distill.ts";
import type { EvaluateCommand } from "./evaluate.ts";
import type { ExplainCommand } from "./explain.ts";
import type { GenerateRequest } from "./generate.ts";
import type { ImportanceRequest } from "./importance.ts";
import type { PerplexityRequest } from "./perplexity.ts";
import type { PretrainRequest } from "./pretrain.ts";
import type { PruneRequest } from "./prune.ts";
import type { StudyRequest } from "./study.ts";
import type { TrainRequest } from "./train.ts";
import type { TuneRequest } from "./tune.ts";
import { withEngine } from "./with_engine.ts";

/** Prints a result: JSON where asked for, else lines of text. */
export function answer(context: Context, json: boolean, value: unknown, text: string): void {
  context.progress.end();
  if (json) writeJson(context, value);
  else context.io.stdout(`${text}\n`);
}

/** The whole pipeline, or with `dryRun` its plan. */
export async function distill(
  { config, run, resume, dryRun, json }: DistillRequest,
  context: Context,
): Promise<void> {
  await withEngine(context, async (open) => {
    if (dryRun) {
      const { planDistill } = await import("../pipeline/dry_run.ts");
      const { formatPlan } = await import("../pipeline/dry_run/format.ts");
      const plan = await planDistill(open, config, reporterOf(context));
      return answer(context, json, plan, formatPlan(plan));
    }
    const { runDistill } = await import("../pipeline/distill.ts");
    const { summarize } = await import("../pipeline/summary.ts");
    const results = await runDistill(open, config, run, reporterOf(context), { resume });
    answer(
      context,
      json,
      results,
      `${summarize(results)}\n\nWritten to ${run}: report.html, student/, results.json, log.jsonl`,
    );
  });
}

/** Methods compared over seeds, or with `dryRun` the cells that would run. */
export async function study(
  { definition, cells, out, dryRun, json }: StudyRequest,
  context: Context,
): Promise<void> {
  const { finishedResults, runStudy, studyMarkdown } = await import("../pipeline/study/mod.ts");
  if (dryRun) {
    const plan = await Promise.all(cells.map(async (cell) => ({
      ...{ method: cell.method, seed: cell.seed, cell: cell.name },
      finished: await finishedResults(out, cell) !== undefined,
    })));
    const lines = plan.map(({ cell, finished }) => `${finished ? "finished" : "to run  "}  ${cell}`);
    return answer(context, json, plan, lines.join("\n"));
  }
  const results = await withEngine(
    context,
    (open) => runStudy(open, definition, cells, out, reporterOf(context)),
  );
  answer(
    context,
    json,
    results,
    `${studyMarkdown(results)}\nWritten to ${out}: study.md, study.json, cells/`,
  );
}

/** Scores of every block. */
export async function importance(
  { model, config, json, choose }: ImportanceRequest,
  context: Context,
): Promise<void> {
  const { runImportance } = await import("../pipeline/importance.ts");
  const result = await withEngine(
    context,
    (open) => runImportance(open, model, config, reporterOf(context), choose),
  );
  const rank = new Map(result.order.map((block, i) => [block, i + 1]));
  const lines = result.scores.map((score, block) =>
    `${String(block).padStart(5)}  ${score.toFixed(6)}  ${String(rank.get(block)).padStart(4)}`
  );
  answer(
    context,
    json,
    result,
    [
      ...[`Importance by ${result.method}`, "block     score  rank", ...lines],
      ...result.chosen
        ? [`Least important whose removal keeps the pattern: ${result.chosen.join(", ")}`]
        : [],
    ].join("\n"),
  );
}

/** A smaller model. */
export async function prune({ model, out, config, json }: PruneRequest, context: Context): Promise<void> {
  const { runPrune } = await import("../pipeline/prune.ts");
  const result = await withEngine(context, (open) => runPrune(open, model, out, config, reporterOf(context)));
  const { drop, layers, parameters } = result;
  answer(
    context,
    json,
    result,
    `Removed ${drop.length === 1 ? "block" : "blocks"} ${drop.join(", ")}: ${layers} ${
      layers === 1 ? "block" : "blocks"
    } and ${formatCount(parameters)} parameters are left in ${out}`,
  );
}

/** Healing alone. */
export async function train({ student, out, config, json }: TrainRequest, context: Context): Promise<void> {
  const { runTrain } = await import("../pipeline/train.ts");
  const { steps, tokens, seconds, last, lastEpochLoss, validation } = await withEngine(
    context,
    (open) => runTrain(open, student, out, config, reporterOf(context)),
  );
  const losses = { cross_entropy: last?.crossEntropy, distillation: last?.distillation, total: last?.total };
  answer(
    context,
    json,
    {
      ...{
        steps,
        tokens,
        seconds,
        losses,
        gradient_norm: last?.gradientNorm,
        last_epoch_loss: lastEpochLoss,
      },
      validation: validation ?? null,
    },
    `Trained ${steps} steps, ${formatCount(tokens)} tokens in ${formatDuration(seconds)}: loss ${
      last?.total.toFixed(4)
    }${
      validation ? `, perplexity ${validation.perplexity.toFixed(3)} on rows held out` : ""
    }; written to ${out}`,
  );
}

/** Perplexity, and each token's loss in a file where asked for. */
export async function perplexity(request: PerplexityRequest, context: Context): Promise<void> {
  const { model, config, tokenLosses: file, json } = request;
  const { runPerplexity, validationOf } = await import("../pipeline/perplexity.ts");
  const { makeDirectory, writeFileAtomic } = await import("../model/files/mod.ts");
  // Before minutes of work, not after.
  if (file !== undefined) await makeDirectory(dirname(file));
  const measured = await withEngine(
    context,
    (open) => runPerplexity(open, model, config, reporterOf(context)),
  );
  const { perplexity, crossEntropy, tokens, tokenLosses } = measured;
  if (file !== undefined) {
    await writeFileAtomic(file, tokenLosses.map((row) => `${JSON.stringify(Array.from(row))}\n`).join(""));
  }
  answer(
    context,
    json,
    validationOf(measured),
    `Perplexity ${perplexity.toFixed(4)}, cross-entropy ${crossEntropy.toFixed(5)} nats over ${
      formatCount(tokens)
    } tokens`,
  );
}

/** Benchmarks of one model after another. */
export async function evaluate({ request, json }: EvaluateCommand, context: Context): Promise<void> {
  const { comparisonSentences, runEvaluate } = await import("../pipeline/evaluate.ts");
  const { formatTable } = await import("../eval/tasks/mod.ts");
  const evaluations = await withEngine(context, (open) => runEvaluate(open, request, reporterOf(context)));
  const results = evaluations.map(({ results }) => results);
  answer(
    context,
    json,
    results.length === 1 ? results[0] : results,
    [
      ...evaluations.map(({ model, tasks }) => `${model}\n${formatTable(tasks)}`),
      ...evaluations.length > 1 ? [comparisonSentences(evaluations).join("\n")] : [],
    ].join("\n\n"),
  );
}

/** One token's way. */
export async function explain({ request, json }: ExplainCommand, context: Context): Promise<void> {
  const { formatExplanation, runExplain } = await import("../pipeline/explain/mod.ts");
  const explanation = await withEngine(context, (open) => runExplain(open, request, reporterOf(context)));
  answer(context, json, explanation, formatExplanation(explanation));
}

/** A continuation. */
export async function generate(
  { model, opening, prompt, options, json }: GenerateRequest,
  context: Context,
): Promise<void> {
  const { runGenerate } = await import("../pipeline/generate.ts");
  const { inputIds, outputIds, text } = await withEngine(
    context,
    (open) => runGenerate(open, model, opening, prompt, options, reporterOf(context)),
  );
  answer(
    context,
    json,
    { input_ids: inputIds, output_ids: outputIds, text: text ?? null },
    text ?? outputIds.join(","),
  );
}

/** Pebble's teacher again. */
export async function pretrain({ out, seed, steps, json }: PretrainRequest, context: Context): Promise<void> {
  const { PRETRAIN, runPretrain } = await import("../pipeline/pretrain.ts");
  const { stepProgress } = await import("../pipeline/reporter.ts");
  const totalSteps = steps ?? PRETRAIN.steps;
  const last = await withEngine(context, async (open) =>
    runPretrain(await open(), {
      out,
      seed: seed ?? PRETRAIN.seed,
      steps: totalSteps,
      signal: context.signal,
      onStep: (record) => context.progress.update(stepProgress(record, totalSteps)),
      note: context.progress.note,
    }));
  answer(
    context,
    json,
    last,
    `Trained ${last.step} steps: loss ${last.losses.total.toFixed(4)}; written to ${out}`,
  );
}

/** Kernels chosen by measurement, and on Mesa's software driver the width of its vectors. */
export async function tune({ seconds, json }: TuneRequest, context: Context): Promise<void> {
  const { formatTuned, runTune, tuneWidths, widthsToTry } = await import("../pipeline/tune.ts");
  const { tuneInProcess } = await import("../pipeline/tuning/process.ts");
  const { cacheDirectory } = await import("../pipeline/tuning/places.ts");
  const { saveWidth } = await import("../pipeline/tuning/vector_width.ts");
  const given = Deno.env.get("LP_NATIVE_VECTOR_WIDTH"); // before an engine is opened at the width of last time
  const result = await withEngine(context, async (open) => {
    const widths = await widthsToTry(open, given);
    if (widths.length === 0) return await runTune(open, seconds, reporterOf(context));
    const best = await tuneWidths(widths, seconds, (bits, share) => {
      context.progress.note(`Measuring at ${bits} bits`);
      return tuneInProcess(bits, share, context.signal);
    });
    await saveWidth(best.bits, cacheDirectory()!);
    context.progress.note(best.told);
    return best.result;
  });
  answer(context, json, result, formatTuned(result));
}

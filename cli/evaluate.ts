/** `lapidary evaluate`: what models make of benchmarks. */
import { type CommandUnknownOpts, InvalidArgumentError } from "@commander-js/extra-typings";
import type { EvaluateRequest } from "../pipeline/evaluate.ts";
import type { Context, Run } from "./context.ts";
import { requireAbsent } from "./paths.ts";
import { required } from "./required.ts";

/** What `evaluate` is asked to do. */
export interface EvaluateCommand {
  readonly request: EvaluateRequest;
  /** Write lm-evaluation-harness's results in place of a table: an object, or a list of several models'. */
  readonly json: boolean;
}

/** Adds the command. */
export function addEvaluate(program: CommandUnknownOpts, context: Context, run: Run<EvaluateCommand>): void {
  program.command("evaluate")
    .description("Benchmarks, item by item as lm-evaluation-harness scores them")
    .option(
      "--model <model...>",
      "model directories, .gguf files or names on the hub, one after another; required",
    )
    .option("--tokenizer <dir>", "tokenizer in place of the models' own: a directory or a name on the hub")
    .option("--repair", "mend a config.json whose layer_types were popped twice on saving")
    .option("--tasks <names>", "tasks with commas between: arc_easy,winogrande; required")
    .option(
      "--task-data <dir>",
      'directory of TASK.jsonl or TASK.parquet in the dataset\'s columns, "pebble" or "hub" (default: hub)',
    )
    .option("--limit <n>", "the first n rows of each task; below 1 that share of them (default: all)", limit)
    .option("--log-samples <path>", "new .jsonl file, or directory where there are several logs")
    .option(
      "--use-cache <file>",
      "keep the likelihood of each request in FILE, and take from it what it has: goes on where a run was stopped",
    )
    .option("--json", "write results in the shape of lm-evaluation-harness to standard output")
    .addHelpText(
      "after",
      `
Examples:
  lapidary evaluate --model gemma-3-270m --tasks arc_easy,piqa --task-data benchmarks
  lapidary evaluate --model gemma-3-270m student --tasks lambada_openai --task-data benchmarks --limit 500
  lapidary evaluate --model pebble runs/mine/student --tasks piqa,hellaswag --task-data pebble
  lapidary evaluate --model student --tasks arc_easy --task-data benchmarks --log-samples samples.jsonl --json
  lapidary evaluate --model student --tasks hellaswag --task-data benchmarks --use-cache likelihoods.jsonl`,
    )
    .action(async (flags) => {
      const { tokenizer = null, repair = false, json = false, logSamples, useCache } = flags;
      const request = {
        models: required(flags.model, "--model", "a model directory, .gguf file or name on the hub"),
        tasks: required(flags.tasks, "--tasks", "tasks such as arc_easy,winogrande").split(",").map((name) =>
          name.trim()
        ),
        taskData: flags.taskData ?? "hub",
        limit: flags.limit ?? null,
        logSamples,
        ...useCache !== undefined && { useCache },
        opening: { tokenizer, repair },
      };
      if (logSamples !== undefined) await requireAbsent(logSamples, "--log-samples");
      await run({ request, json }, context);
    });
}

/** Rows from 1, or a share of them between 0 and 1. */
function limit(text: string): number {
  const value = Number(text);
  if (value > 0 && (value < 1 || Number.isSafeInteger(value))) return value;
  throw new InvalidArgumentError("Give a whole number of rows, or a share below 1 such as 0.1.");
}

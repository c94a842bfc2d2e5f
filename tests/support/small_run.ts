/** A whole run that takes seconds, and what of it must be the same however often it was broken off. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Engine } from "../../engine/mod.ts";
import { runDistill } from "../../pipeline/distill.ts";
import type { Reporter, StageProgress } from "../../pipeline/reporter.ts";
import type { Results } from "../../pipeline/results.ts";
import { type Config, resolveConfig } from "../../train/config/mod.ts";
import { settings } from "./command.ts";
import { inTemporaryDirectory } from "./temporary.ts";
import { TASK_MODEL, writeOwnRows } from "./tasks.ts";

/** `KEY=VALUE` of the run: every stage that there is, kept states, validations and checkpoints between steps. */
const SETTINGS = (rows: string) => [
  ...["data.limit=10", "data.max_length=48", "prune.count=1", "importance.batch_size=4"],
  ...[
    "train.epochs=3",
    "train.micro_batch=2",
    "train.accumulation=1",
    "train.keep_teacher_states=true",
    "train.lr=1e-3",
  ],
  ...["train.schedule=cosine", "train.warmup_steps=2", "train.checkpoint_every=2", "train.metrics_every=3"],
  ...["evaluate.every=3", "evaluate.tasks=piqa,lambada_openai", "evaluate.task_limit=2"],
  ...[`evaluate.task_data=${rows}`, "sample.max_new_tokens=3", 'sample.prompts=["The cup"]'],
];

/** Writes the rows of its tasks into `directory` and gives the settings of a small run. */
export async function smallSettings(directory: string): Promise<string[]> {
  const rows = join(directory, "rows");
  await Deno.mkdir(rows, { recursive: true });
  await writeOwnRows(rows);
  return SETTINGS(rows);
}

/** As {@link smallSettings}, as a configuration. */
export async function smallConfig(directory: string): Promise<Config> {
  return await resolveConfig({
    flags: { teacher: TASK_MODEL, data: { files: ["pebble"] } },
    set: await smallSettings(directory),
  });
}

/** As {@link smallSettings}, as arguments of the command line; the run's directory is missing. */
export async function smallArguments(directory: string): Promise<string[]> {
  const given = settings(...await smallSettings(directory));
  return ["distill", "--preset", "pebble", "--teacher", TASK_MODEL, "--data", "pebble", ...given];
}

/** A reporter that keeps what it hears; `onUpdate` may throw or abort. */
export function listening(
  onUpdate: (progress: StageProgress, controller: AbortController) => void = () => {},
): Reporter & { readonly notes: string[] } {
  const controller = new AbortController(), notes: string[] = [];
  return {
    notes,
    update: (progress) => onUpdate(progress, controller),
    note: (text) => void notes.push(text),
    signal: controller.signal,
  };
}

/** Runs or goes on with a small run on an engine of the tests. */
export function runSmall(
  engine: Engine,
  config: Config,
  run: string,
  reporter: Reporter,
  resume = false,
): Promise<Results> {
  return runDistill(() => Promise.resolve(engine), config, run, reporter, { resume });
}

let whole: Promise<Record<string, unknown>> | undefined;

/** The outcome of a small run in a single piece; run once in a process. */
export function wholeOutcome(engine: Engine): Promise<Record<string, unknown>> {
  return whole ??= inTemporaryDirectory(async (directory) => {
    const run = join(directory, "run");
    await runSmall(engine, await smallConfig(directory), run, listening());
    return await outcomeOf(run);
  });
}

/** JSON without what the clock says. */
export const withoutTimes = (text: string): unknown =>
  JSON.parse(
    text,
    (key, value) =>
      ["seconds", "tokens_per_second", "date", "total_evaluation_time_seconds"].includes(key)
        ? undefined
        : value,
  );

/** All of a finished run that must be the same, times aside: hashes of files, logs and results. */
export async function outcomeOf(run: string): Promise<Record<string, unknown>> {
  const { evaluate: { task_data: rows } } = JSON.parse(
    await Deno.readTextFile(join(run, "config.resolved.json")),
  );
  const read = async (...path: string[]) =>
    (await Deno.readTextFile(join(run, ...path))).replaceAll(rows, "ROWS");
  const outcome: Record<string, unknown> = {};
  for (const model of ["student", "control"]) {
    const weights = await Deno.readFile(join(run, model, "model.safetensors"));
    outcome[`${model} weights`] = createHash("sha256").update(weights).digest("hex");
    outcome[`${model} config`] = await read(model, "config.json");
  }
  for (const log of ["log.jsonl", "control.log.jsonl"]) {
    outcome[log] = (await read(log)).trimEnd().split("\n").map(withoutTimes);
  }
  outcome.results = withoutTimes(await read("results.json"));
  for await (const { name } of Deno.readDir(join(run, "tasks"))) {
    if (name.endsWith(".samples.jsonl")) outcome[name] = await read("tasks", name);
  }
  return outcome;
}

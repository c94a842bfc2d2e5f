/** Stages whose output stands are not run again. */
import { join } from "node:path";
import { isFile, makeSubdirectory, readText, sha256Tree, writeJsonAtomic } from "../../model/files/mod.ts";
import { notFinite, sha256Of } from "../fingerprint.ts";
import { RUN_FILES } from "../run_files.ts";
import { type Job, stage } from "./job.ts";

/** A stage with all that its output depends on. */
export interface KeptStage<T> {
  readonly name: string;
  /** Values, hashes and names of stages before; anything that JSON has. */
  readonly inputs: unknown;
  /** Files and directories that it writes, below the run. */
  readonly outputs?: readonly string[];
  /** Which names in a directory are its own; all where missing. */
  readonly owns?: (name: string) => boolean;
  /** Whether what it left that is neither result nor output is there as well. */
  readonly usable?: (result: T) => Promise<boolean>;
  /** Does it. What it answers goes through JSON; `earlier` adds seconds that another process has given to it. */
  readonly work: (earlier: (seconds: number) => void) => Promise<T>;
}

/** `stages/NAME.json`. */
interface Record {
  readonly inputs: string;
  readonly seconds: number;
  readonly result: unknown;
  readonly outputs: { readonly [path: string]: string };
  /** Hash of all before. */
  readonly sha256: string;
}

/** Name of what a stage gives, for the inputs of those after it: equal where its inputs are. */
export const keyOf = ({ name, inputs }: Pick<KeptStage<unknown>, "name" | "inputs">): string =>
  sha256Of([name, inputs]);

/** Whether the output of a stage stands for its inputs; its result, if so. */
export async function standing<T>(
  job: Job,
  kept: KeptStage<T>,
): Promise<{ result: T; seconds: number } | undefined> {
  const found = await readRecord(pathOf(job, kept.name));
  if (!found || found.inputs !== keyOf(kept)) return undefined;
  for (const path of kept.outputs ?? []) {
    const hash = await sha256Tree(join(job.run, path), kept.owns).catch(() => undefined);
    if (hash === undefined || hash !== found.outputs[path]) return undefined;
  }
  if (kept.usable && !await kept.usable(found.result as T)) return undefined;
  return { result: found.result as T, seconds: found.seconds };
}

/** Runs a stage unless its output stands for the same inputs, and keeps what it gives. */
export async function keep<T>(job: Job, kept: KeptStage<T>): Promise<T> {
  const { name, outputs = [], owns } = kept, { reporter, seconds } = job, path = pathOf(job, name);
  job.done.push(keyOf(kept));
  const before = await standing(job, kept);
  if (before) {
    reporter.note(`${name}: done before, skipped`);
    seconds[name] = before.seconds;
    return before.result;
  }
  if (await isFile(path)) reporter.note(`${name}: again, as its inputs or its output are not what they were`);
  await job.directory.check();
  let more = 0;
  const result = await stage(job, name, () => kept.work((seconds) => more += seconds));
  seconds[name]! += more;
  await job.directory.check();
  await makeSubdirectory(join(job.run, RUN_FILES.stages));
  const content: Omit<Record, "sha256"> = {
    ...{ inputs: keyOf(kept), seconds: seconds[name]!, result: toJson(result) },
    outputs: Object.fromEntries(
      await Promise.all(
        outputs.map(async (output) => [output, await sha256Tree(join(job.run, output), owns)]),
      ),
    ),
  };
  await writeJsonAtomic(path, { ...content, sha256: sha256Of(content) });
  return fromJson(content.result) as T;
}

const pathOf = ({ run }: Job, name: string): string =>
  join(run, RUN_FILES.stages, `${name.replaceAll(" ", "-")}.json`);

async function readRecord(path: string): Promise<Record | undefined> {
  if (!await isFile(path)) return undefined;
  try {
    const { sha256: own, ...content }: Record = JSON.parse(await readText(path));
    return own === sha256Of(content)
      ? { ...content, result: fromJson(content.result), sha256: own }
      : undefined;
  } catch {
    return undefined; // damaged: the stage is done again
  }
}

/** JSON has no NaN and no infinities: a text that nobody else writes stands for them. */
const NOT_FINITE: ReadonlyMap<string, number> = new Map(
  [NaN, Infinity, -Infinity].map((value) => [`\u0000${value}`, value]),
);

const toJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value, notFinite) ?? "null");

const fromJson = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value) ?? "null", (_, value) => NOT_FINITE.get(value) ?? value);

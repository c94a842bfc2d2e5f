/** What a plan is made of: the real inputs where they are on this machine, else what is known of them by their names. */
import { type EncodedRows, findTask } from "../../eval/tasks/mod.ts";
import { type Gemma3Config, parseConfig } from "../../model/config/mod.ts";
import { type DatasetPart, partName } from "../../model/datasets/mod.ts";
import { readJson } from "../../model/files/mod.ts";
import type { HeldDtype } from "../../model/gemma3/mod.ts";
import {
  downloadFile,
  HubError,
  hubSettings,
  parseRepo,
  planSnapshot,
  snapshot,
} from "../../model/hub/mod.ts";
import type { Config } from "../../train/config/mod.ts";
import { readDocuments, type Row } from "../../train/data/mod.ts";
import { datasetAccess, documentParts, HUB, isKept, isOnHub, offline, taskPart } from "../datasets.ts";
import { configuredTasks, taskPlace } from "../distill/tasks.ts";
import { configuredData, openSource, PEBBLE, PEBBLE_ROWS, type Source, teacherHeld } from "../inputs.ts";
import type { Reporter } from "../reporter.ts";
import { KNOWN_MODELS, KNOWN_TASKS, knownBytes, knownCounts } from "./known.ts";

/** Something that a run would fetch. */
export interface Download {
  readonly name: string;
  /** Null where the hub would have to be asked. */
  readonly bytes: number | null;
  /** Whether the bytes are an estimate. */
  readonly about: boolean;
}

/** Items and requests of a task. */
export interface TaskCount {
  readonly name: string;
  readonly items: number;
  readonly requests: number;
}

/** The inputs of a plan. */
export interface PlanInputs {
  readonly teacher: Gemma3Config;
  readonly held: HeldDtype;
  readonly rows: readonly Row[];
  /** True where the texts are not here, so that every row counts as data.max_length tokens. */
  readonly assumedRows: boolean;
  /** The tasks' requests where their rows are here; none where they are not. */
  readonly tasks: readonly EncodedRows[];
  readonly counts: readonly TaskCount[];
  readonly downloads: readonly Download[];
}

/**
 * Gathers what a plan needs without fetching a model's weights or a data set's rows. Nothing is sent for what is known by
 * its name; of another model of the hub its config.json is fetched.
 *
 * @throws as `openSource` and `configuredData` for what is on this machine; {HubError} for a model that nothing is known of
 */
export async function planInputs(config: Config, reporter: Reporter): Promise<PlanInputs> {
  const access = datasetAccess(reporter), downloads: Download[] = [];
  const source = await sourceHere(config, reporter);
  try {
    const shape = source ? undefined : await shapeOf(config.teacher!, reporter, downloads);
    const missing = await missingParts(config, access);
    for (const part of missing.data) downloads.push(downloadOf(part));
    for (const [name, part] of missing.tasks) {
      const { items, bytes } = KNOWN_TASKS[name]!;
      downloads.push({ name: partName(part), bytes: items * bytes, about: true });
    }
    const assumedRows = source === undefined || missing.data.length > 0;
    const rows = assumedRows
      ? await assumedOf(config)
      : (await configuredData(config, source, reporter, offline(access))).rows;
    const known = source !== undefined && missing.tasks.length === 0;
    const tasks = known ? await configuredTasks(config, source, reporter.note, offline(access)) : [];
    const counts = known
      ? tasks.map(({ rows: { task: { name } }, requests }) => ({
        ...{ name, items: requests.length, requests: requests.flat().length },
      }))
      : taskPlace(config) === HUB
      ? config.evaluate.tasks.map((name) => ({ name, ...knownCounts(name, config.evaluate.task_limit) }))
      : [];
    return {
      teacher: source?.opened.config ?? shape!,
      held: source ? teacherHeld(config, source.opened, reporter.note) : heldUnseen(config),
      ...{ rows, assumedRows, tasks, counts, downloads },
    };
  } finally {
    source?.opened.weights.close();
  }
}

/** Teacher and tokenizer where both are on this machine. */
async function sourceHere(config: Config, reporter: Reporter): Promise<Source | undefined> {
  const { teacher, tokenizer } = config;
  const onHub = [
    ...await isOnHub(teacher!) ? [["model", teacher!] as const] : [],
    ...tokenizer !== null && await isOnHub(tokenizer) ? [["tokenizer", tokenizer] as const] : [],
  ];
  if (onHub.length === 0) return await openSource(teacher!, config, reporter);
  const settings = { ...await hubSettings(), offline: true };
  for (const [kind, name] of onHub) {
    const found = await snapshot(settings, parseRepo(name), { kind }).catch((error: unknown) => {
      if (error instanceof HubError) return undefined;
      throw error;
    });
    if (!found) return undefined;
  }
  return await openSource(teacher!, config, reporter, { settings });
}

/** The shape of a model that is not here, and what it takes to fetch it. */
async function shapeOf(
  name: string,
  { signal, note }: Reporter,
  downloads: Download[],
): Promise<Gemma3Config> {
  if (!await isOnHub(name)) {
    note(
      "The teacher is on this machine and its tokenizer is not: the plan has the shape that a run would have",
    );
    const source = await openSource(name, { tokenizer: null, repair: false }, {
      ...{ update: () => {}, note: () => {}, signal },
    });
    source.opened.weights.close();
    return source.opened.config;
  }
  const repo = parseRepo(name), known = KNOWN_MODELS[repo.id];
  if (known) {
    downloads.push({ name, bytes: known.bytes, about: true });
    return known.config;
  }
  const settings = await hubSettings(),
    { path } = await downloadFile(settings, repo, "config.json", { signal });
  downloads.push({ name, bytes: (await planSnapshot(settings, repo, { signal })).missing, about: false });
  return parseConfig(await readJson(path), path);
}

/** A model of the hub counts as bfloat16 until its weights are here. */
function heldUnseen({ teacher_dtype }: Config): HeldDtype {
  return teacher_dtype === "float32" ? "f32" : "bf16";
}

/** The parts of data sets that a run would have to fetch. */
async function missingParts(
  config: Config,
  access: ReturnType<typeof datasetAccess>,
): Promise<{ data: DatasetPart[]; tasks: [name: string, part: DatasetPart][] }> {
  const data: DatasetPart[] = [], tasks: [string, DatasetPart][] = [];
  for (const file of config.data.files) {
    if (file === PEBBLE || !await isOnHub(file)) continue;
    for (const part of documentParts(file, config.data.limit)) {
      if (!await isKept(access, part)) data.push(part);
    }
  }
  if (taskPlace(config) === HUB) {
    for (const name of config.evaluate.tasks) {
      const part = taskPart(findTask(name));
      if (!await isKept(access, part)) tasks.push([name, part]);
    }
  }
  return { data, tasks };
}

function downloadOf(part: DatasetPart): Download {
  const bytes = part.limit === null ? undefined : knownBytes(part.repo.id, part.configuration, part.limit);
  return { name: partName(part), bytes: bytes ?? null, about: true };
}

/** As many rows as the data has documents, each as long as it may be. */
async function assumedOf({ data: { files, limit, max_length } }: Config): Promise<Row[]> {
  const row = new Uint32Array(max_length);
  let count = 0;
  for (const file of files) {
    if (file === PEBBLE) count += limit ?? PEBBLE_ROWS;
    else if (await isOnHub(file)) {
      count += documentParts(file, limit).reduce((sum, part) => sum + (part.limit ?? 0), 0);
    } else count += (await readDocuments(file, limit ?? undefined)).length;
  }
  return Array.from({ length: count }, () => row);
}

import { type Engine, UsageError } from "../engine/mod.ts";
import { sha256File } from "../model/files/mod.ts";
import { type Gemma3, type HeldDtype, loadGemma3, type LoadOptions } from "../model/gemma3/mod.ts";
import type { DatasetAccess } from "../model/datasets/mod.ts";
import type { HubSettings } from "../model/hub/mod.ts";
import type { GenerateOptions } from "../model/generate/mod.ts";
import { type Tokenizer, tokenizerOf } from "../model/tokenizer/mod.ts";
import { type OpenedModel, openModel } from "../model/weights/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { loadRows, makeRows, packedRows, PEBBLE_TEACHER, type Row } from "../train/data/mod.ts";
import { datasetAccess, datasetDocuments, documentParts, isOnHub } from "./datasets.ts";
import { rowsSha256 } from "./fingerprint.ts";
import { type HubOrigin, placeOf } from "./hub.ts";
import type { Reporter } from "./reporter.ts";
import type { DataFile } from "./results.ts";

/** Name of the embedded world, for a model, a data file or the rows of tasks. */
export const PEBBLE = "pebble";

/** Rows of Pebble that a run without `data.limit` makes. */
export const PEBBLE_ROWS = 400;

/** Fewer texts are tokenised before anyone looks. */
const SHOWN_TEXTS = 500;

/** A model that was opened, with the tokenizer to use with it. */
export interface Source {
  readonly opened: OpenedModel;
  /** As it was named: a path, or a name on the hub. */
  readonly name: string;
  readonly tokenizer: Tokenizer | undefined;
  /** What of it came from the hub. */
  readonly origins: Origins;
}

/** Where on the hub a model and its tokenizer were read; absent where they were not. */
export interface Origins {
  readonly model?: HubOrigin;
  readonly tokenizer?: HubOrigin;
}

/**
 * Opens a model directory, a GGUF file, a model of the hub by its name or the embedded teacher, and its tokenizer;
 * `reporter` hears of repairs and downloads.
 *
 * @param hub by default the hub of the environment; `pinned` origins are taken at their commits again
 */
export async function openSource(
  path: string,
  { tokenizer, repair }: Pick<Config, "tokenizer" | "repair">,
  reporter: Reporter,
  { settings, pinned = {} }: { readonly settings?: HubSettings; readonly pinned?: Origins } = {},
): Promise<Source> {
  const place = path === PEBBLE
    ? { path: PEBBLE_TEACHER }
    : await placeOf(path, "model", reporter, { settings, pinned: pinned.model });
  const other = tokenizer === null
    ? undefined
    : await placeOf(tokenizer, "tokenizer", reporter, { settings, pinned: pinned.tokenizer });
  const opened = await openModel(place.path, { ...(other && { tokenizer: other.path }), repair });
  opened.notes.forEach(reporter.note);
  try {
    const origins = {
      ...(place.origin && { model: place.origin }),
      ...(other?.origin && { tokenizer: other.origin }),
    };
    return { opened, name: path, tokenizer: await tokenizerOf(opened), origins };
  } catch (error) {
    opened.weights.close();
    throw error;
  }
}

/** The tokenizer of a source, where text must be read or written. Throws UsageError where there is none. */
export function tokenizerOfSource({ name, tokenizer }: Source): Tokenizer {
  if (!tokenizer) {
    throw new UsageError(
      `Cannot turn text into tokens for ${name} as it has no tokenizer.json; name its directory with --tokenizer`,
    );
  }
  return tokenizer;
}

/** Ids that end a continuation: those of generation_config.json, else of the configuration, as transformers takes them. */
export function endsOf({ opened }: Source): GenerateOptions["eosTokenId"] {
  return opened.generationConfig?.eos_token_id as GenerateOptions["eosTokenId"] ?? opened.config.eosTokenId ??
    undefined;
}

/** Directory whose tokenizer files go beside written weights. The tokenizer inside a GGUF file cannot be copied: that is told. */
export function tokenizerToWrite(
  { opened, name, tokenizer }: Source,
  note: (text: string) => void,
): string | undefined {
  if (opened.tokenizerDir === undefined && tokenizer) {
    note(
      `The tokenizer of ${name} is inside that file, so the written model has no tokenizer.json; ` +
        "name a directory that has one with --tokenizer to copy it",
    );
  }
  return opened.tokenizerDir;
}

/** Rows of the configured data, in order. @throws as {@link configuredData} */
export async function configuredRows(config: Config, source: Source, reporter: Reporter): Promise<Row[]> {
  return (await configuredData(config, source, reporter)).rows;
}

/** Rows, and where they came from. */
export interface ConfiguredData {
  readonly rows: Row[];
  readonly files: readonly DataFile[];
}

/**
 * The configured data, in order: files, data sets of the hub, or Pebble's own stream.
 *
 * @throws {UsageError} where none is named; {DataError}; {HubError}
 */
export async function configuredData(
  config: Config,
  source: Source,
  reporter: Reporter,
  access: DatasetAccess = datasetAccess(reporter),
): Promise<ConfiguredData> {
  const { update, signal } = reporter;
  const { files, max_length, limit, pack } = config.data, { vocabSize } = source.opened.config;
  if (files.length === 0) {
    throw new UsageError(
      "Cannot run without data; name a .txt, .jsonl or .parquet file or a data set of the hub with --data",
    );
  }
  const onProgress = (done: number, total: number) => {
    if (total >= SHOWN_TEXTS) update({ stage: "tokenize", done, total, unit: "texts", showsRate: true });
  };
  const rows: Row[] = [], read: DataFile[] = [];
  const options = { vocabSize, maxLength: max_length, pack, onProgress, signal };
  const add = (own: readonly Row[], file: Omit<DataFile, "rows">) => {
    for (const row of own) rows.push(row);
    read.push({ ...file, rows: own.length });
  };
  for (const path of files) {
    if (path === PEBBLE) {
      const own = pebbleRows();
      add(own, { path, sha256: rowsSha256(own) });
    } else if (await isOnHub(path)) {
      for (const { documents, file } of await datasetDocuments(access, documentParts(path, limit))) {
        add(await makeRows(documents, source.tokenizer, options), file);
      }
    } else {
      const own = await loadRows([path], source.tokenizer, { ...options, limit });
      add(own, { path, sha256: await sha256File(path) });
    }
  }
  return { rows, files: read };

  function pebbleRows(): Row[] {
    const tokenizer = tokenizerOfSource(source),
      encode = (text: string) => tokenizer.encode(text, { special: false });
    return [...packedRows({ split: "heal", length: max_length, count: limit ?? PEBBLE_ROWS, encode })];
  }
}

/** Id to fill rows up with. */
export function padIdOf({ opened, tokenizer }: Source): number {
  return opened.config.padTokenId ?? tokenizer?.padId ?? 0;
}

/** How the teacher's matrices are held, as configured; `note` hears of rounding. */
export function teacherHeld(
  { teacher_dtype: wanted }: Pick<Config, "teacher_dtype">,
  { path, storedDtype }: OpenedModel,
  note: (text: string) => void,
): HeldDtype {
  const exact = storedDtype === "bfloat16";
  if (wanted === "bfloat16" && !exact) {
    note(`The matrices of ${path} are rounded to bfloat16: its file has ${storedDtype}`);
  }
  return wanted === "bfloat16" || (wanted === "source" && exact) ? "bf16" : "f32";
}

/** Puts an opened model on the device as it stands in its file. */
export function loadOpened(
  engine: Engine,
  { config, weights }: OpenedModel,
  options: LoadOptions,
): Promise<Gemma3> {
  return loadGemma3(engine, config, (name) => weights.readF32(name), options);
}

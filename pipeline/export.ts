/** The `export` command: a model as one GGUF file, tokenizer included. */
import { basename, dirname, join } from "node:path";
import { UsageError } from "../engine/mod.ts";
import type { WeightDtype } from "../model/config/mod.ts";
import { isDirectory, isFile, makeDirectory, readText } from "../model/files/mod.ts";
import {
  attentionFold,
  configToMetadata,
  ggufTensors,
  type WritableValue,
  writeGguf,
  type WrittenType,
} from "../model/gguf/mod.ts";
import { readTokenizerFiles, type TokenizerMetadata, tokenizerToMetadata } from "../model/tokenizer/mod.ts";
import type { OpenedModel } from "../model/weights/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { openSource } from "./inputs.ts";
import type { Reporter } from "./reporter.ts";
import { RUN_FILES } from "./run_files.ts";

/** What `export` wrote. */
export interface ExportResult {
  readonly file: string;
  /** Storage type of the matrices. */
  readonly type: WrittenType;
  readonly tensors: number;
  readonly bytes: number;
}

const LOSSLESS: Readonly<Record<WeightDtype, WrittenType>> = {
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
};

/** What is exported of a path: the student of a run, else the model that it is. */
export async function exportedModel(path: string): Promise<string> {
  const student = join(path, RUN_FILES.student);
  return await isDirectory(student) && !await isFile(join(path, "config.json")) ? student : path;
}

/**
 * Writes a model as GGUF. What another runtime may do differently is told.
 *
 * @param type of the matrices; null takes the one that holds the model's values exactly
 * @throws {UsageError} where the model has no tokenizer; {DataError}
 */
export async function runExport(
  model: string,
  opening: Pick<Config, "tokenizer" | "repair">,
  out: string,
  type: WrittenType | null,
  reporter: Reporter,
): Promise<ExportResult> {
  const { opened } = await openSource(model, opening, reporter);
  try {
    const written = type ?? LOSSLESS[opened.storedDtype], { config, weights } = opened;
    const { metadata, notes } = configToMetadata(config, basename(model, ".gguf"), written);
    const tokenizer = await tokenizerMetadata(opened);
    const tensors = ggufTensors(config, (name) => weights.readF32(name), written),
      fold = attentionFold(config);
    const kept = tensors.filter(({ shape, type }) => shape.length > 1 && type !== written).length;
    [...notes, ...tokenizer.notes].forEach(reporter.note);
    if (fold !== 1) {
      reporter.note(
        `query_pre_attn_scalar is ${config.queryPreAttnScalar}, which GGUF does not say: the weights of the queries' ` +
          `norms are multiplied by ${fold} in its place`,
      );
    }
    if (kept > 0) {
      reporter.note(`${kept} matrices have rows that are no whole blocks of ${written}: they stay F32`);
    }
    await makeDirectory(dirname(out));
    await writeGguf(out, new Map([...metadata, ...tokenizer.metadata]), tensors, (done) => {
      reporter.signal.throwIfAborted();
      reporter.update({ stage: "export", done, total: tensors.length, unit: "tensors" });
    });
    return { file: out, type: written, tensors: tensors.length, bytes: (await Deno.stat(out)).size };
  } finally {
    opened.weights.close();
  }
}

/** The tokenizer of a directory, told by scores, or that of a GGUF file as it is. */
async function tokenizerMetadata(opened: OpenedModel): Promise<TokenizerMetadata> {
  const { tokenizerDir, metadata: own, config, path } = opened;
  if (tokenizerDir !== undefined) {
    const files = await readTokenizerFiles(tokenizerDir), { eosTokenId } = config;
    const made = tokenizerToMetadata(files, config.vocabSize, [eosTokenId ?? []].flat()[0]);
    const template = await chatTemplate(tokenizerDir, files.config.chat_template);
    if (template !== undefined) made.metadata.set("tokenizer.chat_template", template);
    return made;
  }
  const kept = [...own ?? []].flatMap(([key, value]): [string, WritableValue][] =>
    key.startsWith("tokenizer.") && isWritable(value) ? [[key, value]] : []
  );
  if (kept.length === 0) {
    throw new UsageError(
      `Cannot export ${path}: it has no tokenizer, and a GGUF file needs one; name its directory with --tokenizer`,
    );
  }
  return { metadata: new Map(kept), notes: [] };
}

function isWritable(value: unknown): value is WritableValue {
  return typeof value === "string" || typeof value === "boolean" || Array.isArray(value) ||
    value instanceof Float32Array || value instanceof Int32Array ||
    (typeof value === "number" && value >>> 0 === value);
}

async function chatTemplate(directory: string, configured: unknown): Promise<string | undefined> {
  const file = join(directory, "chat_template.jinja");
  if (await isFile(file)) return await readText(file);
  return typeof configured === "string" ? configured : undefined;
}

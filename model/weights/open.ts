import { join } from "node:path";
import { DataError } from "../../engine/mod.ts";
import {
  type Gemma3Config,
  layerCountMismatch,
  parseConfig,
  repairDoublePop,
  type WeightDtype,
} from "../config/mod.ts";
import { isDirectory, isFile, readJson, type WeightSource } from "../files/mod.ts";
import { type GgufMetadata, openGguf } from "../gguf/mod.ts";
import { openSafetensorsDirectory } from "../safetensors/mod.ts";
import { checkTensors, layersInFile, requireFinite, storedDtype, tieHead } from "./check.ts";

/** A model that was opened and checked; its tensors are read when asked for. */
export interface OpenedModel {
  readonly path: string;
  readonly config: Gemma3Config;
  /** Exactly the tensors of `modelTensors(config)`. */
  readonly weights: WeightSource;
  /** Directory that holds tokenizer.json, if any. */
  readonly tokenizerDir: string | undefined;
  /** The narrowest type that holds every stored value exactly. */
  readonly storedDtype: WeightDtype;
  /** generation_config.json as it was read, if any. */
  readonly generationConfig: Record<string, unknown> | undefined;
  /** Metadata of a GGUF file, its tokenizer among them; `undefined` for a directory. */
  readonly metadata: GgufMetadata | undefined;
  /** What was repaired, one sentence each; to be shown. */
  readonly notes: readonly string[];
}

/** How a model is opened. */
export interface OpenOptions {
  /** Directory of the tokenizer, instead of the model's own. */
  tokenizer?: string;
  /** Repair a configuration whose layer types were popped twice instead of refusing it. */
  repair?: boolean;
}

/** A model before its tensors are checked. */
interface Candidate {
  config: Gemma3Config;
  configPath: string;
  weights: WeightSource;
  ownTokenizer: string | undefined;
  generationConfig: Record<string, unknown> | undefined;
  metadata: GgufMetadata | undefined;
}

/**
 * Opens a model: a directory as `transformers` saves it, or a GGUF file.
 *
 * @throws {DataError} when it cannot be read, is not a Gemma 3 text model, or its tensors do not fit its configuration.
 */
export async function openModel(path: string, options: OpenOptions = {}): Promise<OpenedModel> {
  const candidate = await openCandidate(path);
  try {
    const notes: string[] = [];
    let { config } = candidate;
    const layers = layersInFile(candidate.weights);
    if (layers > config.numHiddenLayers) {
      if (!options.repair) throw layerCountMismatch(config, layers, candidate.configPath);
      const repaired = repairDoublePop(config, layers, candidate.configPath);
      notes.push(repaired.explanation);
      config = repaired.config;
    }
    const weights = requireFinite(await tieHead(config, candidate.weights, path), path);
    checkTensors(config, weights, path);
    return {
      path,
      config: { ...config, tieWordEmbeddings: true },
      weights,
      tokenizerDir: await tokenizerDirectory(options.tokenizer, candidate.ownTokenizer),
      storedDtype: storedDtype(weights),
      generationConfig: candidate.generationConfig,
      metadata: candidate.metadata,
      notes,
    };
  } catch (error) {
    candidate.weights.close();
    throw error;
  }
}

async function openCandidate(path: string): Promise<Candidate> {
  if (await isDirectory(path)) return await openDirectory(path);
  if (await isFile(path)) {
    const gguf = await openGguf(path);
    const { config, metadata } = gguf;
    return {
      config,
      configPath: path,
      weights: gguf,
      metadata,
      ownTokenizer: undefined,
      generationConfig: undefined,
    };
  }
  throw new DataError(
    `Cannot open ${path}: it is neither a model directory nor a .gguf file; check the path`,
    { path },
  );
}

async function openDirectory(path: string): Promise<Candidate> {
  const configPath = join(path, "config.json");
  const config = parseConfig(await readJson(configPath), configPath);
  return {
    config,
    configPath,
    weights: await openSafetensorsDirectory(path),
    ownTokenizer: await isFile(join(path, "tokenizer.json")) ? path : undefined,
    generationConfig: await readGenerationConfig(join(path, "generation_config.json")),
    metadata: undefined,
  };
}

async function readGenerationConfig(path: string): Promise<Record<string, unknown> | undefined> {
  if (!await isFile(path)) return undefined;
  const refuse = (reason: string) =>
    new DataError(`Cannot use ${path}: ${reason}; restore it or remove it`, { path });
  const content = await readJson(path);
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw refuse("it is not a JSON object");
  }
  const { eos_token_id: ends } = content as { eos_token_id?: unknown };
  const isId = (id: unknown) => Number.isSafeInteger(id) && id as number >= 0;
  if (ends !== undefined && ends !== null && !(Array.isArray(ends) ? ends.every(isId) : isId(ends))) {
    throw refuse("its eos_token_id is neither an id nor a list of ids");
  }
  return content as Record<string, unknown>;
}

async function tokenizerDirectory(
  given: string | undefined,
  own: string | undefined,
): Promise<string | undefined> {
  if (given === undefined) return own;
  if (await isFile(join(given, "tokenizer.json"))) return given;
  throw new DataError(
    `Cannot read the tokenizer of ${given}: it has no tokenizer.json; give the directory of one`,
    {
      path: given,
    },
  );
}

/** What is known of models and tasks before their files are here. */
import { forwardFlops } from "../../eval/likelihood/mod.ts";
import { type Gemma3Config, GEMMA_3_270M, parameterCount } from "../../model/config/mod.ts";
import { KNOWN_SETS } from "../../model/datasets/mod.ts";

/** A model whose shape is known by its name, and the bytes of its files in about. */
export interface KnownModel {
  readonly config: Gemma3Config;
  readonly bytes: number;
}

/**
 * By name on the hub. google/gemma-3-270m: weights in bfloat16, 536,196,352 bytes of values, and a tokenizer.json of 33.4 MB
 * with 1.2 MB beside it, as the logs of the published notebooks show them.
 */
export const KNOWN_MODELS: Readonly<Record<string, KnownModel>> = {
  "google/gemma-3-270m": { config: GEMMA_3_270M, bytes: 2 * parameterCount(GEMMA_3_270M) + 34_600_000 },
};

/** What a task is before its rows are here. */
export interface KnownTask {
  /** Items of the public set, and requests that they make. */
  readonly items: number;
  readonly requests: number;
  /** Tokens that are computed for a request, those shared with others counted once, and positions with logits. */
  readonly tokens: number;
  readonly logits: number;
  /** Bytes of an item's text. */
  readonly bytes: number;
}

/**
 * Items and requests are lm-evaluation-harness's for the whole sets (61,032 requests; arc_easy has 3 to 5 choices an item).
 * Tokens, logits and bytes are means over 100 published rows of each with Gemma's tokenizer.
 */
export const KNOWN_TASKS: Readonly<Record<string, KnownTask>> = {
  arc_easy: { items: 2376, requests: 9501, tokens: 9.0, logits: 4.5, bytes: 270 },
  winogrande: { items: 1267, requests: 2534, tokens: 10.9, logits: 5.9, bytes: 217 },
  hellaswag: { items: 10042, requests: 40168, tokens: 20.2, logits: 14.7, bytes: 733 },
  lambada_openai: { items: 5153, requests: 5153, tokens: 78.1, logits: 1.2, bytes: 350 },
  piqa: { items: 1838, requests: 3676, tokens: 19.2, logits: 18.1, bytes: 235 },
};

/** Items and requests of so many of a task's rows; requests in about where arc_easy's are not all. */
export function knownCounts(name: string, limit: number | null): { items: number; requests: number } {
  const { items, requests } = KNOWN_TASKS[name]!, taken = Math.min(items, limit ?? items);
  return { items: taken, requests: Math.round(requests * taken / items) };
}

/** Operations of a task's requests on a model, in about. */
export function knownTaskFlops(name: string, requests: number, config: Gemma3Config): number {
  const { tokens, logits } = KNOWN_TASKS[name]!;
  // Attention is left out: at some twenty tokens a request it is less than a hundredth.
  return forwardFlops(config, { tokens: tokens * requests, pairs: 0, logits: logits * requests }).total;
}

/** Rows of a row group of the hub's files, all of which are fetched for the first of them. */
const GROUP_ROWS = 1000;

/**
 * Bytes that the first rows of a data set's configuration take, in about and at most: whole row groups, and what a row takes
 * in all its columns. Undefined for a set that nothing is known of.
 */
export function knownBytes(id: string, configuration: string | null, rows: number): number | undefined {
  const size = configuration === null ? undefined : KNOWN_SETS[id]?.sizes[configuration];
  return size && Math.round(Math.ceil(rows / GROUP_ROWS) * GROUP_ROWS * size.bytes / size.rows);
}

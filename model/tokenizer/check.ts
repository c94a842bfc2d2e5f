/**
 * Everything a tokenizer.json may say here, checked before the tokenizer library sees it: byte-pair encoding with
 * string patterns only, as Gemma's. No regular expression of a file is ever run.
 */
import { DataError } from "../../engine/mod.ts";

/** An entry of `added_tokens`: text that is recognised before byte-pair encoding. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
}

/** The parts of a checked tokenizer.json that are read here; the library reads the rest. */
export interface TokenizerFile {
  readonly added_tokens?: readonly AddedToken[];
  readonly normalizer?: unknown;
  readonly pre_tokenizer?: unknown;
  readonly model: {
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges: readonly (string | readonly [string, string])[];
    readonly unk_token?: string | null;
    readonly byte_fallback?: boolean;
  };
}

type Json = Readonly<Record<string, unknown>>;

/** Ids beyond this would make a table larger than any model's; the largest vocabularies have about 2^18 rows. */
const LARGEST_ID = 2 ** 22;

const SUPPORTED: Readonly<Record<string, readonly string[]>> = {
  normalizer: ["Sequence", "Replace", "Prepend"],
  pre_tokenizer: ["Sequence", "Split"],
  post_processor: ["Sequence", "TemplateProcessing"],
  decoder: ["Sequence", "Replace", "ByteFallback", "Fuse", "Strip"],
};

/** Fields that must be there, and their types, of each kind that has any. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Replace: { content: "string" },
  Prepend: { prepend: "string" },
  Split: { behavior: "string", invert: "boolean" },
  Strip: { content: "string", start: "number", stop: "number" },
};

/** Fields of the model that may be missing or null, and their types otherwise. */
const MODEL_FIELDS: Readonly<Record<string, string>> = {
  unk_token: "string",
  byte_fallback: "boolean",
  fuse_unk: "boolean",
  ignore_merges: "boolean",
  end_of_word_suffix: "string",
  continuing_subword_prefix: "string",
  continuing_subword_suffix: "string",
};

/** Where the parts of a `Sequence` stand. */
const PARTS: Readonly<Record<string, string>> = {
  normalizer: "normalizers",
  pre_tokenizer: "pretokenizers",
  post_processor: "processors",
  decoder: "decoders",
};

/**
 * Checks a parsed tokenizer.json and returns it typed.
 *
 * @param path name of the file, for messages
 * @throws DataError naming the first part that is malformed or of an unsupported kind
 */
export function checkTokenizerFile(content: unknown, path: string): TokenizerFile {
  const refuse = (problem: string): never => {
    throw new DataError(`Cannot use ${path}: ${problem}; give the tokenizer.json of a Gemma model`, { path });
  };
  if (!isObject(content)) return refuse("it is not a JSON object");
  if (!isObject(content.model)) return refuse('it has no "model" object');
  if (content.model.type !== "BPE") return refuse(`its model is ${show(content.model.type)}, not "BPE"`);
  for (const [field, type] of Object.entries(MODEL_FIELDS)) {
    const value = content.model[field] ?? null;
    if (value !== null && typeof value !== type) {
      return refuse(`its model's "${field}" is ${show(value)}, not a ${type}`);
    }
  }
  for (const part of Object.keys(SUPPORTED)) {
    const value = content[part] ?? null;
    const problem = value === null ? undefined : problemOf(value, part, 0);
    if (problem) return refuse(problem);
  }
  const added = content.added_tokens ?? [];
  if (!Array.isArray(added)) return refuse("its added_tokens are not a list");
  const vocab = content.model.vocab;
  if (!isObject(vocab)) return refuse('its model has no "vocab" object');
  const problem = problemOfIds(vocab, added) ?? problemOfMerges(content.model.merges, vocab) ??
    problemOfTemplate(content.post_processor, vocab, added);
  if (problem) return refuse(problem);
  return content as unknown as TokenizerFile;
}

function problemOf(value: unknown, part: string, depth: number): string | undefined {
  if (!isObject(value)) return `its ${part} is not an object`;
  const type = value.type;
  if (typeof type !== "string" || !SUPPORTED[part]!.includes(type)) {
    return `its ${part} is of the kind ${show(type)}, not one of ${SUPPORTED[part]!.join(", ")}`;
  }
  if (type === "Sequence") {
    const parts = value[PARTS[part]!];
    if (!Array.isArray(parts) || depth > 3) return `its ${part} has no list "${PARTS[part]}"`;
    return first(parts, (inner) => problemOf(inner, part, depth + 1));
  }
  if (type === "Replace" || type === "Split") {
    const pattern = value.pattern;
    if (!isObject(pattern) || typeof pattern.String !== "string" || pattern.String === "") {
      return `its ${part} "${type}" has no string pattern`;
    }
  }
  return first(
    Object.entries(FIELDS[type] ?? {}),
    ([field, expected]) => {
      const actual = typeof value[field];
      return actual === expected ? undefined : `its ${part} "${type}" has no ${expected} "${field}"`;
    },
  );
}

function problemOfIds(vocab: Json, added: readonly unknown[]): string | undefined {
  const owner: (string | undefined)[] = [];
  const claim = (token: string, id: unknown): string | undefined => {
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= LARGEST_ID) {
      return `token ${show(token)} has the id ${show(id)}, not a whole number from 0 to ${LARGEST_ID - 1}`;
    }
    if (owner[id] !== undefined && owner[id] !== token) {
      return `tokens ${show(owner[id])} and ${show(token)} share the id ${id}`;
    }
    owner[id] = token;
    return undefined;
  };
  for (const token in vocab) {
    const problem = claim(token, vocab[token]);
    if (problem) return problem;
  }
  return first(added, (token) => {
    if (!isObject(token) || typeof token.content !== "string" || token.content === "") {
      return "an added token has no content";
    }
    const usual = Object.hasOwn(vocab, token.content) ? vocab[token.content] : token.id;
    if (usual !== token.id) return `token ${show(token.content)} has two ids, ${usual} and ${token.id}`;
    return claim(token.content, token.id);
  });
}

function problemOfMerges(merges: unknown, vocab: Json): string | undefined {
  if (!Array.isArray(merges)) return 'its model has no "merges" list';
  return first(merges, (merge, i) => {
    const pair = typeof merge === "string" ? merge.split(" ") : merge;
    if (!Array.isArray(pair) || pair.length !== 2 || pair.some((half) => typeof half !== "string")) {
      return `merge ${i} is not a pair of tokens`;
    }
    const [left, right] = pair as [string, string];
    for (const token of [left, right, left + right]) {
      if (!Object.hasOwn(vocab, token)) {
        return `merge ${i} needs ${show(token)}, which is not in the vocabulary`;
      }
    }
    return undefined;
  });
}

function problemOfTemplate(value: unknown, vocab: Json, added: readonly unknown[]): string | undefined {
  if (!isObject(value)) return undefined;
  if (value.type === "Sequence") {
    return first(value.processors as unknown[], (part) => problemOfTemplate(part, vocab, added));
  }
  if (!Array.isArray(value.single)) return 'its post_processor has no "single" list';
  return first(value.single, (item) => {
    if (!isObject(item)) return "its post_processor has an item that is not an object";
    if (isObject(item.Sequence)) return undefined;
    const token = isObject(item.SpecialToken) ? item.SpecialToken.id : undefined;
    if (typeof token !== "string") {
      return 'its post_processor has an item without "Sequence" or "SpecialToken"';
    }
    const known = Object.hasOwn(vocab, token) || added.some((a) => (a as AddedToken).content === token);
    return known ? undefined : `its post_processor adds ${show(token)}, which is not in the vocabulary`;
  });
}

function first<T>(
  items: readonly T[],
  problem: (item: T, index: number) => string | undefined,
): string | undefined {
  for (const [i, item] of items.entries()) {
    const found = problem(item, i);
    if (found) return found;
  }
  return undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as it stands in a message: JSON, at most 60 characters. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "missing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

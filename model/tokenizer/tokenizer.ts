/** Text to token ids and back: byte-pair encoding, as Gemma's tokenizer.json describes it. */
import { DataError } from "../../engine/mod.ts";
import { checkTokenizerFile } from "./check.ts";
import { createDecoder } from "./decoder.ts";
import { createEncoder } from "./encoder.ts";
import { type EncoderTables, NO_ID, tablesOf, vocabularyOf } from "./tables.ts";

/** A loaded tokenizer. All methods are pure. */
export interface Tokenizer {
  /** Ids are below this: the rows of the model where known, else one above the tokenizer's largest id. */
  readonly vocabSize: number;
  /** Id of the beginning-of-sequence token, where the tokenizer has one. */
  readonly bosId: number | undefined;
  /** Id of the end-of-sequence token, where the tokenizer has one. */
  readonly eosId: number | undefined;
  /** Id of the padding token; 0 where the tokenizer has none. */
  readonly padId: number;
  /** What other threads encode with. */
  readonly tables: EncoderTables;
  /**
   * Ids of a text, with what the post-processor adds (BOS in Gemma) unless `special` is false.
   *
   * @throws DataError for a text that is not Unicode, has a character without a token, or an id that the model has no row for
   */
  encode(text: string, options?: { special?: boolean }): Uint32Array<ArrayBuffer>;
  /** Token strings as the vocabulary spells them (`▁` for a space). @throws DataError for an unknown id */
  pieces(ids: Iterable<number>): string[];
  /** Text of ids; `skipSpecial` leaves out BOS, EOS, pads and the like. @throws DataError for an unknown id */
  decode(ids: Iterable<number>, options?: { skipSpecial?: boolean }): string;
}

/** What is read of tokenizer_config.json. */
export type TokenizerConfig = Readonly<Record<string, unknown>>;

/**
 * Builds a tokenizer from parsed files.
 *
 * @param file content of tokenizer.json
 * @param config content of tokenizer_config.json (`{}` where there is none)
 * @param options `path` names the tokenizer in messages; `vocabSize` is the number of embedding rows of the model
 * @throws DataError for a malformed or unsupported file
 */
export function createTokenizer(
  file: unknown,
  config: TokenizerConfig,
  options: { path: string; vocabSize?: number | undefined },
): Tokenizer {
  const { path } = options;
  const checked = checkTokenizerFile(file, path);
  const ids = vocabularyOf(checked), tables = tablesOf(checked);
  const encoder = createEncoder(tables), decoder = createDecoder(checked.decoder);
  const tokens: string[] = [];
  for (const [token, id] of ids) tokens[id] = token;
  const specials = new Set(checked.added_tokens?.filter(({ special }) => special).map(({ id }) => id));
  const vocabSize = options.vocabSize ?? tokens.length;

  const piece = (id: number): string => {
    const text = id < vocabSize ? tokens[id] : undefined;
    if (text !== undefined) return text;
    throw new DataError(
      `Unknown token id ${id}: the vocabulary of ${path} has ${vocabSize} ids; give ids from it`,
      { path },
    );
  };
  const specialId = (name: string, usual: string): number | undefined => {
    const entry = config[name] ?? usual;
    const token = typeof entry === "object" && entry !== null
      ? (entry as { content?: unknown }).content
      : entry;
    const id = typeof token === "string" ? ids.get(token) : undefined;
    return id !== undefined && id < vocabSize ? id : undefined;
  };

  return {
    vocabSize,
    bosId: specialId("bos_token", "<bos>"),
    eosId: specialId("eos_token", "<eos>"),
    padId: specialId("pad_token", "<pad>") ?? 0,
    tables,
    encode(text, { special = true } = {}) {
      const refuse = (problem: string) => new DataError(`Cannot encode ${problem}`, { path });
      if (!text.isWellFormed()) {
        const at = text.search(/\p{Cs}/u), code = text.charCodeAt(at).toString(16);
        throw refuse(
          `the text: \\u${code} at character ${at} is half of a pair; remove it or give the whole`,
        );
      }
      const encoded = encoder(text, special);
      const bad = encoded.find((id) => id >= vocabSize);
      if (bad === undefined) return Uint32Array.from(encoded);
      throw refuse(
        bad === NO_ID
          ? `the text: ${path} has no token for some of its characters; remove them`
          : `${JSON.stringify(tokens[bad])}: its id ${bad} has no row in the model's vocabulary of ` +
            `${vocabSize}; remove it from the text`,
      );
    },
    pieces: (ids) => Array.from(ids, piece),
    decode(ids, { skipSpecial = false } = {}) {
      const list = Array.from(ids), pieces = list.map(piece);
      return decoder(skipSpecial ? pieces.filter((_, i) => !specials.has(list[i]!)) : pieces);
    },
  };
}

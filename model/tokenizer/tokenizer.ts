/** Text to token ids and back: byte-pair encoding by @huggingface/tokenizers behind a small, checked interface. */
import { Tokenizer as Library } from "@huggingface/tokenizers";
import { DataError } from "../../engine/mod.ts";
import { checkTokenizerFile } from "./check.ts";

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
  /** Ids of a text, with what the post-processor adds (BOS in Gemma) unless `special` is false. */
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
  const library = new Library({ ...checked, added_tokens: checked.added_tokens ?? [] }, {
    clean_up_tokenization_spaces: config.clean_up_tokenization_spaces === true,
  });
  const ids = library.get_vocab(true);
  const vocabSize = options.vocabSize ?? 1 + ids.values().reduce((a, b) => Math.max(a, b), -1);

  const piece = (id: number): string => {
    const text = id < vocabSize ? library.id_to_token(id) : undefined;
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
    encode(text, { special = true } = {}) {
      const encoding = library.encode(text, { add_special_tokens: special });
      return Uint32Array.from(encoding.ids as (number | undefined)[], (id, i) => {
        if (id !== undefined && id < vocabSize) return id;
        const problem = id === undefined
          ? `the text: ${path} has no token for some of its characters; remove them`
          : `${JSON.stringify(encoding.tokens[i])}: its id ${id} has no row in the model's vocabulary of ` +
            `${vocabSize}; remove it from the text`;
        throw new DataError(`Cannot encode ${problem}`, { path });
      });
    },
    pieces: (ids) => Array.from(ids, piece),
    decode(ids, { skipSpecial = false } = {}) {
      const list = Array.from(ids);
      list.forEach(piece);
      return list.length === 0 ? "" : library.decode(list, { skip_special_tokens: skipSpecial });
    },
  };
}

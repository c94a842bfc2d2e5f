/** What a page needs to prune, heal and sample a model by itself, and how it is read there. */
import { DataError } from "../../../engine/mod.ts";
import type { Gemma3Config } from "../../../model/config/mod.ts";
import type { WeightSource } from "../../../model/files/mod.ts";
import type { ImportanceMethod } from "../../../model/pruning/mod.ts";
import type { TokenizerConfig } from "../../../model/tokenizer/mod.ts";
import type { Config } from "../../../train/config/mod.ts";
import type { Recording } from "../recording.ts";

/** Everything of one small world: a teacher, its tokenizer, rows to learn, settings. */
export interface PlayAssets extends Pick<Recording, "values" | "bytes"> {
  /** The teacher. */
  readonly config: Gemma3Config;
  /** Its tensors by checkpoint name; `value` is an index into the values, bf16. */
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly value: number;
  }[];
  readonly tokenizer: unknown;
  readonly tokenizerConfig: TokenizerConfig;
  /** Token ids of each row. */
  readonly rows: readonly (readonly number[])[];
  readonly padId: number;
  readonly ends: number | number[] | undefined;
  readonly settings: PlaySettings;
}

/** The part of a configuration that the page follows. */
export interface PlaySettings
  extends Pick<Config, "data" | "train" | "loss" | "seed" | "evaluate" | "prune" | "sample"> {
  readonly importance: {
    readonly method: ImportanceMethod;
    readonly batch_size: number;
    readonly rows: number;
  };
}

/** The teacher's tensors out of memory. @param values of the assets, by index */
export function weightsOf(
  { tensors }: PlayAssets,
  values: (index: number) => ArrayLike<number>,
): WeightSource {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const find = (name: string) => {
    const tensor = byName.get(name);
    if (tensor) return tensor;
    throw new DataError(`Cannot read tensor "${name}" as the page has none of that name`);
  };
  return {
    names: () => [...byName.keys()],
    info: (name) => ({ dtype: "BF16", shape: find(name).shape }),
    readF32(name) {
      const words = Uint32Array.from(values(find(name).value), (bits) => bits << 16);
      return Promise.resolve(new Float32Array(words.buffer));
    },
    close: () => {},
  };
}

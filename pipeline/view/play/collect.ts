/** Collects what the page that plays needs, from files: what a page cannot do itself. */
import { join } from "node:path";
import { toBf16, UsageError } from "../../../engine/mod.ts";
import { readJson } from "../../../model/files/mod.ts";
import type { TokenizerConfig } from "../../../model/tokenizer/mod.ts";
import { type Config, resolveConfig } from "../../../train/config/mod.ts";
import { configuredRows, endsOf, openSource, padIdOf, PEBBLE } from "../../inputs.ts";
import type { Reporter } from "../../reporter.ts";
import { createValueStore } from "../record/values.ts";
import type { PlayAssets } from "./assets.ts";

/** Rows that importance is measured on. */
const IMPORTANCE_ROWS = 16;

/** Small enough for a telephone: a step takes 256 tokens. */
const SIZES = {
  data: { max_length: 64, limit: 120, validation: 0 },
  train: { micro_batch: 4, epochs: 2, max_steps: 60, control: false },
  sample: { max_new_tokens: 10 },
} as const;

/** The configuration of Pebble in a page. */
export function playConfig(): Promise<Config> {
  return resolveConfig({ preset: "pebble-quick", flags: SIZES });
}

/** Pebble's teacher, tokenizer and rows, packed. @throws {UsageError} for another teacher, whose weights a page cannot hold */
export async function collectAssets(config: Config, reporter: Reporter): Promise<PlayAssets> {
  if (config.teacher !== PEBBLE) {
    throw new UsageError(
      `Cannot play with ${config.teacher} in a page as only Pebble is small enough; leave the teacher out`,
    );
  }
  const source = await openSource(PEBBLE, config, reporter), { opened } = source, store = createValueStore();
  try {
    const directory = opened.tokenizerDir!, tensors: PlayAssets["tensors"][number][] = [];
    for (const name of opened.weights.names()) {
      const { shape } = opened.weights.info(name), values = await opened.weights.readF32(name);
      tensors.push({ name, shape, value: store.add("bf16", toBf16(values)) });
    }
    const { data, train, loss, seed, evaluate, prune, sample, importance: { method, batch_size } } = config;
    return {
      config: opened.config,
      tensors,
      tokenizer: await readJson(join(directory, "tokenizer.json")),
      tokenizerConfig: await readJson(join(directory, "tokenizer_config.json")) as TokenizerConfig,
      rows: (await configuredRows(config, source, reporter)).map((row) => [...row]),
      padId: padIdOf(source),
      ends: endsOf(source) as PlayAssets["ends"],
      settings: {
        ...{ data, train, loss, seed, evaluate: { ...evaluate, every: null }, prune, sample },
        importance: { method, batch_size, rows: IMPORTANCE_ROWS },
      },
      ...store.pack(),
    };
  } finally {
    opened.weights.close();
  }
}

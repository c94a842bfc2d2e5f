import type { Engine } from "../engine/mod.ts";
import { parameterCount, type WeightDtype } from "../model/config/mod.ts";
import { pruneModel } from "../model/pruning/mod.ts";
import { savePretrained } from "../model/weights/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { openSource, tokenizerToWrite } from "./inputs.ts";
import { runImportance } from "./importance.ts";
import type { Reporter } from "./reporter.ts";

/** What the `prune` command did. */
export interface PruneResult {
  readonly drop: readonly number[];
  readonly layers: number;
  readonly parameters: number;
}

/** The type that weights are written in. */
export function writtenDtype({ dtype }: Config, stored: WeightDtype): WeightDtype {
  return dtype === "source" ? stored : dtype;
}

/** The `prune` command: named blocks, or the least important ones, leave; the rest is written as a model directory. */
export async function runPrune(
  openEngine: () => Promise<Engine>,
  model: string,
  out: string,
  config: Config,
  reporter: Reporter,
): Promise<PruneResult> {
  const drop = config.prune.drop ?? (await runImportance(openEngine, model, config, reporter, true)).chosen!;
  const source = await openSource(model, config, reporter), { opened } = source;
  try {
    const pruned = pruneModel(opened, drop);
    reporter.signal.throwIfAborted();
    await savePretrained(out, {
      ...pruned,
      dtype: writtenDtype(config, opened.storedDtype),
      tokenizerDir: tokenizerToWrite(source, reporter.note),
      generationConfig: opened.generationConfig,
    });
    return { drop, layers: pruned.config.numHiddenLayers, parameters: parameterCount(pruned.config) };
  } finally {
    opened.weights.close();
  }
}

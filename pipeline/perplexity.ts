import type { Engine } from "../engine/mod.ts";
import { measurePerplexity, type Perplexity } from "../eval/perplexity.ts";
import { type Gemma3 } from "../model/gemma3/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { longestRow, type Row } from "../train/data/mod.ts";
import type { HealSpec } from "../train/heal.ts";
import type { Log, Validation } from "../train/log.ts";
import { configuredRows, loadOpened, openSource, padIdOf } from "./inputs.ts";
import type { Reporter } from "./reporter.ts";

/** Perplexity of a model on the device over held-out rows. */
export async function perplexityOf(
  engine: Engine,
  model: Gemma3,
  name: string,
  rows: readonly Row[],
  config: Config,
  padId: number,
  reporter: Reporter,
): Promise<Perplexity> {
  return await measurePerplexity(engine, model, rows.slice(0, config.evaluate.rows ?? undefined), {
    batchSize: config.evaluate.batch_size,
    padId,
    signal: reporter.signal,
    onRows: (done, total) => reporter.update({ stage: `perplexity of ${name}`, done, total, unit: "rows" }),
  });
}

/** A perplexity without each token's loss, as logs and the answers of commands have it. */
export const validationOf = ({ perplexity, crossEntropy, tokens }: Perplexity): Validation => ({
  perplexity,
  cross_entropy: crossEntropy,
  tokens,
});

/** The part of a healing that measures its student on held-out rows between two steps, into the log. */
export const validated = (
  measure: () => Promise<Perplexity>,
  log: Log,
): Required<Pick<HealSpec, "validate" | "onValidation">> => ({
  validate: async () => validationOf(await measure()),
  onValidation: (step, validation) => log.write({ step, validation }),
});

/** The `perplexity` command. */
export async function runPerplexity(
  openEngine: () => Promise<Engine>,
  model: string,
  config: Config,
  reporter: Reporter,
): Promise<Perplexity> {
  const source = await openSource(model, config, reporter), { opened } = source;
  try {
    const rows = await configuredRows(config, source, reporter), engine = await openEngine();
    const loaded = await loadOpened(engine, opened, {
      label: "model",
      positions: longestRow(rows),
    });
    return await perplexityOf(engine, loaded, "model", rows, config, padIdOf(source), reporter);
  } finally {
    opened.weights.close();
  }
}

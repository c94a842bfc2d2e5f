import { bootstrap, type Estimate, sumOver } from "../../eval/statistics/mod.ts";
import { type ModelName, modelsOf, recovery, type Results } from "../results.ts";

/** What the held-out rows tell, each with its 95 % interval. */
export interface HeldOut {
  /** Of every model that the run has. */
  readonly perplexity: ReadonlyMap<ModelName, Estimate>;
  /** `perplexity_retention` and `recovery` of the results, in percent. */
  readonly retention: Estimate;
  readonly recovery: Estimate;
  /** Rows that were drawn again. */
  readonly rows: number;
}

/** Draws the held-out rows again, the same for all models, so that what is common to them cancels out. */
export function heldOutEstimates(results: Results): HeldOut {
  const models = modelsOf(results), { teacher, pruned, student } = results;
  const tokens = teacher.row_losses.map(({ tokens }) => tokens);
  const sums = new Map(models.map(([, model]) => [model, model.row_losses.map(({ sum }) => sum)]));
  const [retention, recovered, ...perplexities] = bootstrap([tokens.length], ([drawn]) => {
    const count = sumOver(tokens, drawn!),
      nats = new Map([...sums].map(([model, losses]) => [model, sumOver(losses, drawn!) / count]));
    const [before, cut, after] = [nats.get(teacher)!, nats.get(pruned)!, nats.get(student)!];
    return [
      100 * Math.exp(before - after),
      recovery(before, cut, after),
      ...[...nats.values()].map(Math.exp),
    ];
  });
  return {
    perplexity: new Map(models.map(([name], i) => [name, perplexities[i]!])),
    retention: retention!,
    recovery: recovered!,
    rows: tokens.length,
  };
}

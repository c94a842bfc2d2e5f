import type { Engine } from "../../engine/mod.ts";
import type { Likelihood, LikelihoodRequest } from "../../eval/likelihood/mod.ts";
import type { Gemma3 } from "../../model/gemma3/mod.ts";
import { runForward } from "./golden_models.ts";

/** The definition: one row a request, all logits, and log-softmax on the host in f64. */
export async function plainLikelihoods(
  engine: Engine,
  model: Gemma3,
  requests: readonly LikelihoodRequest[],
  maxLength: number,
): Promise<Likelihood[]> {
  const found: Likelihood[] = [], V = model.config.vocabSize;
  for (const { context, continuation } of requests) {
    const ids = [...context, ...continuation].slice(-(maxLength + 1)).slice(0, -1);
    const { logits } = await runForward(engine, model, Uint32Array.from(ids));
    const rows = continuation.map((_, i) => {
      const t = ids.length - continuation.length + i;
      return logits.subarray(t * V, (t + 1) * V);
    });
    found.push({
      logLikelihood: rows.reduce((sum, row, i) => sum + logProbability(row, continuation[i]!), 0),
      isGreedy: rows.every((row, i) => row.indexOf(highestOf(row)) === continuation[i]),
    });
  }
  return found;
}

const highestOf = (row: Float32Array) => row.reduce((most, z) => Math.max(most, z), -Infinity);

function logProbability(row: Float32Array, token: number): number {
  const highest = highestOf(row);
  return row[token]! - highest - Math.log(row.reduce((sum, z) => sum + Math.exp(z - highest), 0));
}

import type { Perplexity } from "../../eval/perplexity.ts";
import { parameterCount } from "../../model/config/mod.ts";
import type { Gemma3 } from "../../model/gemma3/mod.ts";
import { sampleTexts } from "../generate.ts";
import { endsOf } from "../inputs.ts";
import { perplexityOf } from "../perplexity.ts";
import type { ModelName, ModelResult } from "../results.ts";
import { type Job, stage } from "./job.ts";
import { measureTasks } from "./tasks.ts";

/** Perplexity of a model on the held-out rows. */
export function heldOutPerplexity(
  { engine, rows, config, padId, reporter }: Job,
  model: Gemma3,
  name: string,
): Promise<Perplexity> {
  return perplexityOf(engine, model, name, rows.heldOut, config, padId, reporter);
}

/** Everything that results.json says of one model: perplexity, its rows, samples, tasks. */
export async function measureModel(job: Job, model: Gemma3, name: ModelName): Promise<ModelResult> {
  const measured = await stage(job, `evaluate ${name}`, async () => {
    const { perplexity, crossEntropy, tokens, tokenLosses } = await heldOutPerplexity(job, model, name);
    return {
      layers: model.config.numHiddenLayers,
      parameters: parameterCount(model.config),
      perplexity,
      cross_entropy: crossEntropy,
      tokens,
      row_losses: tokenLosses.map((losses) => ({
        sum: losses.reduce((sum, loss) => sum + loss, 0),
        tokens: losses.length,
      })),
      samples: await samplesOf(job, model),
    };
  });
  return { ...measured, tasks: await measureTasks(job, model, name) };
}

async function samplesOf({ engine, config, source }: Job, model: Gemma3): Promise<readonly string[]> {
  if (!source.tokenizer) return [];
  const eosTokenId = endsOf(source), { prompts, max_new_tokens: maxNewTokens } = config.sample;
  return await sampleTexts(engine, model, source.tokenizer, prompts, {
    maxNewTokens,
    ...(eosTokenId !== undefined && { eosTokenId }),
  });
}

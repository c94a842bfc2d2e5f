import type { Perplexity } from "../../eval/perplexity.ts";
import { parameterCount } from "../../model/config/mod.ts";
import type { Gemma3 } from "../../model/gemma3/mod.ts";
import { endsOf } from "../inputs.ts";
import { perplexityOf } from "../perplexity.ts";
import type { ModelName, ModelResult } from "../results.ts";
import { sampleTexts } from "../sample_texts.ts";
import type { Job } from "./job.ts";
import type { OnDevice } from "./on_device.ts";
import { keep, type KeptStage } from "./stages.ts";
import { tasksStage } from "./tasks.ts";

/** Perplexity of a model on the held-out rows. */
export function heldOutPerplexity(
  { engine, rows, config, padId, reporter }: Job,
  model: Gemma3,
  name: string,
): Promise<Perplexity> {
  return perplexityOf(engine, model, name, rows.heldOut, config, padId, reporter);
}

/**
 * The stages that measure a model: perplexity, its rows and samples, then the tasks.
 *
 * @param get the model on the device
 * @param key of what the model is: it changes where the model's weights can
 */
export function measureStages(job: Job, get: OnDevice["get"], name: ModelName, key: string) {
  const { config: { evaluate, sample }, identity, padId } = job;
  const evaluation: KeptStage<Omit<ModelResult, "tasks">> = {
    name: `evaluate ${name}`,
    inputs: [key, identity.heldOut, identity.teacher, evaluate.batch_size, sample, padId],
    work: async () => {
      const model = await get();
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
    },
  };
  return { evaluation, tasks: job.rows.tasks.length > 0 ? tasksStage(job, get, name, key) : undefined };
}

/** Everything that results.json says of one model. */
export async function measureModel(
  job: Job,
  { evaluation, tasks }: ReturnType<typeof measureStages>,
): Promise<ModelResult> {
  return { ...await keep(job, evaluation), tasks: tasks ? await keep(job, tasks) : {} };
}

async function samplesOf({ engine, config, source }: Job, model: Gemma3): Promise<readonly string[]> {
  if (!source.tokenizer) return [];
  const eosTokenId = endsOf(source), { prompts, max_new_tokens: maxNewTokens } = config.sample;
  return await sampleTexts(engine, model, source.tokenizer, prompts, {
    maxNewTokens,
    ...(eosTokenId !== undefined && { eosTokenId }),
  });
}

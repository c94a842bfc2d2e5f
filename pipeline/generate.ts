import type { Engine } from "../engine/mod.ts";
import { createDecoder, releaseGemma3 } from "../model/gemma3/mod.ts";
import { checkPrompt, generate, type GenerateOptions, resolveOptions } from "../model/generate/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { endsOf, loadOpened, openSource, tokenizerOfSource } from "./inputs.ts";
import type { Reporter } from "./reporter.ts";

/** A continuation; `outputIds` is the prompt with what follows, as transformers returns it. */
export interface Continuation {
  readonly inputIds: readonly number[];
  readonly outputIds: readonly number[];
  /** Undefined where the model has no tokenizer. */
  readonly text: string | undefined;
}

/** The `generate` command: continues a text, or token ids as they are. */
export async function runGenerate(
  openEngine: () => Promise<Engine>,
  path: string,
  opening: Pick<Config, "tokenizer" | "repair">,
  prompt: string | readonly number[],
  options: GenerateOptions,
  reporter: Reporter,
): Promise<Continuation> {
  const source = await openSource(path, opening, reporter),
    { opened, tokenizer } = source,
    { config } = opened;
  try {
    const ids = typeof prompt === "string" ? [...tokenizerOfSource(source).encode(prompt)] : prompt;
    const ends = endsOf(source);
    const resolved = resolveOptions(
      { ...(ends !== undefined && { eosTokenId: ends }), ...options },
      config.vocabSize,
    );
    checkPrompt(ids, config.vocabSize);
    const maxLength = ids.length + resolved.maxNewTokens, engine = await openEngine();
    const model = await loadOpened(engine, opened, {
      label: "model",
      positions: maxLength,
    });
    const decoder = createDecoder(engine, model, { maxLength, maxRows: resolved.numBeams });
    try {
      const { inputIds, outputIds } = await generate(decoder, ids, resolved);
      return { inputIds, outputIds, text: tokenizer?.decode(outputIds, { skipSpecial: true }) };
    } finally {
      decoder.close();
      releaseGemma3(engine, model);
    }
  } finally {
    opened.weights.close();
  }
}

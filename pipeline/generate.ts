import type { Engine } from "../engine/mod.ts";
import { createDecoder, type Gemma3, releaseGemma3 } from "../model/gemma3/mod.ts";
import { checkPrompt, generate, type GenerateOptions, resolveOptions } from "../model/generate/mod.ts";
import type { Tokenizer } from "../model/tokenizer/mod.ts";
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

/** Greedy continuations of several prompts by a model on the device: text of prompt and continuation. */
export async function sampleTexts(
  engine: Engine,
  model: Gemma3,
  tokenizer: Tokenizer,
  prompts: readonly string[],
  options: GenerateOptions & { readonly maxNewTokens: number },
): Promise<string[]> {
  if (prompts.length === 0) return [];
  const encoded = prompts.map((prompt) => [...tokenizer.encode(prompt)]);
  const decoder = createDecoder(engine, model, {
    maxLength: Math.max(...encoded.map((ids) => ids.length)) + options.maxNewTokens,
  });
  try {
    const texts: string[] = [];
    for (const ids of encoded) {
      const { outputIds } = await generate(decoder, ids, options);
      texts.push(tokenizer.decode(outputIds, { skipSpecial: true }));
    }
    return texts;
  } finally {
    decoder.close();
  }
}

/** What models say: continuations to read side by side. */
import type { Engine } from "../engine/mod.ts";
import { createDecoder, type Gemma3 } from "../model/gemma3/mod.ts";
import { generate, type GenerateOptions } from "../model/generate/mod.ts";
import type { Tokenizer } from "../model/tokenizer/mod.ts";

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

/**
 * Text generation on the host, over any {@linkcode Decoder}. Read `generate.ts`, then `sample.ts` and `beam.ts` (the
 * loops), then `processors.ts` and `warpers.ts` (what they do to scores).
 */
export type { Decoder } from "./decoder.ts";
export { checkPrompt, generate, type Generated } from "./generate.ts";
export { type GenerateOptions, type ResolvedOptions, resolveOptions } from "./options.ts";

/** `lapidary tokenize`: ids and pieces of a text. */
import { join } from "node:path";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { DataError } from "../engine/mod.ts";
import type { Tokenizer } from "../model/tokenizer/mod.ts";
import { type Context, reporterOf, writeJson } from "./context.ts";
import { required } from "./required.ts";

/** Adds the command. */
export function addTokenize(program: CommandUnknownOpts, context: Context): void {
  program.command("tokenize")
    .description("Token ids and pieces of a text, BOS included")
    .argument("<text>", "text to tokenise")
    .option("--model <model>", "directory with tokenizer.json, .gguf file or name on the hub; required")
    .option("--json", "write {input_ids, tokens} as JSON to standard output")
    .addHelpText(
      "after",
      `
Examples:
  lapidary tokenize --model gemma-3-270m "The capital of France is"
  lapidary tokenize --model gemma-3-270m --json "Once upon a time"`,
    )
    .action(async (text, flags) => {
      const model = required(
        flags.model,
        "--model",
        "a directory with tokenizer.json, a .gguf file or a name on the hub",
      );
      const tokenizer = await openTokenizer(model, context);
      const ids = [...tokenizer.encode(text)];
      const tokens = tokenizer.pieces(ids);
      if (flags.json) return writeJson(context, { input_ids: ids, tokens });
      const width = String(ids.reduce((largest, id) => Math.max(largest, id), 0)).length;
      const lines = ids.map((id, i) =>
        `${String(id).padStart(width)}  ${JSON.stringify(tokens[i]).slice(1, -1)}\n`
      );
      context.io.stdout(lines.join(""));
    });
}

/** The tokenizer of a directory, which need not hold a model, of a name on the hub, or the one inside a .gguf file. */
async function openTokenizer(name: string, context: Context): Promise<Tokenizer> {
  const { placeOf } = await import("../pipeline/hub.ts");
  const { path } = await placeOf(name, "tokenizer", reporterOf(context));
  const { isFile, readJson } = await import("../model/files/mod.ts");
  const { loadTokenizer, tokenizerOf } = await import("../model/tokenizer/mod.ts");
  if (await isFile(path)) {
    const { openModel } = await import("../model/weights/mod.ts");
    const model = await openModel(path);
    model.weights.close();
    const tokenizer = await tokenizerOf(model);
    if (tokenizer !== undefined) return tokenizer;
    throw new DataError(`Cannot tokenise with ${path}: it has no tokenizer; name a directory that has one`, {
      path,
    });
  }
  const configPath = join(path, "config.json");
  if (!await isFile(configPath)) return await loadTokenizer(path);
  const { parseConfig } = await import("../model/config/mod.ts");
  return await loadTokenizer(path, parseConfig(await readJson(configPath), configPath).vocabSize);
}

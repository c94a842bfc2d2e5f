/** `lapidary tokenize`: ids and pieces of a text. */
import { join } from "node:path";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { type Context, writeJson } from "./context.ts";
import { required } from "./required.ts";

/** Adds the command. */
export function addTokenize(program: CommandUnknownOpts, context: Context): void {
  program.command("tokenize")
    .description("Token ids and pieces of a text, BOS included")
    .argument("<text>", "text to tokenise")
    .option("--model <dir>", "directory with tokenizer.json; required")
    .option("--json", "write {input_ids, tokens} as JSON to standard output")
    .addHelpText(
      "after",
      `
Examples:
  lapidary tokenize --model gemma-3-270m "The capital of France is"
  lapidary tokenize --model gemma-3-270m --json "Once upon a time"`,
    )
    .action(async (text, flags) => {
      const model = required(flags.model, "--model", "a directory with tokenizer.json");
      const { loadTokenizer } = await import("../model/tokenizer/mod.ts");
      const tokenizer = await loadTokenizer(model, await vocabSize(model));
      const ids = [...tokenizer.encode(text)];
      const tokens = tokenizer.pieces(ids);
      if (flags.json) return writeJson(context, { input_ids: ids, tokens });
      const width = String(Math.max(...ids)).length;
      const lines = ids.map((id, i) =>
        `${String(id).padStart(width)}  ${JSON.stringify(tokens[i]).slice(1, -1)}\n`
      );
      context.io.stdout(lines.join(""));
    });
}

/** Rows of the embedding, where the directory holds a model and not a tokenizer alone. */
async function vocabSize(directory: string): Promise<number | undefined> {
  const { isFile, readJson } = await import("../model/files/mod.ts");
  const path = join(directory, "config.json");
  if (!await isFile(path)) return undefined;
  const { parseConfig } = await import("../model/config/mod.ts");
  return parseConfig(await readJson(path), path).vocabSize;
}

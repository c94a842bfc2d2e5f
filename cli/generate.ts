/** `lapidary generate`: a continuation, with the names and defaults of `transformers`. */
import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { UsageError } from "../engine/mod.ts";
import type { GenerateOptions } from "../model/generate/mod.ts";
import type { Config } from "../train/config/mod.ts";
import type { Context, Run } from "./context.ts";
import { number, parseIds, wholeNumber } from "./parse.ts";
import { required } from "./required.ts";

/** What `generate` is asked to do. */
export interface GenerateRequest {
  readonly model: string;
  /** A tokenizer in place of the model's own, and whether to repair its configuration. */
  readonly opening: Pick<Config, "tokenizer" | "repair">;
  /** Text to continue, or token ids as they are (BOS included). */
  readonly prompt: string | readonly number[];
  /** Options that were given; the others have the defaults of `model/generate`. */
  readonly options: GenerateOptions;
  /** Write `{input_ids[], output_ids[], text}` in place of the text. */
  readonly json: boolean;
}

/** Adds the command. */
export function addGenerate(program: CommandUnknownOpts, context: Context, run: Run<GenerateRequest>): void {
  program.command("generate")
    .description("Continue a text")
    .argument("[prompt]", "text to continue")
    .option("--model <model>", "model directory, .gguf file or name on the hub; required")
    .option("--tokenizer <dir>", "tokenizer in place of the model's own: a directory or a name on the hub")
    .option("--repair", "mend a config.json whose layer_types were popped twice on saving")
    .option("--input-ids <ids>", "token ids in place of a prompt, BOS included: 2,15,7", parseIds)
    .option("--max-new-tokens <n>", "most tokens to add (default: 20)", wholeNumber(1))
    .option("--num-beams <n>", "beams of beam search; 1 is greedy (default: 1)", wholeNumber(1))
    .addOption(noRepeatNgramSize())
    .option(
      "--repetition-penalty <x>",
      "above 1, tokens that came before are less likely (default: 1)",
      number,
    )
    .option("--length-penalty <x>", "power of the length that divides a beam's score (default: 1)", number)
    .option("--do-sample", "draw tokens at random instead of taking the likeliest")
    .option("--temperature <x>", "divides the logits before sampling (default: 1)", number)
    .option("--top-k <n>", "sample among the n likeliest tokens; 0 for all (default: 50)", wholeNumber(0))
    .option(
      "--top-p <x>",
      "sample among the likeliest tokens of this probability together (default: 1)",
      number,
    )
    .option("--seed <n>", "seed of the draws (default: 0)", wholeNumber(0))
    .option("--json", "write {input_ids, output_ids, text} as JSON to standard output")
    .addHelpText(
      "after",
      `
Examples:
  lapidary generate --model gemma-3-270m "The capital of France is"
  lapidary generate --model gemma-3-270m --input-ids 2,818,5279 --num-beams 3 --no-repeat-ngram-size 2 --json
  lapidary generate --model gemma-3-270m "Once upon a time" --do-sample --temperature 0.8 --seed 7`,
    )
    .action(async (prompt, flags) => {
      const { model: given, tokenizer = null, repair = false, inputIds, json = false, ...options } = flags;
      const model = required(given, "--model", "a model directory, .gguf file or name on the hub");
      if ((prompt === undefined) === (inputIds === undefined)) {
        const problem = prompt === undefined
          ? "there is no prompt"
          : "a prompt and --input-ids exclude each other";
        throw new UsageError(`Cannot generate: ${problem}; give a text or --input-ids 2,15,7`);
      }
      await run(
        {
          model,
          opening: { tokenizer, repair },
          prompt: prompt ?? inputIds!,
          options: options as GenerateOptions,
          json,
        },
        context,
      );
    });
}

/** commander takes `--no-x` for the opposite of `--x` unless told that it is a flag of its own. */
function noRepeatNgramSize() {
  const text = "no run of n tokens comes twice; 0 allows it (default: 0)";
  const option = new Option("--no-repeat-ngram-size <n>", text).argParser(wholeNumber(0));
  option.negate = false;
  return option;
}

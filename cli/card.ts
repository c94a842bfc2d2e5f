/** `lapidary card`: the card of a run's student, or the arithmetic of a published one. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { UsageError } from "../engine/mod.ts";
import type { CardFacts } from "../pipeline/card/mod.ts";
import type { Context, Run } from "./context.ts";

/** What `card` is asked to do. */
export type CardRequest =
  | { readonly run: string; readonly facts: CardFacts; readonly json: boolean }
  | { readonly check: string; readonly json: boolean };

/** Adds the command. */
export function addCard(program: CommandUnknownOpts, context: Context, run: Run<CardRequest>): void {
  program.command("card")
    .description("Write the model card of a run's student again, or check a published card's arithmetic")
    .argument("[run]", "directory of a finished run")
    .option("--check <file>", "in place of a run: a published model card whose figures are computed again")
    .option("--license <id>", "licence of the student, where the teacher's files do not tell it")
    .option("--base-model <name>", "the teacher's name on the hub: OWNER/NAME")
    .option("--language <code...>", "languages of the model, such as en")
    .option("--datasets <name...>", "names on the hub of the data that was trained on")
    .option("--json", "write {card}, or what the check found, as JSON to standard output")
    .addHelpText(
      "after",
      `
The card says what results.json has, no more; a licence is never guessed.

Examples:
  lapidary card runs/first --license gemma --base-model google/gemma-3-270m --language en
  lapidary card --check README.md`,
    )
    .action(async (directory, flags) => {
      const { check, json = false, license, baseModel, language, datasets } = flags;
      const isRun = directory !== undefined;
      if (isRun === (check !== undefined)) {
        throw new UsageError(
          isRun
            ? `Cannot both write the card of ${directory} and check ${check}; give one of them`
            : "Missing a run; name the directory of a finished run, or a published card with --check",
        );
      }
      if (check !== undefined) return await run({ check, json }, context);
      await run({ run: directory!, facts: { license, baseModel, language, datasets }, json }, context);
    });
}

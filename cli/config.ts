/** `lapidary config`: the configuration a run would have, and what its keys mean. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { UsageError } from "../engine/mod.ts";
import type { Context } from "./context.ts";
import { collect, wholeNumber } from "./parse.ts";
import { configOf } from "./sources.ts";

/** Adds the command with its own: show, keys, schema. */
export function addConfig(program: CommandUnknownOpts, { io }: Context): void {
  const config = program.command("config").description("Show configurations and their keys");
  const print = (value: unknown) => io.stdout(`${JSON.stringify(value, null, 2)}\n`);

  config.command("show")
    .description("The resolved configuration, as JSON; a preset file of its own when saved")
    .option(
      "--preset <name>",
      "pebble, pebble-quick, gem-3-mini, gem-3-small (also -replay, -15k, -40k), or a .json file",
    )
    .option("--teacher <model>", "as in distill")
    .option("--tokenizer <dir>", "as in distill")
    .option("--data <file...>", "as in distill")
    .option("--set <key=value...>", "set a key; may be given again", collect)
    .option("--seed <n>", "root of every random choice", wholeNumber(0))
    .addHelpText(
      "after",
      `
Examples:
  lapidary config show --preset gem-3-small
  lapidary config show --preset pebble --set train.lr=1e-4 > mine.json`,
    )
    .action(async (flags) => print(await configOf(flags)));

  config.command("keys")
    .description("Every key with its meaning, unit and default")
    .argument("[key]", "one key")
    .action(async (name) => {
      const { configKeys, didYouMean } = await import("../train/config/mod.ts");
      if (name !== undefined && !configKeys.has(name)) {
        const hint = didYouMean(name, configKeys.keys(), 'run "lapidary config keys" for the list');
        throw new UsageError(`Unknown key "${name}"${hint}`);
      }
      for (const key of configKeys.values()) {
        if (name === undefined || name === key.name) io.stdout(`${key.name}\n    ${key.description}\n`);
      }
    });

  config.command("schema")
    .description("The JSON schema of preset files, for editors")
    .action(async () => print((await import("../train/config/mod.ts")).configJsonSchema()));
}

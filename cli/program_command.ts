/** `lapidary program`: what a run gives the device, and what a change does to that. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { UsageError } from "../engine/mod.ts";
import type { Config } from "../train/config/mod.ts";
import type { Context, Run } from "./context.ts";
import { collect } from "./parse.ts";
import { configOf } from "./sources.ts";

/** What `program distill` is asked to show. */
export interface ShowProgramRequest {
  readonly config: Config;
  /** The Program of a step; else a list of all. */
  readonly step: boolean;
  readonly form: "text" | "json" | "dot";
}

/** What `program diff` compares: files, or configurations whose steps are recorded. */
export interface DiffProgramsRequest {
  readonly sides: readonly [ProgramSide, ProgramSide];
  readonly json: boolean;
}

/** A saved Program or the step of a configuration. */
export type ProgramSide = { readonly file: string } | { readonly config: Config };

/** Adds the command with its own: distill, diff. */
export function addProgram(
  program: CommandUnknownOpts,
  context: Context,
  run: { readonly show: Run<ShowProgramRequest>; readonly diff: Run<DiffProgramsRequest> },
): void {
  const command = program.command("program")
    .description("Show the Programs of a run: dispatches, slots, lifetimes, cost; compare two");

  command.command("distill")
    .description("The Programs that distill would prepare; nothing runs")
    .option("--step", "the Program of an optimizer step, whole; else a list of all Programs")
    .option("--preset <name>", "pebble, pebble-quick, gem-3-mini, gem-3-small, or a .json file", "pebble")
    .option("--teacher <model>", "as in distill")
    .option("--tokenizer <dir>", "as in distill")
    .option("--data <file...>", "as in distill")
    .option("--set <key=value...>", "set a key; may be given again", collect)
    .option("--json", "JSON for other tools")
    .option("--dot", "with --step: a graph for Graphviz")
    .addHelpText(
      "after",
      `
Examples:
  lapidary program distill --step | less
  lapidary program distill --step --dot | dot -Tsvg > step.svg
  lapidary program distill --step --json > before.json`,
    )
    .action(async ({ step = false, json = false, dot = false, ...flags }) => {
      if (dot && (json || !step)) {
        throw new UsageError(
          json
            ? "Cannot write both --json and --dot; choose one"
            : "Cannot draw a list of Programs; add --step to --dot",
        );
      }
      await run.show(
        { config: await teacherNamed(flags), step, form: json ? "json" : dot ? "dot" : "text" },
        context,
      );
    });

  command.command("diff")
    .description("What a change does to the device: steps of two configurations, or saved Programs")
    .argument(
      "<a>",
      'a .json file of "program distill --step --json", settings as "key=value ...", or "base"',
    )
    .argument("<b>", "the same")
    .option("--preset <name>", "what settings and base stand on", "pebble")
    .option("--teacher <model>", "as in distill")
    .option("--data <file...>", "as in distill")
    .option("--json", "write {total, kernels, memory, slots, parting} as JSON to standard output")
    .addHelpText(
      "after",
      `
Examples:
  lapidary program diff base train.recompute=block
  lapidary program diff "loss.kind=cross_entropy" "loss.kind=jsd loss.skew=0.5"
  lapidary program diff before.json after.json`,
    )
    .action(async (a, b, { json = false, ...flags }) => {
      const side = async (text: string): Promise<ProgramSide> => {
        if (text.endsWith(".json")) return { file: text };
        const set = text === "base" ? [] : text.split(/\s+/).filter((setting) => setting !== "");
        if (set.every((setting) => setting.includes("="))) {
          return { config: await teacherNamed({ ...flags, set }) };
        }
        throw new UsageError(
          `Cannot compare "${text}": it is no .json file and no settings; give key=value, "base" or a file`,
        );
      };
      await run.diff({ sides: [await side(a), await side(b)], json }, context);
    });
}

/** The configuration of a run that has a teacher. */
async function teacherNamed(flags: Parameters<typeof configOf>[0]): Promise<Config> {
  const config = await configOf(flags);
  if (config.teacher !== null) return config;
  throw new UsageError(
    `Cannot record the Programs of the preset ${flags.preset}: it names no teacher; name a model with --teacher`,
  );
}

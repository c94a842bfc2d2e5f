/** `lapidary view`: a page that shows a training step from the inside. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { UsageError } from "../engine/mod.ts";
import type { Config } from "../train/config/mod.ts";
import type { Context, Run } from "./context.ts";
import { collect, wholeNumber } from "./parse.ts";
import { requireAbsent } from "./paths.ts";
import { configOf } from "./sources.ts";

/** What `view` is asked to do. */
export interface ViewRequest {
  /** Build the page in which Pebble is pruned and healed, in place of a recorded step. */
  readonly play: boolean;
  /** Directory of a run whose student and configuration to take; undefined: those of `config`. */
  readonly run: string | undefined;
  readonly config: Config;
  /** Tokens of the row that is learned. */
  readonly tokens: number;
  readonly subgroups: boolean;
  /** File to write; undefined where the page is only served. */
  readonly out: string | undefined;
  /** Port to serve the page at on this machine, 0 for any; undefined where it is not served. */
  readonly port: number | undefined;
}

/** Adds the command. */
export function addView(program: CommandUnknownOpts, context: Context, run: Run<ViewRequest>): void {
  program.command("view")
    .description("Write a page that shows one recorded training step from the inside")
    .argument(
      "[run]",
      'directory of a run that distill finished; without it, the step of a preset ("--step")',
    )
    .option("--play", "a page in which Pebble is pruned, healed and sampled on the GPU of whoever opens it")
    .option("--step", "one step of the preset's own training (what happens without a run)")
    .option("--preset <name>", "preset or .json file whose first step to record", "pebble-quick")
    .option(
      "--set <key=value...>",
      'set a key of the configuration; may be given again ("config keys" lists them)',
      collect,
    )
    .option("--tokens <n>", "tokens of the row that is learned (default: 32)", wholeNumber(2))
    .option(
      "--subgroups",
      "record the kernels for this adapter's subgroups; others cannot run them in the page",
    )
    .option("--out <file>", "file to write (default: view.html, or play.html)")
    .option("--serve", "serve the page on 127.0.0.1 until Ctrl-C")
    .option("--port <n>", "port of --serve (default: any that is free)", wholeNumber(0))
    .addHelpText(
      "after",
      `
The page is one file that asks for nothing from the network: timeline, memory map, data flow, every kernel with its
values, and one token's journey. Its kernels run again in a browser with WebGPU, on what was recorded.

Examples:
  lapidary view
  lapidary view --serve
  lapidary view --play --serve
  lapidary view runs/2026-01-31T12-00-00-pebble --out student.html`,
    )
    .action(async (directory, flags) => {
      const { step, preset, set, tokens = 32, subgroups = false, serve = false, play = false, port } = flags;
      if (directory !== undefined && (step || set)) {
        throw new UsageError(
          `Cannot view ${directory} with ${
            step ? "--step" : "--set"
          } as a run has its own configuration; give one or the other`,
        );
      }
      const alien = directory ??
        Object.entries({ step, set, tokens: flags.tokens, subgroups: flags.subgroups })
          .find(([, given]) => given !== undefined)?.[0];
      if (play && alien !== undefined) {
        throw new UsageError(
          `Cannot play with ${
            directory ?? `--${alien}`
          } as --play builds one page, of Pebble; give one or the other`,
        );
      }
      if (port !== undefined && !serve) throw new UsageError("Cannot use --port without --serve; give both");
      const out = flags.out ?? (serve ? undefined : play ? "play.html" : "view.html"),
        config = await configOf({ preset, set });
      if (out !== undefined) await requireAbsent(out, "--out");
      await run(
        { play, run: directory, config, tokens, subgroups, out, port: serve ? port ?? 0 : undefined },
        context,
      );
    });
}

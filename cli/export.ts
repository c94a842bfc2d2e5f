/** `lapidary export`: a model as one file for other runtimes. */
import { join } from "node:path";
import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { UsageError } from "../engine/mod.ts";
import type { WrittenType } from "../model/gguf/mod.ts";
import type { Config } from "../train/config/mod.ts";
import type { Context, Run } from "./context.ts";
import { requireAbsent } from "./paths.ts";
import { required } from "./required.ts";

/** Types of the matrices, for the flag. */
export const TYPES = ["f32", "f16", "bf16", "q8_0"] as const;

/** What `export` is asked to do. */
export interface ExportRequest {
  /** Directory of a run, whose student is meant, or a model. */
  readonly source: string;
  /** A tokenizer in place of the model's own, and whether to repair its configuration. */
  readonly opening: Pick<Config, "tokenizer" | "repair">;
  /** The new file. */
  readonly out: string;
  /** Type of the matrices; null takes the one that holds the model's values exactly. */
  readonly type: WrittenType | null;
  readonly json: boolean;
}

/** Adds the command. */
export function addExport(program: CommandUnknownOpts, context: Context, run: Run<ExportRequest>): void {
  program.command("export")
    .description("Write a run's student, or any model, as one GGUF file for llama.cpp and what builds on it")
    .argument("[run]", "directory of a run, model directory or .gguf file")
    .addOption(new Option("--format <name>", "format of the file; required").choices(["gguf"] as const))
    .addOption(
      new Option("--type <type>", "storage type of the matrices (default: the one that holds them exactly)")
        .choices(TYPES),
    )
    .option(
      "--out <file>",
      "new file (default: student.gguf in the run, MODEL.gguf beside a model directory)",
    )
    .option("--tokenizer <dir>", "tokenizer in place of the model's own")
    .option("--repair", "mend a config.json whose layer_types were popped twice on saving")
    .option("--json", "write {file, type, tensors, bytes} as JSON to standard output")
    .addHelpText(
      "after",
      `
Norms are float32 in every type, as the format has them. Where another runtime may compute something else, it says so.

Examples:
  lapidary export runs/first --format gguf
  lapidary export pruned --format gguf --type q8_0 --out pruned-q8_0.gguf`,
    )
    .action(async (given, flags) => {
      const source = required(given, "a run", "the directory of a finished run, or a model");
      required(flags.format, "--format", "gguf");
      const { tokenizer = null, repair = false, type, json = false } = flags;
      const out = flags.out ?? await defaultOut(source);
      await requireAbsent(out, "--out");
      await run(
        {
          ...{ source, opening: { tokenizer, repair }, out, json },
          type: type === undefined ? null : type.toUpperCase() as WrittenType,
        },
        context,
      );
    });
}

async function defaultOut(source: string): Promise<string> {
  const { exportedModel } = await import("../pipeline/export.ts");
  if (await exportedModel(source) !== source) return join(source, "student.gguf");
  if (!source.endsWith(".gguf")) return `${source.replace(/[/\\]+$/, "")}.gguf`;
  throw new UsageError(
    `Cannot export ${source} to a place of its own: it is a .gguf file already; name one with --out`,
  );
}

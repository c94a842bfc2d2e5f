/** The program: its name, what holds for every command, and the commands. */
import { Command } from "@commander-js/extra-typings";
import { addCompletion } from "./completion.ts";
import { addConfig } from "./config.ts";
import type { Context } from "./context.ts";
import { addDoctor } from "./doctor_command.ts";
import { addTokenize } from "./tokenize.ts";
import { VERSION } from "./version.ts";

/** Assembles the command line. Heavy modules are imported by the commands when they run. */
export function createProgram(context: Context) {
  const { io } = context;
  const program = new Command("lapidary")
    .description("Prunes a language model and heals it by distillation, on its own WebGPU engine")
    .version(VERSION)
    .option("--debug", "show stack traces of errors")
    .option("--quiet", "no progress")
    .configureHelp({ showGlobalOptions: true, helpWidth: 100 })
    .configureOutput({
      writeOut: io.stdout,
      writeErr: io.stderr,
      getOutHasColors: () => false,
      getErrHasColors: () => io.color,
    })
    .showHelpAfterError('(add "--help" for usage)')
    .exitOverride();
  addTokenize(program, context);
  addConfig(program, context);
  addDoctor(program, context);
  addCompletion(program);
  return program;
}

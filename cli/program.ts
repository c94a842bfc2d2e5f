/** The program: its name, what holds for every command, and the commands. */
import { Command } from "@commander-js/extra-typings";
import { addCard } from "./card.ts";
import { addCompare } from "./compare.ts";
import { addCompletion } from "./completion.ts";
import { addConfig } from "./config.ts";
import type { Context } from "./context.ts";
import { addDistill } from "./distill.ts";
import { addDoctor } from "./doctor_command.ts";
import { addEvaluate } from "./evaluate.ts";
import { addExplain } from "./explain.ts";
import { addExport } from "./export.ts";
import { addGenerate } from "./generate.ts";
import { addImportance } from "./importance.ts";
import * as finishedRuns from "./finished_runs.ts";
import * as jobs from "./jobs.ts";
import { addPerplexity } from "./perplexity.ts";
import { addPretrain } from "./pretrain.ts";
import { addProgram } from "./program_command.ts";
import * as programs from "./programs.ts";
import { addPrune } from "./prune.ts";
import { addPush } from "./push.ts";
import { addReport } from "./report.ts";
import { addStudy } from "./study.ts";
import { addTokenize } from "./tokenize.ts";
import { addTrain } from "./train.ts";
import { addTune } from "./tune.ts";
import { VERSION } from "./version.ts";
import { addView } from "./view.ts";
import * as views from "./views.ts";

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
  addDistill(program, context, jobs.distill);
  addStudy(program, context, jobs.study);
  addCard(program, context, finishedRuns.card);
  addCompare(program, context, finishedRuns.compare);
  addPush(program, context, finishedRuns.push);
  addImportance(program, context, jobs.importance);
  addPrune(program, context, jobs.prune);
  addTrain(program, context, jobs.train);
  addExport(program, context, finishedRuns.exportModel);
  addPerplexity(program, context, jobs.perplexity);
  addEvaluate(program, context, jobs.evaluate);
  addGenerate(program, context, jobs.generate);
  addExplain(program, context, jobs.explain);
  addTokenize(program, context);
  addPretrain(program, context, jobs.pretrain);
  addTune(program, context, jobs.tune);
  addReport(program, context);
  addProgram(program, context, programs);
  addView(program, context, views.view);
  addConfig(program, context);
  addDoctor(program, context);
  addCompletion(program);
  return program;
}

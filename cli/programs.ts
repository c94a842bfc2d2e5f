/** What the `program` commands do; the engine is opened to know the device, and nothing runs on it. */
import {
  diffPrograms,
  formatProgramDiff,
  plan,
  printProgram,
  programDot,
  programJson,
} from "../engine/mod.ts";
import { type Context, reporterOf, writeJson } from "./context.ts";
import { answer } from "./jobs.ts";
import type { DiffProgramsRequest, ProgramSide, ShowProgramRequest } from "./program_command.ts";
import { withEngine } from "./with_engine.ts";

/** The Programs of a run, or its step whole. */
export async function show({ config, step, form }: ShowProgramRequest, context: Context): Promise<void> {
  const { listPrograms, stepProgram } = await import("../pipeline/program.ts");
  await withEngine(context, async (open) => {
    if (!step) {
      const programs = await listPrograms(open, config, reporterOf(context));
      const count = (value: number) => value.toLocaleString("en-US");
      const lines = programs.map(({ name, dispatches, bytes, flops, temporary_bytes }) =>
        `${name.padEnd(28)} ${count(dispatches).padStart(6)} dispatches ${
          count(bytes).padStart(16)
        } B moved ${count(flops).padStart(18)} flop ${count(temporary_bytes).padStart(14)} B of temporaries`
      );
      return answer(context, form === "json", programs, lines.join("\n"));
    }
    const program = await stepProgram(open, config, reporterOf(context)), planned = plan(program);
    context.progress.end();
    if (form === "text") return context.io.stdout(printProgram(program, planned));
    const json = programJson(program, planned);
    if (form === "json") writeJson(context, json);
    else context.io.stdout(programDot(json));
  });
}

/** Two Programs compared. */
export async function diff({ sides, json }: DiffProgramsRequest, context: Context): Promise<void> {
  const { readProgram, stepJson } = await import("../pipeline/program.ts");
  await withEngine(context, async (open) => {
    const read = (side: ProgramSide) =>
      "file" in side ? readProgram(side.file) : stepJson(open, side.config, reporterOf(context));
    const difference = diffPrograms(await read(sides[0]), await read(sides[1]));
    answer(context, json, difference, formatProgramDiff(difference));
  });
}

import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { addCharts } from "./charts.ts";
import { addCompare } from "./compare.ts";
import { BENCHMARKS } from "./benchmarks.ts";
import type { Benchmark, Given } from "./define.ts";
import { gpu } from "./gpu.ts";
import { fileName, positive, type Streams } from "./options.ts";
import { addPeers } from "./peers.ts";
import { withSession } from "./session.ts";

/** Hears the exit code of the command that ran. */
export type Finish = (code: number) => void;

const CODES = `
Exit codes: 0 right, 1 a result was wrong or the device failed, 2 usage, 3 no adapter`;

/** The command line of `bench`. */
export function createProgram(streams: Streams, finish: Finish) {
  const program = new Command("bench")
    .description("Measures kernels and training steps against what the adapter can do")
    .configureHelp({ helpWidth: 100 })
    .configureOutput({ writeOut: streams.stdout, writeErr: streams.stderr })
    .showHelpAfterError('(add "--help" for usage)')
    .exitOverride();
  for (const benchmark of BENCHMARKS) addBenchmark(program, [benchmark], benchmark, streams, finish);
  addBenchmark(
    program,
    BENCHMARKS,
    {
      name: "all",
      description: `${BENCHMARKS.map(({ name }) => name).join(", ")}; what bench does without a name`,
      examples: "./lapidary bench all --out mine",
    },
    streams,
    finish,
  );
  addBenchmark(program, [gpu], gpu, streams, finish);
  addPeers(program, finish);
  addCompare(program, streams, finish);
  addCharts(program, streams, finish);
  return program;
}

function addBenchmark(
  program: CommandUnknownOpts,
  benchmarks: readonly Benchmark[],
  { name, description, examples, flags: addFlags }: Omit<Benchmark, "run">,
  streams: Streams,
  finish: Finish,
): void {
  const command = measuring(program, name, description, examples);
  addFlags?.(command as unknown as Command);
  command.action(async (flags) => {
    finish(
      await withSession(flags, describe({ ...flags }), streams, async (session) => {
        for (const benchmark of benchmarks) await benchmark.run(session, flags);
      }),
    );
  });
}

/** Flags as rows name them, but for where the rows go. */
function describe({ out: _, ...flags }: Given): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(flags).map(([name, value]) => [
      name,
      typeof value === "number" || typeof value === "boolean" ? value : String(value),
    ]),
  );
}

/** A command with the flags of everything that measures. */
export function measuring(
  program: CommandUnknownOpts,
  name: string,
  description: string,
  examples: string,
) {
  return program.command(name)
    .description(description)
    .option("--out <name>", "append the rows to bench/results/NAME.jsonl", fileName)
    .addOption(
      new Option("--milliseconds <n>", "time to spend on each kernel").argParser(positive).default(300),
    )
    .option("--no-subgroups", "measure as if the adapter had no subgroups")
    .addHelpText("after", `\nExamples:\n  ${examples}\n${CODES}`);
}

/** `bench peers`: this engine beside other libraries; README.md says what and how. */
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { LapidaryError, openEngine, UsageError } from "../../engine/mod.ts";
import { LIMIT_OPTIONS, measureLimits } from "../limits.ts";
import { describeMachine } from "../machine.ts";
import type { Effort } from "../measure.ts";
import { appendResults, jsonLines } from "../results.ts";
import { type Contest, contestRows, formatContest, formatRatios } from "./contest.ts";
import { jaxPeer } from "./jax.ts";
import { benchKernel } from "./kernels.ts";
import { onnxNodePeer, onnxWebPeer } from "./onnx.ts";
import { ours } from "./ours.ts";
import { describe, PROBLEMS } from "./problem.ts";
import { tfjsPeer } from "./tfjs.ts";

/** Where output goes: results to `stdout`, everything else to `stderr`. */
export interface Streams {
  stdout(text: string): void;
  stderr(text: string): void;
}

/** Runs what the arguments name. @returns the exit code: 0, 1 failure or wrong results, 2 usage */
export async function runPeers(args: readonly string[], streams: Streams): Promise<number> {
  const program = new Command("bench peers")
    .description("Measures this engine beside other libraries, on the same numbers and in turns")
    .addArgument(
      new Argument("[what]", "what to compare").choices(["kernels", "all"] as const).default("all" as const),
    )
    .option("--only <text>", 'only what has this in its name, such as "matmul NN" or 512x640', "")
    .option("--out <name>", "append the rows to bench/results/NAME.jsonl", fileName)
    .addOption(
      new Option("--milliseconds <n>", "least time to spend on each library").argParser(positive).default(
        300,
      ),
    )
    .configureOutput({ writeOut: streams.stdout, writeErr: streams.stderr })
    .exitOverride();
  try {
    program.parse([...args], { from: "user" });
    return await compare(program.opts(), streams);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof LapidaryError)) throw error;
    streams.stderr(`error: ${error.message}\n`);
    return error.exitCode;
  }
}

interface Options {
  readonly only: string;
  readonly out?: string | undefined;
  readonly milliseconds: number;
}

async function compare({ only, out, milliseconds }: Options, { stdout }: Streams): Promise<number> {
  const chosen = PROBLEMS.filter((problem) => title(describe(problem)).includes(only));
  if (chosen.length === 0) {
    throw new UsageError(
      `Cannot compare "${only}" as nothing has that in its name; the names are ${
        PROBLEMS.map((problem) => title(describe(problem))).join(", ")
      }`,
    );
  }
  const engine = await openEngine(), effort: Effort = { milliseconds, minimum: 3 };
  try {
    const machine = await describeMachine(engine, { milliseconds }), contests: Contest[] = [];
    stdout(`${machine.device} (${machine.driver}), ${machine.processor}\n`);
    const { limits } = await measureLimits(engine, LIMIT_OPTIONS);
    const peers = [
      ours(engine),
      await jaxPeer(),
      await tfjsPeer(),
      await onnxWebPeer(),
      await onnxNodePeer(),
    ];
    for (const problem of chosen) {
      const contest = await benchKernel(engine, peers, problem, effort);
      stdout(`\n${formatContest(contest)}`);
      contests.push(contest);
    }
    stdout(`\n${formatRatios(contests)}`);
    const rows = contests.flatMap(contestRows);
    if (out) await appendResults(out, jsonLines(rows, limits, machine));
    return rows.some(({ wrong }) => wrong !== undefined) ? 1 : 0;
  } finally {
    engine.close();
  }
}

const title = ({ name, shape }: { name: string; shape: string }): string => `${name} ${shape}`;

function fileName(text: string): string {
  if (/^\w[\w.-]*$/.test(text)) return text;
  throw new InvalidArgumentError("It must be of letters, digits, dots, dashes and underscores.");
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It must be a number above 0.");
}

if (import.meta.main) {
  const write = (stream: { writeSync(bytes: Uint8Array): number }) => (text: string) => {
    const bytes = new TextEncoder().encode(text);
    for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
  };
  const streams = { stdout: write(Deno.stdout), stderr: write(Deno.stderr) };
  // Some libraries keep the event loop alive.
  Deno.exit(await runPeers(Deno.args, streams));
}

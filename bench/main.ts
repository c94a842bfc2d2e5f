/** `deno task bench`: kernels and training steps against what the adapter can do. */
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { LapidaryError, openEngine, REGISTRY } from "../engine/mod.ts";
import { isFile, readText, writeFileAtomic } from "../model/files/mod.ts";
import { LOSS_REGISTRY } from "../train/losses/mod.ts";
import { pebbleConfig } from "../train/pretrain.ts";
import { LIMIT_OPTIONS, measureLimits } from "./limits.ts";
import { describeMachine } from "./machine.ts";
import { benchMatmul, MATMUL_SIZES } from "./matmul.ts";
import { benchOps } from "./ops.ts";
import { formatTable, jsonLines, type Row } from "./report.ts";
import { SHAPES } from "./shapes.ts";
import { benchStep } from "./step.ts";

const BENCHMARKS = ["ops", "matmul", "step"] as const;
const SOFTWARE =
  "Software Vulkan: ratios between kernels hold on this adapter alone, speeds say nothing of a GPU\n";

/** Blocks that the Pebble preset's student lacks; which ones does not change the speed. */
const DROPPED = [10, 11, 12, 13];

/** Where output goes: results to `stdout`, everything else to `stderr`. */
export interface Streams {
  stdout(text: string): void;
  stderr(text: string): void;
}

/** Runs the benchmarks that the arguments name. @returns the exit code: 0, 1 failure or wrong results, 2 usage */
export async function runBench(args: readonly string[], streams: Streams): Promise<number> {
  const program = new Command("bench")
    .description("Measures kernels and training steps against what the adapter can do")
    .addArgument(
      new Argument("[benchmark]", "what to measure").choices([...BENCHMARKS, "all"] as const).default(
        "all" as const,
      ),
    )
    .option("--out <name>", "append the rows to bench/results/NAME.jsonl", fileName)
    .addOption(
      new Option("--milliseconds <n>", "time to spend on each kernel").argParser(positive).default(300),
    )
    .option("--no-subgroups", "measure as if the adapter had no subgroups")
    .configureOutput({ writeOut: streams.stdout, writeErr: streams.stderr })
    .exitOverride();
  try {
    program.parse([...args], { from: "user" });
    const [benchmark] = program.processedArgs;
    return await bench(benchmark, program.opts(), streams);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof LapidaryError)) throw error;
    streams.stderr(`error: ${error.message}\n`);
    return error.exitCode;
  }
}

interface Options {
  readonly out?: string | undefined;
  readonly milliseconds: number;
  readonly subgroups: boolean;
}

async function bench(
  benchmark: typeof BENCHMARKS[number] | "all",
  { out, milliseconds, subgroups }: Options,
  { stdout, stderr }: Streams,
): Promise<number> {
  const engine = await openEngine({ subgroups }), effort = { milliseconds, minimum: 3 };
  try {
    const machine = await describeMachine(engine, { milliseconds });
    stdout(
      `${machine.device} (${machine.driver}), ${machine.processor}, commit ${machine.commit ?? "unknown"}\n`,
    );
    if (machine.software) stderr(SOFTWARE);
    const { limits, rows } = await measureLimits(engine, LIMIT_OPTIONS);
    stdout(`\n${formatTable(rows, limits)}`);
    const benchmarks: Record<typeof BENCHMARKS[number], () => Promise<Row[]>> = {
      ops: () => benchOps(engine, [...REGISTRY, ...LOSS_REGISTRY], SHAPES, effort),
      matmul: () => benchMatmul(engine, MATMUL_SIZES, effort),
      step: () =>
        benchStep(engine, { config: pebbleConfig(1024), drop: DROPPED, B: 16, T: 128 }, {
          milliseconds: 10 * milliseconds,
          minimum: 5,
        }),
    };
    for (const name of benchmark === "all" ? BENCHMARKS : [benchmark]) {
      const measured = await benchmarks[name]();
      stdout(`\n${formatTable(measured, limits)}`);
      rows.push(...measured);
    }
    if (out) await append(out, jsonLines(rows, limits, machine));
    return rows.some(({ wrong }) => wrong !== undefined) ? 1 : 0;
  } finally {
    engine.close();
  }
}

/** Adds lines to a file of results, which is whole at any time. */
async function append(name: string, lines: string): Promise<void> {
  await Deno.mkdir(new URL("results", import.meta.url), { recursive: true });
  const path = `${import.meta.dirname}/results/${name}.jsonl`;
  await writeFileAtomic(path, (await isFile(path) ? await readText(path) : "") + lines);
}

function fileName(text: string): string {
  if (!/^\w[\w.-]*$/.test(text)) {
    throw new InvalidArgumentError("It must be of letters, digits, dots, dashes and underscores.");
  }
  return text;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}

if (import.meta.main) {
  const write = (stream: { writeSync(bytes: Uint8Array): number }) => (text: string) => {
    const bytes = new TextEncoder().encode(text);
    for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
  };
  Deno.exit(await runBench(Deno.args, { stdout: write(Deno.stdout), stderr: write(Deno.stderr) }));
}

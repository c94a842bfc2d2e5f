/** `bench peers`: this engine beside other libraries; README.md says what and how. */
import { Argument, Command, CommanderError, Option } from "@commander-js/extra-typings";
import { LapidaryError, UsageError } from "../../engine/mod.ts";
import { count, fileName, OK, positive, type Streams, USAGE } from "../commands/options.ts";
import { type Session, withSession } from "../commands/session.ts";
import { type Contest, contestRows, formatContest, formatRatios } from "./contest.ts";
import { benchKernel } from "./kernels/bench.ts";
import { jaxPeer } from "./kernels/jax.ts";
import { onnxNodePeer, onnxWebPeer } from "./kernels/onnx.ts";
import { ours } from "./kernels/ours.ts";
import { describe, PROBLEMS } from "./kernels/problem.ts";
import { tfjsPeer } from "./kernels/tfjs.ts";
import { benchTraining } from "./training/bench.ts";
import { trainJax } from "./training/jax.ts";
import { trainOurs } from "./training/ours.ts";
import { trainPyTorch } from "./training/pytorch.ts";
import { describeTask, pebbleTasks, realTask, type TrainingTask } from "./training/task.ts";

const PARTS = ["kernels", "training", "real", "all"] as const;

/** Runs what the arguments name. @returns the exit code: 0, 1 failure or wrong results, 2 usage */
export async function runPeers(args: readonly string[], streams: Streams): Promise<number> {
  const program = new Command("bench peers")
    .description("Measures this engine beside other libraries, on the same numbers and in turns")
    .configureHelp({ helpWidth: 100 })
    .addArgument(
      new Argument("[part]", "what to compare").choices(PARTS).default("all" as const),
    )
    .option("--only <text>", 'only what has this in its name, such as "matmul NN" or 512x640', "")
    .option("--out <name>", "append the rows to bench/results/NAME.jsonl", fileName)
    .addOption(
      new Option("--milliseconds <n>", "time to spend on each kernel of each library").argParser(positive)
        .default(300),
    )
    .addOption(
      new Option("--steps <n>", "training steps that are timed").argParser(count).default(3),
    )
    .option(
      "--pytorch <python>",
      "let PyTorch train too, by this interpreter that has torch and transformers",
    )
    .configureOutput({ writeOut: streams.stdout, writeErr: streams.stderr })
    .showHelpAfterError('(add "--help" for usage)')
    .exitOverride();
  try {
    program.parse([...args], { from: "user" });
    const [part] = program.processedArgs, { only, steps, ...flags } = program.opts();
    const chosen = choose(part, only);
    return await withSession(
      { ...flags, subgroups: true },
      { milliseconds: flags.milliseconds, steps },
      streams,
      (session) => compare(session, chosen, flags.pytorch, steps),
    );
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? OK : USAGE;
    if (!(error instanceof LapidaryError)) throw error;
    streams.stderr(`error: ${error.message}\n`);
    return error.exitCode;
  }
}

/** What of a part has a text in its name; all is without the real model, which takes many minutes. */
function choose(part: typeof PARTS[number], only: string) {
  const title = ({ name, shape }: { name: string; shape: string }) => `${name} ${shape}`;
  const named = [
    ...part === "kernels" || part === "all"
      ? PROBLEMS.map((problem) => ({ problem, title: title(describe(problem)) }))
      : [],
    ...[...part === "training" || part === "all" ? pebbleTasks() : [], ...part === "real" ? [realTask()] : []]
      .map((task) => ({ task, title: `${task.name} ${describeTask(task)}` })),
  ];
  const found = named.filter((each) => each.title.includes(only));
  if (found.length === 0) {
    throw new UsageError(
      `Cannot compare "${only}" as nothing has that in its name; the names are ${
        named.map((each) => each.title).join("; ")
      }`,
    );
  }
  return {
    problems: found.flatMap((each) => "problem" in each ? [each.problem] : []),
    tasks: found.flatMap((each) => "task" in each ? [each.task] : []),
  };
}

async function compare(
  { engine, effort, add, streams }: Session,
  { problems, tasks }: ReturnType<typeof choose>,
  python: string | undefined,
  steps: number,
): Promise<void> {
  const contests: Contest[] = [];
  const take = (contest: Contest) => {
    contests.push(contest);
    add(contestRows(contest), formatContest(contest));
  };
  if (problems.length > 0) {
    const peers = [ours(engine)];
    for (const load of [jaxPeer, tfjsPeer, onnxWebPeer, onnxNodePeer]) {
      try {
        peers.push(await load());
      } catch (error) {
        streams.stderr(`${load.name} takes no part: ${String(error)}\n`);
      }
    }
    for (const problem of problems) take(await benchKernel(engine, peers, problem, effort));
  }
  for (const task of tasks) take(await train(task, python, steps));
  streams.stdout(`\n${formatRatios(contests)}`);
}

/** A large model is nothing for jax-js, whose logits would exceed what a binding covers. */
async function train(task: TrainingTask, python: string | undefined, steps: number): Promise<Contest> {
  const { large = false } = task;
  const open = [
    () => trainOurs(task),
    ...(large ? [] : [() => trainJax(task)]),
    ...(python === undefined ? [] : [() => trainPyTorch(task, python)]),
  ];
  return await benchTraining(task, open, { warmUp: large ? 1 : 2, steps, inTurns: !large });
}

if (import.meta.main) {
  const write = (stream: { writeSync(bytes: Uint8Array): number }) => (text: string) => {
    const bytes = new TextEncoder().encode(text);
    for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
  };
  // Some libraries keep the event loop alive.
  Deno.exit(await runPeers(Deno.args, { stdout: write(Deno.stdout), stderr: write(Deno.stderr) }));
}

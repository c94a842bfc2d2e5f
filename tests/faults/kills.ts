/**
 * A run that is killed at random moments and gone on with until it ends, again and again: every such chain must end as a run
 * in a single piece.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { createRandom } from "../../engine/mod.ts";
import { lapidaryProcess, outputOf } from "../support/process.ts";
import { outcomeOf, smallArguments } from "../support/small_run.ts";
import { inTemporaryDirectory, namesIn } from "../support/temporary.ts";

/** What came of many kills. */
export interface Kills {
  /** Processes that SIGKILL ended. */
  readonly killed: number;
  /** Runs that were gone on with to the end, all equal to the one in a single piece. */
  readonly runs: number;
  /** The stage that the process was at, and how often. */
  readonly at: ReadonlyMap<string, number>;
}

/** Seconds of a process before it can have written anything, at most. */
const STARTING = 0.3;

/** Kills at least `count` processes. @param tell hears of every run that ended */
export function killMany(
  count: number,
  seed: number,
  tell: (text: string) => void = () => {},
): Promise<Kills> {
  return inTemporaryDirectory(async (directory) => {
    const random = createRandom(seed), args = await smallArguments(directory), at = new Map<string, number>();
    const command = (run: string, ...more: string[]) => lapidaryProcess([...args, "--run", run, ...more]);
    const whole = join(directory, "whole"), started = performance.now();
    const { code, err } = await outputOf(await command(whole));
    assert.equal(code, 0, err);
    const seconds = (performance.now() - started) / 1000, expected = await outcomeOf(whole);
    tell(`in a single piece: ${seconds.toFixed(1)} s`);
    let killed = 0, runs = 0;
    while (killed < count) {
      const run = join(directory, `run-${runs}`);
      let kills = 0;
      for (;;) {
        const wait = STARTING + random.uniform() ** 2 * (seconds - STARTING); // the first stages are the shortest
        if (!await killedAfter(wait, await command(run, "--resume"))) break;
        const stage = await stageOf(run);
        at.set(stage, (at.get(stage) ?? 0) + 1);
        kills++;
      }
      assert.deepEqual(await outcomeOf(run), expected, `seed ${seed}, run ${runs}`);
      await Deno.remove(run, { recursive: true });
      [killed, runs] = [killed + kills, runs + 1];
      tell(`run ${runs}: the same after ${kills} kills; ${killed} in all`);
    }
    return { killed, runs, at };
  });
}

/** Kills a process after some seconds; whether it was still at work. What ends by itself must have ended well. */
async function killedAfter(seconds: number, command: Deno.Command): Promise<boolean> {
  const process = command.spawn();
  let err = "";
  const timer = setTimeout(() => {
    try {
      process.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended by itself in this moment
    }
  }, 1000 * seconds);
  const out = new Response(process.stdout).text();
  for await (const text of process.stderr.pipeThrough(new TextDecoderStream())) err += text;
  const { code, signal } = await process.status;
  clearTimeout(timer);
  await out;
  if (signal !== "SIGKILL") assert.equal(code, 0, err);
  return signal === "SIGKILL";
}

const MODELS = ["teacher", "pruned", "student", "control"];
/** Files that stages leave, in their order. */
const STAGES = [
  "importance",
  ...MODELS.flatMap((model) => [
    ...{ student: ["train"], control: ["train-control"] }[model] ?? [],
    ...[`evaluate-${model}`, `tasks-of-${model}`],
    ...["student", "control"].includes(model) ? [`write-${model}`] : [],
  ]),
  ...["results", "card", "report"],
];

/** The stage that a killed run was at: the first whose output does not stand. */
async function stageOf(run: string): Promise<string> {
  const done = await namesIn(join(run, "stages")).catch((): string[] => []);
  return STAGES.find((stage) => !done.includes(`${stage}.json`)) ?? "the end";
}

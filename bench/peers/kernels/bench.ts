/** The same computation by every library, in turns, in one process, on one adapter. */
import { type Engine, LapidaryError } from "../../../engine/mod.ts";
import { type Effort, measure, type Sample, statistics } from "../../measure.ts";
import type { Contest, Entry } from "../contest.ts";
import { countDispatches } from "../dispatches.ts";
import type { Peer, Ready } from "./peer.ts";
import { check, costOf, describe, type Inputs, inputsOf, type Problem } from "./problem.ts";

/** A sample computes as often as fills these milliseconds, so that the wait at its end does not count... */
const SAMPLE_MILLISECONDS = 100;
/** ...and at most so often, as the results of all stand in memory at once. */
const MOST_RUNS = 8;
const WAITS = 9;

/** Measures one problem with all peers; those that fail or are wrong are told and get no time. */
export async function benchKernel(
  engine: Engine,
  peers: readonly Peer[],
  problem: Problem,
  effort: Effort,
): Promise<Contest> {
  const inputs = inputsOf(problem), wait = await emptyWait(engine), runners: Runner[] = [];
  for (const peer of peers) {
    runners.push(await prepare(peer, problem, inputs, peer.kind === "cpu" ? 0 : wait));
  }
  const sound = runners.filter(({ wrong }) => wrong === undefined);
  const measured = await measure(sound.map(({ sample }) => sample), effort);
  const entries: Entry[] = [];
  for (const runner of runners) {
    const { peer: { title, kind }, facts, ready } = runner;
    // What was timed is what is checked: a library that lost its work on the way is told here.
    const wrong = runner.wrong ?? runner.failure() ?? check(problem, inputs, await ready!.result());
    const time = wrong === undefined ? measured[sound.indexOf(runner)]![0]! : undefined;
    entries.push({ title, kind, time, facts, ...(wrong === undefined ? {} : { wrong }) });
    ready?.release();
  }
  return { ...describe(problem), ...costOf(problem), entries };
}

interface Runner {
  readonly peer: Peer;
  readonly ready?: Ready;
  readonly sample: Sample;
  readonly facts: Readonly<Record<string, number>>;
  readonly wrong?: string;
  /** What happened to it while it was timed. */
  readonly failure: () => string | undefined;
}

/** Compiles, counts dispatches, checks, and finds out how often a sample has to compute. */
async function prepare(peer: Peer, problem: Problem, inputs: Inputs, wait: number): Promise<Runner> {
  const started = performance.now();
  let ready: Ready;
  try {
    ready = await peer.prepare(problem, inputs);
    const dispatches = await countDispatches(() => ready.run(1));
    const facts = { dispatches, "first run ms": performance.now() - started };
    const wrong = peer.kind !== "cpu" && dispatches === 0
      ? "it dispatched nothing on the adapter"
      : check(problem, inputs, await ready.result());
    const timed = async (times: number) => {
      const begin = performance.now();
      await ready.run(times);
      return (performance.now() - begin - wait) / times;
    };
    const once = Math.max(0.1, await timed(1));
    const runs = Math.min(MOST_RUNS, Math.ceil(SAMPLE_MILLISECONDS / once));
    let failure: string | undefined;
    const sample = async () => {
      try {
        return [await timed(runs)];
      } catch (error) {
        failure ??= failed(error);
        return [0];
      }
    };
    return { peer, ready, sample, facts, ...(wrong === undefined ? {} : { wrong }), failure: () => failure };
  } catch (error) {
    const wrong = failed(error);
    return { peer, sample: () => Promise.resolve([]), facts: {}, wrong, failure: () => wrong };
  }
}

/** What is told of a peer that failed; this engine's own trouble is thrown, as it ends the run. */
function failed(error: unknown): string {
  if (error instanceof LapidaryError) throw error;
  return `it failed: ${String(error)}`;
}

/** Milliseconds from an empty submission to its end: Deno sleeps 10 ms there, in every library alike. */
async function emptyWait({ device: { gpu: { queue } } }: Engine): Promise<number> {
  const times: number[] = [];
  while (times.length < WAITS) {
    const started = performance.now();
    queue.submit([]);
    await queue.onSubmittedWorkDone();
    times.push(performance.now() - started);
  }
  return statistics(times).p50;
}

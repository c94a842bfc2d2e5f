import { type Result, thingOf } from "../results.ts";
import { type Interval, ratioOfMedians, type Run } from "./interval.ts";

/** One thing that both files measured. */
export interface Compared {
  readonly benchmark: string;
  readonly name: string;
  readonly shape: string;
  /** Milliseconds of B to those of A: above 1 is slower. */
  readonly time: Interval;
  /** Runs of A and of B. */
  readonly runs: readonly [number, number];
  /** `slower` or `faster` where the whole interval says so by more than the threshold. */
  readonly verdict: "slower" | "faster" | "same";
}

/** What there is to say of two files of results. */
export interface Comparison {
  readonly rows: readonly Compared[];
  /** Numbers beside the times (memory, dispatches) that changed by more than {@link CHANGE}, in the latest run of each. */
  readonly facts: readonly { readonly what: string; readonly a: number; readonly b: number }[];
  /** Results that were right in A and are wrong in B, with what is wrong. */
  readonly broken: readonly string[];
  /** Names of what only one of them measured. */
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
  /** Why the ratios may say nothing of the code: differences of machine, options and limits. */
  readonly warnings: readonly string[];
}

/** Limits that differ by more than this share mean that the machine moved. */
const DRIFT = 0.1;
const CHANGE = 0.01;

/**
 * Compares results of two versions, thing by thing; by which kernel a thing is done does not matter, so that a new
 * kernel is compared with the old.
 *
 * @param threshold share by which an interval must lie off 1 for a verdict
 */
export function compareResults(a: readonly Result[], b: readonly Result[], threshold: number): Comparison {
  const first = byThing(a), second = byThing(b);
  const rows = [...first].flatMap(([key, resultsA]): Compared[] => {
    const runsA = runsOf(resultsA), runsB = runsOf(second.get(key) ?? []);
    if (runsA.length === 0 || runsB.length === 0) return [];
    const { benchmark, name, shape } = resultsA[0]!, time = ratioOfMedians(runsA, runsB);
    const verdict = time.low > 1 + threshold ? "slower" : time.high < 1 / (1 + threshold) ? "faster" : "same";
    return [{ benchmark, name, shape, time, runs: [runsA.length, runsB.length], verdict }];
  });
  const missing = (from: typeof first, other: typeof first) =>
    [...from.keys()].filter((key) => !other.has(key));
  return {
    rows,
    facts: [...first].flatMap(([key, results]) => changedFacts(key, results, second.get(key) ?? [])),
    broken: [...second].flatMap(([key, results]) => {
      const wrong = results.find((result) => result.wrong !== undefined)?.wrong;
      const wasRight = first.get(key)?.every((result) => result.wrong === undefined) ?? true;
      return wrong !== undefined && wasRight ? [`${key}: ${wrong}`] : [];
    }),
    onlyA: missing(first, second),
    onlyB: missing(second, first),
    warnings: warningsOf(a, b),
  };
}

/** Results by what they are of; the limits are no subject of comparison but its ground. */
function byThing(results: readonly Result[]): Map<string, Result[]> {
  return Map.groupBy(results.filter(({ benchmark }) => benchmark !== "limits"), thingOf);
}

/** What each run measured of a thing; a run has one date. A run with a wrong result does not count. */
function runsOf(results: readonly Result[]): Run[][] {
  return [...Map.groupBy(results, ({ date }) => date).values()].flatMap((parts) => {
    const runs = parts.map(({ time }): Run | undefined =>
      time && { n: time.n, samples: time.samples.length > 0 ? time.samples : [time.p50] }
    );
    return runs.every((run) => run !== undefined) ? [runs] : [];
  });
}

function changedFacts(key: string, a: readonly Result[], b: readonly Result[]): Comparison["facts"] {
  const latest = (results: readonly Result[]) => results.at(-1)?.facts ?? {}, inB = latest(b);
  return Object.entries(latest(a)).flatMap(([fact, value]) => {
    const other = inB[fact];
    const changed = other !== undefined && Math.abs(other - value) > CHANGE * Math.abs(value);
    return changed ? [{ what: `${key}: ${fact}`, a: value, b: other }] : [];
  });
}

function warningsOf(a: readonly Result[], b: readonly Result[]): string[] {
  const differing = (what: string, of: (result: Result) => string) => {
    const [inA, inB] = [a, b].map((results) => [...new Set(results.map(of))].sort().join("; "));
    return inA === inB ? [] : [`${what} differ: ${inA} in A, ${inB} in B`];
  };
  const moved = (what: string, of: (result: Result) => number) => {
    const [inA, inB] = [a, b].map((results) =>
      results.map(of).sort((x, y) => x - y)[Math.floor(results.length / 2)]!
    ) as [number, number];
    const ratio = inB / inA;
    return Math.abs(Math.log(ratio)) <= Math.log(1 + DRIFT)
      ? []
      : [`the ${what} went from ${inA.toFixed(1)} to ${inB.toFixed(1)}: the machine moved, not the code`];
  };
  const runs = (results: readonly Result[]) => new Set(results.map(({ date }) => date)).size;
  return [
    ...differing("devices", ({ device }) => device),
    ...differing("drivers", ({ driver }) => driver),
    ...differing("processors", ({ processor }) => processor),
    ...differing("options", ({ options }) => JSON.stringify(options)),
    ...moved("rate of multiply-adds (GFLOP/s)", ({ limits }) => limits.gflops),
    ...moved("rate of copies (GB/s)", ({ limits }) => limits.gigabytes),
    ...(Math.min(runs(a), runs(b)) < 3
      ? [
        `${runs(a)} run(s) of A and ${
          runs(b)
        } of B: intervals know little of the drift between runs; take three of each in turns`,
      ]
      : []),
  ];
}

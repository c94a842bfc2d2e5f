/** Who was how fast at the same thing: rows for the file of results, and the tables that show ratios. */
import type { Statistics } from "../measure.ts";
import { type Row, significant, table } from "../report.ts";

/** A library that takes part. */
export interface Contestant {
  /** With its version. */
  readonly title: string;
  /** This engine, another library on the same adapter, or one on the processor itself: the limit of a software adapter. */
  readonly kind: "ours" | "webgpu" | "cpu";
}

/** What one library showed. */
export interface Entry extends Contestant {
  /** Undefined where the result was wrong. */
  readonly time: Statistics | undefined;
  readonly wrong?: string;
  /** More numbers, by name with unit. */
  readonly facts?: Readonly<Record<string, number>>;
}

/** One thing that several libraries did in turns, on the same numbers. */
export interface Contest {
  readonly name: string;
  readonly shape: string;
  readonly flops: number;
  readonly bytes: number;
  readonly entries: readonly Entry[];
}

const quickest = (entries: readonly Entry[], kind: Entry["kind"]): Entry | undefined =>
  entries.filter((entry) => entry.kind === kind && entry.time)
    .reduce<Entry | undefined>(
      (best, entry) => best && best.time!.p50 <= entry.time!.p50 ? best : entry,
      undefined,
    );

/** How many times as fast as another an entry is, by medians. */
const speedup = (entry: Entry | undefined, other: Entry | undefined): number | undefined =>
  entry?.time && other?.time && other.time.p50 / entry.time.p50;

/** A row for each entry, with its speed relative to the best library that computes on the adapter. */
export function contestRows({ name, shape, flops, bytes, entries }: Contest): Row[] {
  const best = quickest(entries, "webgpu");
  return entries.map((entry) => {
    const { title, time, wrong, facts } = entry, ratio = speedup(entry, best);
    return {
      benchmark: "peers",
      name,
      shape,
      kernel: title,
      time,
      flops,
      bytes,
      checked: true,
      ...(wrong === undefined ? {} : { wrong }),
      facts: { ...facts, ...(ratio === undefined ? {} : { "x best WebGPU peer": ratio }) },
    };
  });
}

const ENTRY_COLUMNS = ["library", "p50 ms", "mad", "n", "GFLOP/s", "GB/s", "x best peer", "ok"];

/** One contest, an entry a line; facts and wrong results stand below. */
export function formatContest(contest: Contest): string {
  const { name, shape, entries } = contest, best = quickest(entries, "webgpu");
  const lines = table([ENTRY_COLUMNS, ...entries.map((entry) => entryCells(contest, entry, best))], [0]);
  const below = entries.flatMap(({ title, wrong, facts = {} }) => [
    ...(wrong === undefined ? [] : [`${title} is wrong: ${wrong}`]),
    ...(Object.keys(facts).length === 0 ? [] : [`${title}: ${formatFacts(facts)}`]),
  ]);
  return [`${name} ${shape}`, ...lines, ...below, ""].join("\n");
}

const formatFacts = (facts: Readonly<Record<string, number>>): string =>
  Object.entries(facts).map(([fact, value]) => `${fact} ${significant(value)}`).join(", ");

function entryCells({ flops, bytes }: Contest, entry: Entry, best: Entry | undefined): string[] {
  const { title, time, wrong } = entry, ok = wrong === undefined ? "yes" : "WRONG";
  if (!time) return [title, "", "", "", "", "", "", ok];
  const rate = (amount: number) => amount === 0 ? "" : significant(amount / time.p50 / 1e6);
  return [
    title,
    significant(time.p50),
    significant(time.mad),
    String(time.n),
    rate(flops),
    flops === 0 ? rate(bytes) : "",
    times(speedup(entry, best)),
    ok,
  ];
}

const times = (ratio: number | undefined): string => ratio === undefined ? "" : `${significant(ratio)}x`;

const RATIO_COLUMNS = [
  "",
  "shape",
  "this engine ms",
  "best WebGPU peer",
  "ms",
  "x peer",
  "CPU library",
  "ms",
  "x CPU",
];

/** All contests, one a line: this engine against the best library on the adapter and the best on the processor. */
export function formatRatios(contests: readonly Contest[]): string {
  const milliseconds = (entry: Entry | undefined) => entry?.time ? significant(entry.time.p50) : "";
  const lines = contests.map(({ name, shape, entries }) => {
    const own = quickest(entries, "ours"), peer = quickest(entries, "webgpu"), cpu = quickest(entries, "cpu");
    return [
      name,
      shape,
      milliseconds(own),
      peer?.title ?? "",
      milliseconds(peer),
      times(speedup(own, peer)),
      cpu?.title ?? "",
      milliseconds(cpu),
      times(speedup(own, cpu)),
    ];
  });
  return [...table([RATIO_COLUMNS, ...lines], [0, 1, 3, 6]), ""].join("\n");
}

import { beforeFusion, type Engine } from "../../engine/mod.ts";
import { type DispatchGroup, type Effort, groupDispatches, measure, sampleGroups } from "../measure.ts";
import type { Limits, Row } from "../report.ts";
import { type Training } from "./open.ts";

/** What rows are called. */
export interface Naming {
  readonly benchmark: Row["benchmark"];
  readonly shape: string;
}

/** A measured training: the whole step by the clock, all its dispatches by the device's clock, the longest groups. */
export interface MeasuredTraining {
  readonly step: Row;
  readonly dispatches: Row;
  readonly longest: readonly Row[];
}

/** Groups of dispatches that get a row of their own. */
const TOP = 10;
/** A product that does less of a step's work than this says nothing of what products reach. */
const LARGE = 0.02;

type Time = NonNullable<Row["time"]>;

/**
 * Measures whole steps: feeding, running and reading the losses back, as training does it. What it runs learns the same
 * tokens again and again, so the loss must fall.
 *
 * @param effort of whole steps
 * @param timedSteps steps that run once more under timestamp queries, at least
 */
export async function measureTraining(
  engine: Engine,
  training: Training,
  limits: Limits,
  effort: Effort,
  timedSteps: number,
  { benchmark, shape }: Naming,
): Promise<MeasuredTraining> {
  const { step: { program }, prepared, milliseconds } = training, { dispatches } = program;
  const [first] = await training.timed(), before = (await training.losses())[0]!;
  const groups = groupDispatches(dispatches), sample = sampleGroups(engine, prepared, groups);
  const [[wall, host, wait]] = await measure([training.timed], effort) as [[Time, Time, Time]];
  const after = (await training.losses())[0]!;
  const [[device, ...kernels]] = await measure([async () => {
    const times = Array.from(await sample());
    return [times.reduce((sum, time) => sum + time, 0), ...times];
  }], { ...effort, minimum: timedSteps }) as [[Time, ...Time[]]];
  const wrong = after < before ? undefined : `the cross-entropy went from ${before} to ${after}`;
  const total = (of: "flops" | "bytes") => dispatches.reduce((sum, dispatch) => sum + dispatch[of], 0);
  const whole = { benchmark, shape, flops: total("flops"), bytes: total("bytes") };
  const apart = beforeFusion(program);
  const facts = {
    dispatches: dispatches.length,
    "dispatches before fusion": apart.dispatches,
    "MB moved": whole.bytes / 1e6,
    "MB moved before fusion": apart.bytes / 1e6,
    "host us a dispatch": host.p50 * 1000 / dispatches.length,
    "recording ms": milliseconds.recording,
    "preparing ms": milliseconds.preparing,
    "first step ms": first,
    "of kernels and a wait": wall.p50 / (device.p50 + wait.p50),
    "roofline share": roofline(groups, limits) / device.p50,
    "share of the best product's rate": whole.flops / device.p50 / bestProduct(groups, kernels, whole.flops),
    "cross-entropy of the first step": before,
    "cross-entropy of the last step": after,
  };
  return {
    step: {
      ...whole,
      name: "step",
      kernel: "",
      time: wrong === undefined ? wall : undefined,
      checked: true,
      facts,
      ...(wrong === undefined ? {} : { wrong }),
    },
    dispatches: {
      ...whole,
      name: "dispatches",
      kernel: `${groups.length} different`,
      time: device,
      checked: false,
    },
    longest: longest(groups, kernels, benchmark),
  };
}

/** Milliseconds that a device at its limits would need: each dispatch as long as its operations or its bytes ask. */
function roofline(groups: readonly DispatchGroup[], { gflops, gigabytes }: Limits): number {
  return groups.reduce((sum, { flops, bytes }) => sum + Math.max(flops / gflops, bytes / gigabytes) / 1e6, 0);
}

/** Operations a millisecond of the fastest large product of the step. */
function bestProduct(groups: readonly DispatchGroup[], times: readonly Time[], flops: number): number {
  return Math.max(
    ...groups.map((group, i) => group.flops >= LARGE * flops ? group.flops / times[i]!.p50 : 0),
  );
}

/** The groups of dispatches that take longest. */
function longest(
  groups: readonly DispatchGroup[],
  times: readonly Time[],
  benchmark: Row["benchmark"],
): Row[] {
  const byTime = groups.map((group, i) => ({ group, time: times[i]! }))
    .sort((a, b) => b.time.p50 - a.time.p50);
  return byTime.slice(0, TOP).map(({ group: { op, kernel, shapes, flops, bytes, indices }, time }) => ({
    benchmark,
    name: `${indices.length} x ${op}`,
    shape: shapes,
    kernel,
    time,
    flops,
    bytes,
    checked: false,
  }));
}

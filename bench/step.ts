import { createRandom, type Engine, type Prepared } from "../engine/mod.ts";
import { type Gemma3Config, pruneConfig } from "../model/config/mod.ts";
import { type Gemma3, loadGemma3, releaseGemma3, slotsOf, uploadPlaces } from "../model/gemma3/mod.ts";
import { PARTS } from "../train/losses/mod.ts";
import { scheduleValues } from "../train/optim/mod.ts";
import { growthInitialisation, PRETRAIN } from "../train/pretrain.ts";
import { declareState, recordStep, type Step } from "../train/step.ts";
import {
  type DispatchGroup,
  type Effort,
  groupDispatches,
  measure,
  type Sample,
  sampleGroups,
} from "./measure.ts";
import type { Row } from "./report.ts";

/** What one step of healing is measured on; weights and tokens are random. */
export interface StepOptions {
  /** The teacher; the student is it without the blocks `drop`. */
  readonly config: Gemma3Config;
  readonly drop: readonly number[];
  /** Rows and tokens of the one micro-batch. */
  readonly B: number;
  readonly T: number;
}

/** Groups of dispatches that get a row of their own. */
const TOP = 10;
/** Steps that are submitted without a wait to see that they create nothing. */
const SUBMITTED = 3;
const RATE = 1e-3;
const LOSS = { kind: "forward_kl", alpha: 0.5, beta: 0.5, temperature: 2, skew: 0 } as const;
const OPTIMIZER = {
  betas: [0.9, 0.999],
  eps: 1e-8,
  clip: 1,
  weightDecay: { matrices: 0.01, norms: 0.01 },
} as const;

/**
 * One optimizer step of distillation: feeding, running and reading the losses back, as training does it. Rows: the whole
 * step by the clock, all its dispatches by the device's clock, and the groups of dispatches that take longest.
 */
export async function benchStep(engine: Engine, options: StepOptions, effort: Effort): Promise<Row[]> {
  const { config, drop, B, T } = options, started = performance.now();
  const teacher = await randomModel(engine, config, "teacher", T, 1);
  const student = await randomModel(engine, pruneConfig(config, drop), "student", T, 2);
  const state = declareState(student), batches = [{ B, T }];
  const step = recordStep(engine.target, {
    student,
    teacher,
    state,
    loss: LOSS,
    optimizer: OPTIMIZER,
    batches,
  });
  const recorded = performance.now(),
    prepared = await engine.prepare(step.program),
    ready = performance.now();
  await feed(engine, step, config.vocabSize, B * T);
  const training = train(engine, step, prepared);
  const first = (await training.step())[0]!;
  const before = (await training.losses())[0]!;
  const created = await countCreated(engine.device.gpu, async () => {
    for (let i = 0; i < SUBMITTED; i++) await training.submit();
  });
  const groups = groupDispatches(step.program.dispatches);
  const [[wall, host], [device, ...kernels]] = await measure(
    [training.step, withSum(sampleGroups(engine, prepared, groups))],
    effort,
  ) as [[Time, Time], [Time, ...Time[]]];
  const after = (await training.losses())[0]!, { dispatches } = step.program;
  // The same tokens again and again: a step that works lowers their loss.
  const wrong = after < before ? undefined : `the cross-entropy went from ${before} to ${after}`;
  const total = (of: "flops" | "bytes") => dispatches.reduce((sum, dispatch) => sum + dispatch[of], 0);
  const whole = {
    benchmark: "step",
    shape: `${B}x${T}, ${config.numHiddenLayers} -> ${student.config.numHiddenLayers} blocks`,
    flops: total("flops"),
    bytes: total("bytes"),
  } as const;
  const facts = {
    "tokens/s": B * T / wall.p50 * 1000,
    dispatches: dispatches.length,
    "host us a dispatch": host.p50 * 1000 / dispatches.length,
    "objects created a step": created / SUBMITTED,
    "memory MiB": Object.values(prepared.memory).reduce((sum, bytes) => sum + bytes, 0) / 2 ** 20,
    "models and recording ms": recorded - started,
    "preparing ms": ready - recorded,
    "first step ms": first,
  };
  const { inputs, schedule, metrics } = step;
  engine.release(
    [...inputs.flatMap((input) => Object.values(input)), schedule, metrics].map(({ slot }) => slot),
  );
  engine.release([state.gradients, state.firstMoments, state.secondMoments].flatMap(slotsOf));
  for (const model of [teacher, student]) releaseGemma3(engine, model);
  return [
    wrong === undefined
      ? { ...whole, name: "step", kernel: "", time: wall, checked: true, facts }
      : { ...whole, name: "step", kernel: "", time: undefined, checked: true, facts, wrong },
    {
      ...whole,
      name: "dispatches",
      kernel: `${groups.length} different`,
      time: device,
      checked: false,
    },
    ...longest(groups, kernels),
  ];
}

/** The groups of dispatches that take longest. */
function longest(groups: readonly DispatchGroup[], times: readonly Time[]): Row[] {
  const byTime = groups.map((group, i) => ({ group, time: times[i]! }))
    .sort((a, b) => b.time.p50 - a.time.p50);
  return byTime.slice(0, TOP).map(({ group: { op, kernel, shapes, flops, bytes, indices }, time }) => ({
    benchmark: "step",
    name: `${indices.length} x ${op}`,
    shape: shapes,
    kernel,
    time,
    flops,
    bytes,
    checked: false,
  }));
}

type Time = NonNullable<Row["time"]>;

/** Puts the sum of a sample's times before them. */
function withSum(sample: Sample): Sample {
  return async () => {
    const times = Array.from(await sample());
    return [times.reduce((sum, time) => sum + time, 0), ...times];
  };
}

async function randomModel(
  engine: Engine,
  config: Gemma3Config,
  label: "teacher" | "student",
  positions: number,
  seed: number,
): Promise<Gemma3> {
  const weights = growthInitialisation(config, seed, PRETRAIN.growth);
  return await loadGemma3(engine, config, (name) => Promise.resolve(weights.get(name)!), {
    label,
    positions,
    differentiable: label === "student",
  });
}

/** Random tokens and next tokens, every position scored. */
async function feed(engine: Engine, { inputs }: Step, vocabulary: number, tokens: number): Promise<void> {
  const random = createRandom(3),
    ids = () => Uint32Array.from({ length: tokens }, () => random.integer(vocabulary));
  for (const input of inputs) {
    await uploadPlaces(engine, input);
    await engine.write(input.ids, ids());
    await engine.write(input.targets, ids());
    await engine.write(input.weights, new Float32Array(tokens).fill(1 / tokens));
  }
}

/** Runs steps one after another. */
function train(engine: Engine, step: Step, prepared: Prepared) {
  let done = 0;
  const losses = async () => (await engine.read(step.metrics) as Float32Array).subarray(0, PARTS.length);
  const submit = async () => {
    await engine.write(step.schedule, scheduleValues(RATE, ++done, OPTIMIZER.betas));
    engine.run(prepared);
  };
  /** Milliseconds of a step with its losses read, and of encoding and submitting it. */
  const timed: Sample = async () => {
    const started = performance.now();
    await submit();
    const submitted = performance.now();
    await losses();
    return [performance.now() - started, submitted - started];
  };
  return { step: timed, submit, losses };
}

const CREATORS = [
  "createBuffer",
  "createBindGroup",
  "createComputePipeline",
  "createShaderModule",
  "createQuerySet",
] as const;

/** Counts the objects that `work` creates on a device. */
export async function countCreated(gpu: GPUDevice, work: () => Promise<void>): Promise<number> {
  let count = 0;
  for (const name of CREATORS) {
    const create = gpu[name].bind(gpu) as (descriptor: never) => unknown;
    Object.defineProperty(gpu, name, {
      configurable: true,
      value: (descriptor: never) => {
        count++;
        return create(descriptor);
      },
    });
  }
  try {
    await work();
  } finally {
    for (const name of CREATORS) Reflect.deleteProperty(gpu, name);
  }
  return count;
}

import { createRandom, type Engine, type Prepared } from "../../engine/mod.ts";
import { type Gemma3, slotsOf, uploadPlaces } from "../../model/gemma3/mod.ts";
import { PARTS } from "../../train/losses/mod.ts";
import { scheduleValues } from "../../train/optim/mod.ts";
import { declareState, recordStep, type Step } from "../../train/step.ts";

/** What is trained: models on the device, and the rows and tokens of the one micro-batch. */
export interface TrainingSpec {
  readonly teacher: Gemma3;
  readonly student: Gemma3;
  readonly B: number;
  readonly T: number;
  /** Learning rate. */
  readonly rate: number;
}

/** A training that is recorded, prepared and fed; the same random tokens in every step. */
export interface Training {
  readonly step: Step;
  readonly prepared: Prepared;
  /** What it took. */
  readonly milliseconds: { readonly recording: number; readonly preparing: number };
  /** Runs a step and reads its losses. @returns milliseconds of that, of encoding and submitting it, and of a read alone */
  timed(): Promise<[wall: number, host: number, wait: number]>;
  /** Runs a step without waiting for it. */
  submit(): Promise<void>;
  /** Losses of the latest step: cross-entropy first. */
  losses(): Promise<Float32Array>;
  /** Gives everything back but the models. */
  release(): void;
}

const LOSS = { kind: "forward_kl", alpha: 0.5, beta: 0.5, temperature: 2, skew: 0 } as const;
const OPTIMIZER = {
  betas: [0.9, 0.999],
  eps: 1e-8,
  clip: 1,
  weightDecay: { matrices: 0.01, norms: 0.01 },
} as const;

/** Makes a step of distillation ready to run. */
export async function openTraining(engine: Engine, spec: TrainingSpec): Promise<Training> {
  const { teacher, student, B, T, rate } = spec, started = performance.now(), state = declareState(student);
  const step = recordStep(engine.target, {
    student,
    teacher,
    state,
    loss: LOSS,
    optimizer: OPTIMIZER,
    batches: [{ B, T }],
  });
  const recorded = performance.now(), prepared = await engine.prepare(step.program);
  const milliseconds = { recording: recorded - started, preparing: performance.now() - recorded };
  await feed(engine, step, student.config.vocabSize, B * T);
  let done = 0;
  const losses = async () => (await engine.read(state.history) as Float32Array).subarray(0, PARTS.length);
  const submit = async () => {
    await engine.write(step.schedule, scheduleValues(rate, ++done, OPTIMIZER.betas));
    engine.run(prepared);
  };
  return {
    step,
    prepared,
    milliseconds,
    losses,
    submit,
    async timed() {
      const begun = performance.now();
      await submit();
      const submitted = performance.now();
      await losses();
      const read = performance.now();
      await losses();
      return [read - begun, submitted - begun, performance.now() - read];
    },
    release() {
      const { inputs, schedule } = step;
      engine.release(
        [...inputs.flatMap((input) => Object.values(input)), schedule, state.history].map(({ slot }) => slot),
      );
      engine.release([state.gradients, state.firstMoments, state.secondMoments].flatMap(slotsOf));
    },
  };
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

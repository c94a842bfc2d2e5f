/**
 * The method on one page: one optimizer step of distillation, recorded as one Program.
 *
 *   for each micro-batch:  hidden states of student and teacher  ->  loss over the vocabulary  ->  walk back
 *   then:                  global norm, clip, AdamW
 *
 * The loss of a position counts with its weight, so the mean over the tokens of the whole step is a matter of the
 * weights that are fed (see trainer.ts), stated in that one place.
 */
import {
  accumulate,
  backward,
  createGradients,
  createTensor,
  gatherRows,
  type Program,
  record,
  reshape,
  scatterRows,
  scope,
  type Target,
  temporary,
  type Tensor,
} from "../engine/mod.ts";
import {
  type BatchInputs,
  declareBatch,
  forward,
  type Gemma3,
  layOut,
  type Parameters,
  type Recompute,
} from "../model/gemma3/mod.ts";
import {
  type LossConfig,
  needsTeacher,
  PARTS,
  type Scored,
  scoredRows,
  vocabularyLoss,
} from "./losses/mod.ts";
import { declareHistory, keepMetrics } from "./metrics.ts";
import type { StatesMode } from "./teacher_states.ts";
import { adamw, type AdamWConfig, clipFactor, type Group } from "./optim/mod.ts";

/** What stays in memory between steps beside the student itself: gradients and AdamW's moments, laid out alike. */
export interface TrainingState {
  readonly gradients: Parameters;
  readonly firstMoments: Parameters;
  readonly secondMoments: Parameters;
  /** What the latest steps measured, see metrics.ts. */
  readonly history: Tensor;
}

/** Declares the training state of a student; moments start at zero. @param history steps whose metrics it keeps */
export function declareState({ config }: Gemma3, history = 1): TrainingState {
  const like = (label: string) => layOut(config, label, "state", false);
  return {
    gradients: like("gradients"),
    firstMoments: like("first moments"),
    secondMoments: like("second moments"),
    history: declareHistory(history),
  };
}

/** A micro-batch's inputs: ids with their places, and what the loss looks at. */
export interface StepInputs extends BatchInputs, Scored {
  /** u32 [M]: where the teacher's state of each place is kept. */
  readonly statePlaces?: Tensor | undefined;
}

/** Rows and columns of a micro-batch, and the places of its scored positions: all positions where missing. */
export interface BatchShape {
  readonly B: number;
  readonly T: number;
  readonly scored?: number;
}

/** Declares the inputs of a micro-batch. */
function declareInputs({ B, T, scored = B * T }: BatchShape, states: boolean): StepInputs {
  const indices = (name: string, length: number) => createTensor(name, "input", [length], "u32");
  return {
    ...declareBatch(B, T),
    targets: indices("targets", scored),
    weights: createTensor("weights", "input", [scored]),
    ...(states && { statePlaces: indices("state places", scored) }),
    ...(scored < B * T &&
      { compaction: { positions: indices("scored positions", scored), places: indices("places", B * T) } }),
  };
}

/** What {@link recordStep} needs. */
export interface StepSpec {
  readonly student: Gemma3;
  readonly teacher: Gemma3 | undefined;
  readonly state: TrainingState;
  readonly loss: LossConfig;
  readonly optimizer: AdamWConfig & { readonly clip: number; readonly weightDecay: WeightDecay };
  readonly batches: readonly BatchShape[];
  /** Positions whose logits exist at once; the default where null. */
  readonly lossChunk?: number | null;
  /** What of the student's forward pass is computed again for its gradient; default "none". */
  readonly recompute?: Recompute;
  /** Where the teacher's final states are kept, and whether they stand there. */
  readonly states?: { readonly parts: readonly Tensor[]; readonly mode: StatesMode } | undefined;
}

/** Decay of matrices and of norm weights. */
export interface WeightDecay {
  readonly matrices: number;
  readonly norms: number;
}

/** A recorded step and what to feed it. */
export interface Step {
  readonly program: Program;
  readonly inputs: readonly StepInputs[];
  /** f32 [4]: see optim's scheduleValues. */
  readonly schedule: Tensor;
}

/** Records one optimizer step. */
export function recordStep(target: Target, spec: StepSpec): Step {
  const { student, teacher, state, loss, optimizer, recompute = "none" } = spec;
  const inputs = spec.batches.map((batch) => declareInputs(batch, spec.states !== undefined));
  const schedule = createTensor("schedule", "input", [4]);
  const { program } = record("step", target, () => {
    const gradients = createGradients(gradientTargets(student, state));
    const losses = temporary("losses", [PARTS.length]);
    inputs.forEach((batch, i) =>
      scope(`micro-batch ${i}`, () => accumulate(losses, microBatch(batch), i > 0))
    );
    const clip = clipFactor(state.gradients.arenas.map(({ tensor }) => tensor), optimizer.clip);
    keepMetrics(state.history, losses, clip, schedule);
    adamw(updateGroups(student.parameters, state, optimizer.weightDecay), clip, schedule, optimizer);

    function microBatch(batch: StepInputs): Tensor {
      const { config, parameters } = student;
      const states = scope("student", () => flat(forward(student, batch.ids, batch, { recompute })));
      const head = { hidden: states, embedding: parameters.embedding, cap: config.finalLogitSoftcapping };
      const other = teacher && needsTeacher(loss)
        ? {
          hidden: scope("teacher", () => finalStates(teacher, batch, spec.states)),
          embedding: teacher.parameters.embedding,
          cap: teacher.config.finalLogitSoftcapping,
        }
        : undefined;
      const { parts, dHidden } = vocabularyLoss(
        { student: head, teacher: other, scored: batch, loss, chunk: spec.lossChunk },
        gradients,
      );
      scope("student", () => backward(states, dHidden, gradients));
      return parts;
    }
  });
  return { program, inputs, schedule };
}

/** Records the part of steps that keeps the teacher's states, alone: the same kernels, so the same bits. */
export function recordTeacherStates(
  target: Target,
  { teacher, batches, parts }: {
    readonly teacher: Gemma3;
    readonly batches: readonly BatchShape[];
    readonly parts: readonly Tensor[];
  },
): Omit<Step, "schedule"> {
  const inputs = batches.map((batch) => declareInputs(batch, true));
  const { program } = record("teacher states", target, () => {
    for (const batch of inputs) scope("teacher", () => finalStates(teacher, batch, { parts, mode: "keep" }));
  });
  return { program, inputs };
}

/** The teacher's final states at the scored positions: computed, and kept where they have a place, or taken from there. */
function finalStates(teacher: Gemma3, batch: StepInputs, states: StepSpec["states"]): Tensor {
  if (states?.mode === "kept") return gatherRows(states.parts, batch.statePlaces!);
  const hidden = scoredRows(flat(forward(teacher, batch.ids, batch)), batch);
  if (states) scatterRows(hidden, batch.statePlaces!, states.parts);
  return hidden;
}

/** [B, T, C] as [B T, C]. */
function flat(hidden: Tensor): Tensor {
  const [B, T, C] = hidden.shape as [number, number, number];
  return reshape(hidden, [B * T, C]);
}

/** Where the gradient of each parameter goes. */
function gradientTargets({ parameters }: Gemma3, { gradients }: TrainingState): Map<Tensor, Tensor> {
  return new Map([...parameters.named].map(([name, parameter]) => [parameter, gradients.named.get(name)!]));
}

/** Whole arenas at a time: the padding between parameters has no gradient and stays zero. */
function updateGroups({ arenas }: Parameters, state: TrainingState, decay: WeightDecay): Group[] {
  return arenas.map(({ kind, tensor }, i) => ({
    parameters: tensor,
    gradients: state.gradients.arenas[i]!.tensor,
    firstMoments: state.firstMoments.arenas[i]!.tensor,
    secondMoments: state.secondMoments.arenas[i]!.tensor,
    weightDecay: decay[kind],
  }));
}

/** Puts a text through a Program that is recorded for it: the losses of its tokens, or a whole training step. */
import {
  elementCount,
  type Engine,
  type Prepared,
  type Program,
  type Tensor,
  UNSCORED,
} from "../../engine/mod.ts";
import { recordTokenLosses } from "../../eval/token_losses.ts";
import {
  type Gemma3,
  loadGemma3,
  type Parameters,
  releaseGemma3,
  uploadPlaces,
} from "../../model/gemma3/mod.ts";
import { leastImportant, measureImportance, pruneModel } from "../../model/pruning/mod.ts";
import type { OpenedModel } from "../../model/weights/mod.ts";
import type { Config } from "../../train/config/mod.ts";
import { microBatch, paddedBatch, type Row } from "../../train/data/mod.ts";
import { feedBatch } from "../../train/feed.ts";
import { optimizerOf } from "../../train/heal.ts";
import { needsTeacher } from "../../train/losses/mod.ts";
import { learningRate, scheduleValues } from "../../train/optim/mod.ts";
import { declareState, recordStep } from "../../train/step.ts";
import { loadOpened } from "../inputs.ts";

/** A Program ready to run once, fed with the text. */
export interface Recorded {
  readonly prepared: Prepared;
  /** The model that is explained: in a step, the student. */
  readonly model: Gemma3;
  /** What a bound tensor is, where it is a parameter or the gradient or a moment of one. */
  readonly nameOf: (tensor: Tensor) => string | undefined;
  /** Part of a scope that says nothing new: what stands before `block 3/mlp`. */
  readonly prefix: string;
  readonly dropped: readonly number[] | undefined;
  /** Element of its arena of the weight that AdamW is watched at, and its name. */
  readonly weightOf: (layer: number) => { readonly name: string; readonly tensor: Tensor };
}

/** Names of parameters by where they stand; a piece of a long one is called so, and what holds several has none. */
function namesOf(...sets: readonly (readonly [string, Parameters])[]): Recorded["nameOf"] {
  const places = sets.flatMap(([prefix, { named }]) =>
    [...named].map(([name, { slot, offset, shape }]) => ({
      name: prefix + name.replace(/^model\./, "").replace(/\.weight$/, ""),
      ...{ slot, offset, count: elementCount(shape) },
    }))
  );
  return ({ slot, offset, shape }) => {
    const count = elementCount(shape);
    const whole = places.find((place) =>
      place.slot === slot && offset >= place.offset && offset + count <= place.offset + place.count
    );
    return whole && (whole.count === count ? whole.name : `part of ${whole.name}`);
  };
}

const weightOf = ({ parameters }: Gemma3): Recorded["weightOf"] => (layer) => ({
  name: `layers.${layer}.mlp.down_proj[0, 0]`,
  tensor: parameters.blocks[layer]!.down,
});

/** The forward pass and the loss of each token. */
export async function recordForward(engine: Engine, opened: OpenedModel, ids: Row): Promise<Recorded> {
  const T = ids.length, model = await loadOpened(engine, opened, { label: "model", positions: T });
  const { program, inputs, targets } = recordTokenLosses(engine.target, { model, B: 1, T });
  const prepared = await engine.prepare(program);
  await uploadPlaces(engine, inputs);
  await engine.write(inputs.ids, ids);
  await engine.write(targets, Uint32Array.of(...ids.subarray(1), UNSCORED));
  return {
    prepared,
    model,
    nameOf: namesOf(["", model.parameters]),
    prefix: "",
    dropped: undefined,
    weightOf: weightOf(model),
  };
}

/** A training step on the text: the student is the model without some blocks, the teacher the model. */
export async function recordTraining(
  engine: Engine,
  opened: OpenedModel,
  ids: Row,
  config: Config,
  padId: number,
): Promise<Recorded> {
  const T = ids.length, { loss, train } = config;
  const whole = await loadOpened(engine, opened, { label: "teacher", positions: T });
  const dropped = config.prune.drop ?? await leastOf(engine, whole, ids, config.prune.count, padId);
  const teacher = needsTeacher(loss) ? whole : undefined;
  if (!teacher) releaseGemma3(engine, whole);
  const pruned = pruneModel(opened, dropped);
  const student = await loadGemma3(engine, pruned.config, pruned.read, {
    label: "student",
    positions: T,
    differentiable: true,
  });
  const state = declareState(student), optimizer = optimizerOf(train);
  const step = recordStep(engine.target, {
    student,
    teacher,
    state,
    loss,
    optimizer,
    batches: [{ B: 1, T }],
  });
  const prepared = await engine.prepare(step.program), [inputs] = step.inputs;
  await uploadPlaces(engine, inputs!);
  await feedBatch(engine, inputs!, microBatch([ids], [T], padId), 1 / Math.max(1, T - 1));
  const lr = learningRate({ lr: train.lr, schedule: "constant", warmupSteps: 0 }, 1, 1);
  await engine.write(step.schedule, scheduleValues(lr, 1, optimizer.betas));
  return {
    prepared,
    model: student,
    nameOf: namesOf(
      ["", student.parameters],
      ...teacher ? [["teacher ", teacher.parameters] as const] : [],
      ["d ", state.gradients],
    ),
    prefix: "micro-batch 0/",
    dropped,
    weightOf: weightOf(student),
  };
}

/** The blocks that change this text's stream least. */
async function leastOf(
  engine: Engine,
  model: Gemma3,
  ids: Row,
  count: number,
  padId: number,
): Promise<number[]> {
  const batch = paddedBatch([ids], { side: "right", padId });
  const { order } = await measureImportance(engine, model, [batch], "block-influence");
  return leastImportant(order, count);
}

/** Where a dispatch stands, as seen from the model that is explained. */
export function placeOf({ dispatches }: Program, index: number, prefix: string): string {
  const { scope } = dispatches[index]!;
  return scope.replace(prefix, "").replace(/^student\//, "");
}

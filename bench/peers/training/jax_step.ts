/** One optimizer step in jax-js: losses of a batch, their gradient, clipping, AdamW; all in one jitted function. */
import type { Gemma3Config } from "../../../model/config/mod.ts";
import type { LossConfig } from "../../../train/losses/mod.ts";
import type { StepSpec } from "../../../train/step.ts";
import type { Jax, JaxArray } from "../jax.ts";
import { isId, jaxLogits, type JaxPlaces, type JaxWeights } from "./jax_gemma.ts";

// Types and not interfaces, as jax-js walks through trees of arrays.
export type JaxState = {
  readonly weights: JaxWeights;
  readonly firstMoments: JaxWeights;
  readonly secondMoments: JaxWeights;
};

/** What a step is given and uses up; `teacher` is empty without one. */
export type JaxStepInputs = {
  readonly teacher: JaxWeights;
  readonly places: JaxPlaces;
  /** int32 [B, T]. */
  readonly ids: JaxArray;
  /** int32 [B T]. */
  readonly targets: JaxArray;
  /** [4], see scheduleValues of train/optim. */
  readonly schedule: JaxArray;
};

/** The next state, and cross-entropy, divergence (T² included) and norm of the gradient before clipping, [3]. */
export type JaxStepResult = { readonly state: JaxState; readonly metrics: JaxArray };

/** What is trained, and how; the loss is cross-entropy, or has a share of forward KL. */
export interface JaxStepSpec {
  readonly student: Gemma3Config;
  readonly teacher: Gemma3Config | undefined;
  readonly loss: LossConfig;
  readonly optimizer: StepSpec["optimizer"];
}

/** Compiles at its first call. */
export function jaxStep(
  jax: Jax,
  spec: JaxStepSpec,
): (state: JaxState, inputs: JaxStepInputs) => JaxStepResult {
  const { numpy: np, tree } = jax;
  const withGradient = jax.valueAndGrad(
    (weights: JaxWeights, inputs: JaxStepInputs) => losses(jax, spec, weights, inputs),
    { hasAux: true },
  );
  return jax.jit((state: JaxState, inputs: JaxStepInputs) => {
    const schedule = np.split(inputs.schedule.ref, 4, 0);
    const [[total, parts], gradients] = withGradient(tree.ref(state.weights), inputs);
    total.dispose();
    const squares = Object.values(gradients).map((g) => np.square(g.ref).sum());
    const norm = np.sqrt(squares.reduce((sum, each) => sum.add(each)));
    const factor = np.minimum(np.reciprocal(norm.ref.add(1e-6)).mul(spec.optimizer.clip), 1);
    const next = adamw(jax, spec, state, gradients, factor, schedule);
    return { state: next, metrics: np.concatenate([parts, norm.reshape([1])], 0) };
  });
}

/** The loss that is minimised, and its parts [2]. */
function losses(
  jax: Jax,
  { student, teacher, loss }: JaxStepSpec,
  weights: JaxWeights,
  inputs: JaxStepInputs,
): [JaxArray, JaxArray] {
  const { numpy: np, nn, tree } = jax, N = inputs.targets.shape[0]!;
  const logits = jaxLogits(jax, student, weights, tree.ref(inputs.places), inputs.ids.ref);
  const surprise = nn.logSoftmax(logits.ref, -1);
  const isTarget = isId(jax, inputs.targets, student.vocabSize);
  const crossEntropy = np.where(isTarget, surprise, 0).sum().mul(-1 / N);
  inputs.schedule.dispose();
  if (!teacher) {
    logits.dispose();
    tree.dispose([inputs.places, inputs.teacher, inputs.ids]);
    return [crossEntropy.ref, np.concatenate([crossEntropy.reshape([1]), np.array(Float32Array.of(0))], 0)];
  }
  // T² Σ p (log p - log q) at temperature T.
  const { alpha, beta, temperature } = loss;
  const expected = jaxLogits(jax, teacher, inputs.teacher, inputs.places, inputs.ids);
  const logP = nn.logSoftmax(expected.mul(1 / temperature), -1);
  const logQ = nn.logSoftmax(logits.mul(1 / temperature), -1);
  const divergence = np.exp(logP.ref).mul(logP.sub(logQ)).sum().mul(temperature ** 2 / N);
  const total = crossEntropy.ref.mul(alpha).add(divergence.ref.mul(beta));
  return [total, np.concatenate([crossEntropy.reshape([1]), divergence.reshape([1])], 0)];
}

/** As train/optim/adamw.wgsl has it, parameter by parameter. */
function adamw(
  { numpy: np }: Jax,
  { optimizer: { betas: [beta1, beta2], eps, weightDecay } }: JaxStepSpec,
  state: JaxState,
  gradients: JaxWeights,
  factor: JaxArray,
  [lr, corrected, root, unused]: JaxArray[],
): JaxState {
  const weights: Record<string, JaxArray> = {}, firstMoments: Record<string, JaxArray> = {};
  const secondMoments: Record<string, JaxArray> = {};
  for (const [name, gradient] of Object.entries(gradients)) {
    const g = gradient.mul(factor.ref), p = state.weights[name]!;
    const decay = p.shape.length > 1 ? weightDecay.matrices : weightDecay.norms;
    const first = state.firstMoments[name]!.mul(beta1).add(g.ref.mul(1 - beta1));
    const second = state.secondMoments[name]!.mul(beta2).add(np.square(g).mul(1 - beta2));
    const update = first.ref.mul(corrected!.ref).div(np.sqrt(second.ref).div(root!.ref).add(eps));
    weights[name] = p.mul(lr!.ref.mul(-decay).add(1)).sub(update);
    firstMoments[name] = first;
    secondMoments[name] = second;
  }
  for (const x of [factor, lr, corrected, root, unused]) x!.dispose();
  return { weights, firstMoments, secondMoments };
}

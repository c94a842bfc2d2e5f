import { effectiveKind, type LossConfig, needsTeacher } from "../../train/losses/mod.ts";

/** The divergences in words; p is the teacher's distribution and q the student's, both at temperature T. */
const WORDS: Readonly<Record<LossConfig["kind"], (skew: number) => string>> = {
  cross_entropy: () => "no distillation loss",
  forward_kl: () => "the forward KL divergence KL(p‖q)",
  reverse_kl: () => "the reverse KL divergence KL(q‖p)",
  skew_kl: (a) => `the skew KL divergence KL(p‖${a} p + ${round(1 - a)} q)`,
  skew_reverse_kl: (a) => `the skew reverse KL divergence KL(q‖${round(1 - a)} p + ${a} q)`,
  jsd: (a) => `the generalized Jensen-Shannon divergence with ${a} of the teacher in the mixture`,
  tvd: () => "the total variation distance",
  "legacy-v1": (a) =>
    `the KL(q‖m) of gem-3-small's first notebooks, q and m = ${a} q + ${round(1 - a)} p held constant`,
  "legacy-v3": (a) => `the KL(p‖m) of gem-3-small's third notebook, m = ${a} q + ${round(1 - a)} p`,
};

const round = (value: number) => Number(value.toFixed(6));

/** Whether the distillation loss has a gradient at all. */
export function teaches(loss: LossConfig): boolean {
  if (!needsTeacher(loss) || loss.kind === "legacy-v1") return false;
  return !(loss.skew === 1 && (loss.kind === "skew_kl" || loss.kind === "skew_reverse_kl")) &&
    !(loss.kind === "legacy-v3" && loss.skew === 0);
}

/** What the student really learned from, in sentences. */
export function lossWords(loss: LossConfig): string[] {
  const { kind, alpha, beta, temperature, skew } = loss;
  if (!needsTeacher(loss)) {
    return [
      `The student learned by cross-entropy alone (weight ${alpha}); no teacher took part in training.`,
    ];
  }
  const run = effectiveKind(loss), words = WORDS[run](skew);
  return [
    `Loss of a token: ${alpha} · CE + ${beta} · T² · D, with T = ${temperature} and D ${words}.`,
    ...run === kind ? [] : [`It is configured as ${kind} with skew ${skew}, which is that divergence.`],
    ...teaches(loss) ? [] : [
      "The gradient of D is exactly zero, so that it taught nothing: the student learned by cross-entropy alone.",
    ],
    ...kind === "legacy-v3" && skew > 0
      ? [
        `Near its optimum the gradient of D is about ${
          round(skew * skew)
        } of that of the forward KL divergence.`,
      ]
      : [],
  ];
}

/** Names of the losses, in the order of the KIND knob of the kernels. */
export const KINDS = [
  "cross_entropy",
  "forward_kl",
  "reverse_kl",
  "skew_kl",
  "skew_reverse_kl",
  "jsd",
  "tvd",
  "legacy-v1",
  "legacy-v3",
] as const;

/** Name of a distillation loss; `cross_entropy` means that there is none beside it. */
export type LossKind = typeof KINDS[number];

/**
 * What a configured loss is made of.
 *
 * total = alpha · CE + beta · T² · D(p, q), p = softmax(teacher / T), q = softmax(student / T)
 */
export interface LossConfig {
  readonly kind: LossKind;
  readonly alpha: number;
  readonly beta: number;
  readonly temperature: number;
  /**
   * Share of the teacher in the mixture m for skew_kl and jsd, of the student in skew_reverse_kl (DistiLLM's alpha), of
   * the student in legacy-v1 and legacy-v3 (the published notebooks').
   */
  readonly skew: number;
}

/**
 * The kernel's KIND for a configured loss. Where the mixture is one of the two distributions alone the divergence is a
 * plain KL: the end points of the generalized JSD are its limits, whose formula would give zero with a zero gradient
 * (huggingface/trl#3043).
 */
export function effectiveKind({ kind, skew }: Pick<LossConfig, "kind" | "skew">): LossKind {
  if (kind === "jsd") return skew === 0 ? "forward_kl" : skew === 1 ? "reverse_kl" : "jsd";
  if (kind === "skew_kl" && skew === 0) return "forward_kl";
  return kind === "skew_reverse_kl" && skew === 0 ? "reverse_kl" : kind;
}

/** True when the loss looks at a teacher at all. */
export function needsTeacher({ kind, beta }: Pick<LossConfig, "kind" | "beta">): boolean {
  return kind !== "cross_entropy" && beta > 0;
}

/** One element of D: its value, and h = q ∂f/∂q. */
export interface Term {
  readonly f: number;
  readonly h: number;
}

/** The definition of each divergence in f64 (Ko et al., DistiLLM, ICML 2024; Agarwal et al., GKD, ICLR 2024). */
export const TERMS: Readonly<Record<LossKind, (p: number, q: number, skew: number) => Term>> = {
  cross_entropy: () => ({ f: 0, h: 0 }),
  forward_kl: (p, q) => ({ f: p * Math.log(p / q), h: -p }),
  reverse_kl: (p, q) => ({ f: q * Math.log(q / p), h: q * (Math.log(q / p) + 1) }),
  skew_kl: (p, q, a) => {
    const m = a * p + (1 - a) * q;
    return { f: p * Math.log(p / m), h: -(1 - a) * p * q / m };
  },
  skew_reverse_kl: (p, q, a) => {
    const m = (1 - a) * p + a * q;
    return { f: q * Math.log(q / m), h: q * (Math.log(q / m) + 1 - a * q / m) };
  },
  jsd: (p, q, a) => {
    const m = a * p + (1 - a) * q;
    return { f: a * p * Math.log(p / m) + (1 - a) * q * Math.log(q / m), h: (1 - a) * q * Math.log(q / m) };
  },
  tvd: (p, q) => ({ f: Math.abs(p - q) / 2, h: q * Math.sign(q - p) / 2 }),
  "legacy-v1": (p, q, a) => ({ f: q * (Math.log(q) - Math.log(a * q + (1 - a) * p + 1e-9)), h: q }),
  "legacy-v3": (p, q, a) => {
    const m = a * q + (1 - a) * p + 1e-9;
    return { f: p * (Math.log(p + 1e-9) - Math.log(m)), h: -a * p * q / m };
  },
};

import { type Case, type Entry, entry } from "../../engine/mod.ts";
import { KINDS, type LossKind } from "./kinds.ts";
import { distillationLossOp, type LossAttributes } from "./op.ts";
import { distillationLossReference } from "./reference.ts";

const SKEWED: readonly LossKind[] = ["skew_kl", "skew_reverse_kl", "jsd", "legacy-v1", "legacy-v3"];

/** Width 7 takes one element a load, 36 takes four; steep rows have probabilities that underflow in f32. */
const VARIANTS = [
  { name: "", shape: [5, 7], logits: 4, weight: 1, temperature: 2, naive: false },
  { name: "", shape: [3, 36], logits: 4, weight: 1, temperature: 1, naive: false },
  { name: " naive", shape: [3, 37], logits: 4, weight: 1, temperature: 2, naive: true },
] as const;
const EXTREMES = [
  { name: " steep", shape: [4, 37], logits: 90, weight: 1, temperature: 1, naive: false },
  { name: " steep", shape: [4, 40], logits: 90, weight: 1, temperature: 1, naive: false },
  { name: " weight 0", shape: [3, 8], logits: 4, weight: 0, temperature: 2, naive: false },
  { name: " weight 0, naive", shape: [3, 8], logits: 4, weight: 0, temperature: 2, naive: true },
] as const;

function casesOf(kind: LossKind): Case<LossAttributes>[] {
  const skews = SKEWED.includes(kind) ? [0, 0.1, 0.5, 1] : [0];
  return skews.flatMap((skew) =>
    [...VARIANTS, ...(skew === 0 || skew === 0.1 ? EXTREMES : [])].map((variant) => {
      const { name, shape, logits, weight, temperature, naive } = variant, [rows, columns] = shape;
      const settings = `${kind} skew ${skew} T ${temperature}`;
      return {
        name: `${settings} [${shape}]${name}`,
        inputs: [
          { shape, range: [-logits, logits] as const },
          { shape, range: [-logits, logits] as const },
          { shape: [rows], below: columns },
          { shape: [rows], range: [weight / 10, weight] as const },
        ],
        attributes: { kind, alpha: 0.3, beta: 0.7, temperature, skew, naive },
      };
    })
  );
}

const { forward } = distillationLossReference;

/**
 * The op of every loss, for the walkers. The value of legacy-v1 is checked here and its gradient is not: parts of it are
 * detached, so it is not the slope of the value; it is zero, and a test of its own says so.
 */
export const LOSS_REGISTRY: readonly Entry[] = [
  entry(
    distillationLossOp,
    distillationLossReference,
    KINDS.filter((kind) => kind !== "legacy-v1").flatMap(casesOf),
  ),
  entry(distillationLossOp, { forward }, casesOf("legacy-v1")),
];

import type { Case } from "../../autograd/op.ts";
import type { Variant } from "./launch.ts";
import type { AttentionAttributes } from "./mod.ts";

/** Sizes, and a bound of the random spans: first key, first query and end of keys all lie below it. */
interface Sizes {
  readonly B: number;
  readonly T: number;
  readonly S: number;
  readonly H: number;
  readonly kvHeads: number;
  readonly D: number;
  readonly window: number;
  readonly below: number;
}

function attentionCase(
  { B, T, S, H, kvHeads, D, window, below }: Sizes,
  variant?: Variant,
): Case<AttentionAttributes> {
  const keys = { shape: [B, S, kvHeads, D], range: [-2, 2] as const };
  return {
    name: `${B}x${T}x${H}x${D} to ${S}x${kvHeads}, window ${window}${variant ? ` ${variant}` : ""}`,
    inputs: [{ ...keys, shape: [B, T, H, D] }, keys, keys, { shape: [B, 3], below }],
    attributes: { window, scale: D ** -0.5, ...(variant ? { variant } : {}) },
  };
}

/**
 * Random spans mean: left and right padding, a filled cache, keys beyond those that count, queries that see none.
 * Odd sizes, and those of a head that fill whole loads; one head, grouped heads, and several groups of them.
 */
const SIZES: readonly Sizes[] = [
  { B: 5, T: 5, S: 7, H: 3, kvHeads: 1, D: 7, window: 0, below: 7 },
  { B: 3, T: 21, S: 37, H: 4, kvHeads: 2, D: 8, window: 6, below: 30 },
  { B: 2, T: 19, S: 23, H: 4, kvHeads: 1, D: 32, window: 9, below: 20 },
  { B: 2, T: 1, S: 41, H: 2, kvHeads: 2, D: 36, window: 0, below: 41 },
];
/** The largest head that Gemma 3 has. */
const WIDE: Sizes = { B: 2, T: 13, S: 18, H: 2, kvHeads: 1, D: 256, window: 5, below: 9 };

/** What the device chooses at every size, and each other variant. */
export const attentionCases: readonly Case<AttentionAttributes>[] = [
  ...[...SIZES, WIDE].map((sizes) => attentionCase(sizes)),
  ...(["naive", "tiled"] as const).flatMap((variant) => SIZES.map((sizes) => attentionCase(sizes, variant))),
];

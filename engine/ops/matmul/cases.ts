import type { Case } from "../../autograd/op.ts";
import type { MatmulAttributes } from "./mod.ts";
import type { Layout, Variant } from "../../core/choices.ts";

type Size = readonly [M: number, N: number, K: number, batch?: number];

/** Odd, thin, tall, aligned to four and not, larger than one tile, batched. */
const SIZES: readonly Size[] = [[5, 7, 3], [1, 12, 16], [33, 20, 12], [18, 68, 40], [3, 5, 17, 4], [
  9,
  8,
  8,
  3,
]];

const stored = (layout: Layout, [M, N, K, batch]: Size) => {
  const axes = batch === undefined ? [] : [batch];
  return [[...axes, ...(layout === "TN" ? [K, M] : [M, K])], [
    ...axes,
    ...(layout === "NT" ? [N, K] : [K, N]),
  ]];
};

function cases(sizes: readonly Size[], variant?: Variant): Case<MatmulAttributes>[] {
  return (["NN", "NT", "TN"] as const).flatMap((layout) =>
    sizes.map((size) => ({
      name: `${layout} ${size.join("x")}${variant ? ` ${variant}` : ""}`,
      inputs: stored(layout, size).map((shape) => ({ shape, range: [-1, 1] as const })),
      attributes: { layout, alpha: size[0] === 5 ? 0.5 : 1, ...(variant ? { variant } : {}) },
    }))
  );
}

/** The device's own choice at every size, and other variants at a few (`subgroup` where a device has them: its tests). */
export const matmulCases: readonly Case<MatmulAttributes>[] = [
  ...cases(SIZES),
  ...cases([[5, 7, 3], [70, 66, 20], [3, 5, 17, 4]], "tiled"),
  ...cases([[5, 7, 3], [70, 66, 20], [3, 5, 17, 4]], "registers"),
  ...cases([[36, 20, 12], [68, 132, 20, 3]], "vec4"),
  ...cases([[5, 7, 3], [3, 5, 17, 4]], "naive"),
];

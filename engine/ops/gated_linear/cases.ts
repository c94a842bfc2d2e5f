import type { Case } from "../../autograd/op.ts";
import type { Variant } from "../../core/choices.ts";
import type { GatedLinearAttributes } from "./mod.ts";

/** Rows of x as they are shaped, columns of the result, inner length. */
type Size = readonly [rows: readonly number[], N: number, K: number];

const cases = (sizes: readonly Size[], variant?: Variant): Case<GatedLinearAttributes>[] =>
  sizes.map(([rows, N, K]) => ({
    name: `${rows.join("x")} rows, ${N}x${K}${variant ? ` ${variant}` : ""}`,
    inputs: [[...rows, K], [N, K], [N, K]].map((shape) => ({ shape, range: [-1.5, 1.5] as const })),
    attributes: variant ? { variant } : {},
  }));

/** The device's own choice at sizes aligned to four and not; every kernel that each device has, at one of its sizes. */
export const gatedLinearCases: readonly Case<GatedLinearAttributes>[] = [
  ...cases([[[5], 7, 3], [[1], 12, 16], [[2, 17], 20, 12], [[3, 3], 68, 40]]),
  ...cases([[[5], 7, 3]], "naive"),
  ...cases([[[5], 7, 3]], "tiled"),
  ...cases([[[5], 7, 3]], "registers"),
  ...cases([[[36], 20, 12]], "vec4"),
];

import type { Case } from "../../../engine/mod.ts";
import type { RowProductsAttributes } from "./row_products.ts";

/** Columns with and without vec4, fewer columns than lanes, more rows than one workgroup of the naive kernel. */
export const rowProductsCases: readonly Case<RowProductsAttributes>[] =
  ([[3, 7], [2, 3, 20], [5, 64], [130, 3]] as const).flatMap((shape) =>
    [false, true].map((naive) => ({
      name: `[${shape}]${naive ? " naive" : ""}`,
      inputs: [{ shape, range: [-2, 2] as const }, { shape, range: [-2, 2] as const }],
      attributes: { naive },
    }))
  );

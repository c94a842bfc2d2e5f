import type { Reference } from "../../../engine/mod.ts";
import type { RowProductsAttributes } from "./row_products.ts";

/** Three sums a row, as they are written. */
export const rowProductsReference: Reference<RowProductsAttributes> = {
  forward([a, b]) {
    const C = a!.shape.at(-1)!, rows = a!.data.length / C, data = new Float64Array(3 * rows);
    for (let i = 0; i < a!.data.length; i++) {
      const u = a!.data[i]!, v = b!.data[i]!, at = 3 * Math.floor(i / C);
      data[at]! += u * v;
      data[at + 1]! += u * u;
      data[at + 2]! += v * v;
    }
    return [{ shape: [...a!.shape.slice(0, -1), 3], data }];
  },
};

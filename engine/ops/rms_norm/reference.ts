import type { Reference } from "../../autograd/op.ts";
import type { RmsNormAttributes } from "./mod.ts";

/** Row by row; the gradient's derivation stands in backward.wgsl. */
export const rmsNormReference: Reference<RmsNormAttributes> = {
  forward([x, w, residual], { eps }) {
    const C = w!.data.length, y = new Float64Array(x!.data.length);
    for (let start = 0; start < y.length; start += C) {
      const row = x!.data.subarray(start, start + C);
      const r = 1 / Math.sqrt(row.reduce((sum, v) => sum + v * v, 0) / C + eps);
      row.forEach((v, c) => y[start + c] = (residual?.data[start + c] ?? 0) + v * r * (1 + w!.data[c]!));
    }
    return [{ shape: x!.shape, data: y }];
  },
  backward([x, w, residual], { eps }, [dy]) {
    const C = w!.data.length, dx = new Float64Array(x!.data.length), dw = new Float64Array(C);
    for (let start = 0; start < dx.length; start += C) {
      const row = x!.data.subarray(start, start + C);
      const r = 1 / Math.sqrt(row.reduce((sum, v) => sum + v * v, 0) / C + eps);
      const g = row.map((_, c) => dy!.data[start + c]! * (1 + w!.data[c]!));
      const along = g.reduce((sum, v, c) => sum + v * row[c]!, 0);
      row.forEach((v, c) => {
        dx[start + c] = r * g[c]! - r ** 3 * v * along / C;
        dw[c]! += dy!.data[start + c]! * v * r;
      });
    }
    return [{ shape: x!.shape, data: dx }, { shape: w!.shape, data: dw }, residual && dy];
  },
};

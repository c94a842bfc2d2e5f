import type { Reference } from "../../autograd/op.ts";
import type { GatedLinearAttributes } from "./mod.ts";

/** y[m, n] = g / 2 (1 + tanh(√(2/π) (g + 0.044715 g³))) u with g = Σ_k x[m, k] gate[n, k] and u = Σ_k x[m, k] up[n, k]. */
export const gatedLinearReference: Reference<GatedLinearAttributes> = {
  forward([x, gate, up]) {
    const [N, K] = gate!.shape as [number, number], M = x!.data.length / K, data = new Float64Array(M * N);
    for (let m = 0; m < M; m++) {
      for (let n = 0; n < N; n++) {
        let g = 0, u = 0;
        for (let k = 0; k < K; k++) {
          g += x!.data[m * K + k]! * gate!.data[n * K + k]!;
          u += x!.data[m * K + k]! * up!.data[n * K + k]!;
        }
        data[m * N + n] = g / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (g + 0.044715 * g ** 3))) * u;
      }
    }
    return [{ shape: [...x!.shape.slice(0, -1), N], data }];
  },
};

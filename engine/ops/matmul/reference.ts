import type { Reference, Values } from "../../autograd/op.ts";
import type { MatmulAttributes } from "./mod.ts";
import { matmulSizes } from "./mod.ts";

/** Reads element (row, column) of a matrix stored with `columns` columns, or transposed. */
const at = (
  x: Values,
  start: number,
  row: number,
  column: number,
  rows: number,
  columns: number,
  transposed: boolean,
): number => x.data[start + (transposed ? column * rows + row : row * columns + column)]!;

/** C = alpha A B as three loops, and its gradients dA[m, k] = Σ_n dC[m, n] B[k, n], dB[k, n] = Σ_m A[m, k] dC[m, n]. */
export const matmulReference: Reference<MatmulAttributes> = {
  forward([a, b], { layout, alpha }) {
    const { M, N, K, batch, shape } = matmulSizes(a!.shape, b!.shape, layout);
    const data = new Float64Array(batch * M * N);
    for (let z = 0; z < batch; z++) {
      for (let m = 0; m < M; m++) {
        for (let n = 0; n < N; n++) {
          let sum = 0;
          for (let k = 0; k < K; k++) {
            sum += at(a!, z * M * K, m, k, M, K, layout === "TN") *
              at(b!, z * K * N, k, n, K, N, layout === "NT");
          }
          data[z * M * N + m * N + n] = alpha * sum;
        }
      }
    }
    return [{ shape, data }];
  },
  backward([a, b], { layout, alpha }, [dc]) {
    const { M, N, K, batch } = matmulSizes(a!.shape, b!.shape, layout);
    const [da, db] = [new Float64Array(a!.data.length), new Float64Array(b!.data.length)];
    for (let z = 0; z < batch; z++) {
      for (let m = 0; m < M; m++) {
        for (let n = 0; n < N; n++) {
          const d = alpha * dc!.data[z * M * N + m * N + n]!;
          for (let k = 0; k < K; k++) {
            const i = z * M * K + (layout === "TN" ? k * M + m : m * K + k);
            const j = z * K * N + (layout === "NT" ? n * K + k : k * N + n);
            da[i]! += d * b!.data[j]!;
            db[j]! += d * a!.data[i]!;
          }
        }
      }
    }
    return [{ shape: a!.shape, data: da }, { shape: b!.shape, data: db }];
  },
};

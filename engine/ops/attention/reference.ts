import type { Reference, Values } from "../../autograd/op.ts";
import type { AttentionAttributes } from "./mod.ts";

/** One query of one head with one key that it sees: where both begin, and the key's weight. */
interface Look {
  readonly query: number;
  readonly key: number;
  readonly weight: number;
}

const dot = (a: Float64Array, b: Float64Array, i: number, j: number, D: number) => {
  let sum = 0;
  for (let d = 0; d < D; d++) sum += a[i + d]! * b[j + d]!;
  return sum;
};

/** For each query of each head: softmax of its scaled scores over the keys that it sees. */
function looks([q, k, , spans]: readonly Values[], { window, scale }: AttentionAttributes): Look[][] {
  const [B, T, H, D] = q!.shape as [number, number, number, number];
  const [, S, kvHeads] = k!.shape as [number, number, number], all: Look[][] = [];
  for (let b = 0; b < B; b++) {
    const [first, start, end] = spans!.data.subarray(3 * b) as unknown as [number, number, number];
    for (let t = 0; t < T; t++) {
      for (let h = 0; h < H; h++) {
        const query = ((b * T + t) * H + h) * D, kvHead = Math.floor(h / (H / kvHeads)), position = start + t;
        const seen = Array.from({ length: S }, (_, c) => c).filter((c) =>
          c >= first && c < end && c <= position && (window === 0 || c > position - window)
        );
        const keys = seen.map((c) => ((b * S + c) * kvHeads + kvHead) * D);
        const scores = keys.map((key) => scale * dot(q!.data, k!.data, query, key, D));
        const highest = Math.max(...scores), powers = scores.map((s) => Math.exp(s - highest));
        const total = powers.reduce((a, b) => a + b, 0);
        all.push(keys.map((key, i) => ({ query, key, weight: powers[i]! / total })));
      }
    }
  }
  return all;
}

const zeros = ({ data }: Values) => new Float64Array(data.length);

/** y += factor · x over one head. */
function add(y: Float64Array, at: number, factor: number, x: Float64Array, from: number, D: number): void {
  for (let d = 0; d < D; d++) y[at + d]! += factor * x[from + d]!;
}

/** Softmax over the keys that a query sees, times their values, and the gradients by the rules of softmax and product. */
export const attentionReference: Reference<AttentionAttributes> = {
  forward(inputs, attributes) {
    const [q, , v] = inputs as [Values, Values, Values], D = q.shape[3]!, y = zeros(q);
    for (const { query, key, weight } of looks(inputs, attributes).flat()) {
      add(y, query, weight, v.data, key, D);
    }
    return [{ shape: q.shape, data: y }];
  },
  backward(inputs, attributes, [dy]) {
    const [q, k, v] = inputs as [Values, Values, Values], D = q.shape[3]!;
    const [dq, dk, dv] = [zeros(q), zeros(k), zeros(v)];
    for (const seen of looks(inputs, attributes)) {
      const dp = seen.map(({ query, key }) => dot(dy!.data, v.data, query, key, D));
      const delta = seen.reduce((sum, { weight }, i) => sum + weight * dp[i]!, 0);
      seen.forEach(({ query, key, weight }, i) => {
        const ds = attributes.scale * weight * (dp[i]! - delta);
        add(dq, query, ds, k.data, key, D);
        add(dk, key, ds, q.data, query, D);
        add(dv, key, weight, dy!.data, query, D);
      });
    }
    return [
      { shape: q.shape, data: dq },
      { shape: k.shape, data: dk },
      { shape: v.shape, data: dv },
      undefined,
    ];
  },
};

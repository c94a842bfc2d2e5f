import {
  apply,
  dispatch,
  elementCount,
  entry,
  foldedGrid,
  kernel,
  type Op,
  type Reference,
  temporary,
  type Tensor,
} from "../../../engine/mod.ts";
import source from "./extend.wgsl" with { type: "text" };

/** `into` receives the result where given; else it is a temporary. */
interface ExtendAttributes extends Record<string, unknown> {
  readonly into?: Tensor;
}

const op: Op<ExtendAttributes> = {
  name: "extend_cache",
  formula: "y[r] = x[parents[r]] up to position p, then fresh[r], then 0",
  forward([past, fresh, parents, spans], { into }) {
    const [, S] = past!.shape as [number, number, number, number];
    const [R, T, H, D] = fresh!.shape as [number, number, number, number];
    const present = into ?? temporary("extend_cache", [R, S, H, D]);
    const count = elementCount(present.shape), C = H * D, vec4 = C % 4 === 0;
    dispatch({
      op: "extend_cache",
      kernel: kernel("model/gemma3/cache/extend.wgsl", source, vec4 ? { WIDTH: 4, elem: "vec4f" } : {}),
      tensors: { past: past!, fresh: fresh!, parents: parents!, spans: spans!, present },
      params: { count, S, T, C },
      grid: foldedGrid(Math.ceil(count / (vec4 ? 256 : 64))),
      flops: 0,
    });
    return { outputs: [present] };
  },
  backward: "not differentiable",
};

/**
 * Keys, or values, of every row so far: what its parent row held before, then the fresh ones, then zeros, so that
 * nothing of an earlier text is left.
 *
 * @param past [P, S, H, D]; its first `spans[r, 1]` positions count
 * @param fresh [R, T, H, D], those of positions `spans[r, 1]` on
 * @param parents u32 [R], each below P
 * @param spans u32 [R, 3], as attention takes them; the middle column is the position of the first query
 * @param into [R, S, H, D], in another slot than `past`; returned
 */
export function extendCache(
  past: Tensor,
  fresh: Tensor,
  parents: Tensor,
  spans: Tensor,
  into: Tensor,
): Tensor {
  return apply(op, [past, fresh, parents, spans], { into })[0]!;
}

const reference: Reference<ExtendAttributes> = {
  forward([past, fresh, parents, spans]) {
    const [, S, H, D] = past!.shape as [number, number, number, number], [R, T] = fresh!.shape, C = H * D;
    const shape = [R!, S, H, D], data = new Float64Array(elementCount(shape));
    for (let r = 0; r < R!; r++) {
      const parent = parents!.data[r]!, first = spans!.data[3 * r + 1]!;
      for (let s = 0; s < Math.min(S, first + T!); s++) {
        const [from, row] = s < first ? [past!.data, parent * S + s] : [fresh!.data, r * T! + s - first];
        data.set(from.subarray(row * C, (row + 1) * C), (r * S + s) * C);
      }
    }
    return [{ shape, data }];
  },
};

/** The op with its reference and cases: prompts and steps, rows that fork and rows that end, odd and vec4 widths. */
export const extendCacheEntry = entry(
  op,
  reference,
  [
    { name: "one row forks into three", P: 1, R: 3, H: 2, S: 7, T: 1, D: 5 },
    { name: "three rows become two", P: 3, R: 2, H: 1, S: 9, T: 1, D: 8 },
    { name: "two rows grow by three positions", P: 2, R: 2, H: 3, S: 8, T: 3, D: 12 },
  ].map(({ name, P, R, H, S, T, D }) => ({
    name,
    inputs: [
      { shape: [P, S, H, D] },
      { shape: [R, T, H, D] },
      { shape: [R], below: P },
      { shape: [R, 3], below: S - T + 1 },
    ],
    attributes: {},
  })),
);

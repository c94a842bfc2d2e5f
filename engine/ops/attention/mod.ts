import { apply } from "../../autograd/apply.ts";
import type { BackwardContext, Op } from "../../autograd/op.ts";
import { kernel } from "../../compiler/kernel.ts";
import { ShapeError } from "../../core/errors.ts";
import { formatShape, sameShape, type Shape } from "../../core/shape.ts";
import { dispatch, temporary } from "../../program/record.ts";
import { foldedGrid } from "../../program/slices.ts";
import type { Tensor } from "../../program/tensor.ts";
import { choose, type Part, type Sizes, type Variant } from "./launch.ts";
import stats from "./stats.wgsl" with { type: "text" };

/** Attributes of the op; `variant` only in tests and benchmarks, else the device decides. */
export interface AttentionAttributes extends Record<string, unknown> {
  readonly window: number;
  readonly scale: number;
  readonly variant?: Variant;
}

function sizesOf(q: Shape, k: Shape, v: Shape, spans: Shape): Sizes {
  const [B, T, H, D] = q as [number, number, number, number], [, S, kvHeads] = k as [number, number, number];
  const refuse = (cause: string) => {
    throw new ShapeError(
      "attention",
      `Cannot attend from q ${formatShape(q)} to k ${formatShape(k)} and v ${formatShape(v)} as ${cause}`,
      [q, k, v],
    );
  };
  if (q.length !== 4 || k.length !== 4) refuse("q must be [B, T, H, D] and k and v [B, S, H_kv, D]");
  if (!sameShape(k, v)) refuse("k and v must have one shape");
  if (k[0] !== B || k[3] !== D) refuse("all must have the same first and last axis");
  if (H % kvHeads !== 0) refuse(`${H} heads cannot share ${kvHeads} heads of keys evenly`);
  if (!sameShape(spans, [B, 3])) refuse(`spans must be [${B}, 3]: got ${formatShape(spans)}`);
  return { B, T, S, H, G: H / kvHeads, D };
}

/** Above any position: a window that ends nowhere. */
const NO_WINDOW = 0xffffffff;

/** One of the three kernels. @param products times that it multiplies a query by a key, channel by channel */
function launch(
  part: Part,
  sizes: Sizes,
  { window, scale, variant }: AttentionAttributes,
  tensors: Readonly<Record<string, Tensor>>,
  products: number,
): void {
  const { B, T, S, H, D } = sizes;
  dispatch({
    op: part === "forward" ? "attention" : "attention.backward",
    ...choose(part, sizes, variant),
    tensors,
    params: { ...sizes, window: window || NO_WINDOW, scale },
    flops: 2 * products * B * T * S * H * D, // as if every query saw every key
  });
}

function backward(
  { inputs, outputs: [y], saved: [lse], attributes, gradients: [dy], needs }: BackwardContext<
    AttentionAttributes
  >,
): (Tensor | undefined)[] {
  const [q, k, v, spans] = inputs as [Tensor, Tensor, Tensor, Tensor];
  const sizes = sizesOf(q.shape, k.shape, v.shape, spans.shape), { B, T, H, D } = sizes;
  const pairs = temporary("attention stats", [B, T, H, 2]), vec4 = D % 4 === 0;
  dispatch({
    op: "attention.backward",
    kernel: kernel("ops/attention/stats.wgsl", stats, vec4 ? { WIDTH: 4, elem: "vec4f" } : {}),
    tensors: { y: y!, dy: dy!, lse: lse!, stats: pairs },
    params: { rows: B * T * H, D },
    grid: foldedGrid(Math.ceil(B * T * H / 64)),
    rounds: vec4 ? D / 4 : D,
    flops: 2 * B * T * H * D,
  });
  const given = { q, k, v, spans, dy: dy!, stats: pairs };
  let dq: Tensor | undefined, dk: Tensor | undefined, dv: Tensor | undefined;
  if (needs(0)) {
    dq = temporary("d q", q.shape);
    launch("backward_query", sizes, attributes, { ...given, dq }, 3);
  }
  if (needs(1) || needs(2)) {
    dk = temporary("d k", k.shape);
    dv = temporary("d v", v.shape);
    launch("backward_key", sizes, attributes, { ...given, dk, dv }, 4);
  }
  return [dq, dk, dv, undefined];
}

/** The op, for the registry; use {@link attention}. */
export const attentionOp: Op<AttentionAttributes> = {
  name: "attention",
  formula: "y_t = Σ_c softmax_c(scale q_t · k_c) v_c over the keys c that query t sees",
  forward([q, k, v, spans], attributes) {
    const sizes = sizesOf(q!.shape, k!.shape, v!.shape, spans!.shape), { B, T, H } = sizes;
    const y = temporary("attention", q!.shape), lse = temporary("attention lse", [B, T, H]);
    launch("forward", sizes, attributes, { q: q!, k: k!, v: v!, spans: spans!, y, lse }, 2);
    return { outputs: [y], saved: [lse] };
  },
  backward,
};

/**
 * Causal attention in one pass over the keys: the scores [B, H, T, S] never stand in memory. Query t of a row has the
 * position `spans[b, 1] + t`; it sees keys up to its own position, no earlier than the window, and none that is padding.
 * A query that sees no key gives zeros.
 *
 * After FlashAttention-2 (Dao 2023, arXiv:2307.08691): a running maximum and sum, the logarithm of the sum kept for the
 * gradients, which compute the scores again.
 *
 * @param q [B, T, H, D]
 * @param k [B, S, H_kv, D], as `v`; H is a multiple of H_kv, and H / H_kv query heads in a row share one of k and v
 * @param spans u32 [B, 3]: first key that counts (left padding), position of the first query (length of the cache), and
 *   the key that no query sees any more (right padding; any large number for none)
 * @param window sliding window W (a query sees keys c > position - W, itself included), or 0 for none
 * @param scale of the scores
 * @returns [B, T, H, D]
 * @throws {ShapeError} where sizes disagree
 */
export function attention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  spans: Tensor,
  window: number,
  scale: number,
): Tensor {
  return apply(attentionOp, [q, k, v, spans], { window, scale })[0]!;
}

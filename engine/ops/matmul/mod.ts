import { apply } from "../../autograd/apply.ts";
import type { BackwardContext, Op } from "../../autograd/op.ts";
import { ShapeError } from "../../core/errors.ts";
import { axis, elementCount, formatShape, sameShape, type Shape } from "../../core/shape.ts";
import { temporary } from "../../program/record.ts";
import type { Tensor } from "../../program/tensor.ts";
import type { Layout, Variant } from "../../core/choices.ts";
import { product } from "./launch.ts";

export { type Epilogue, type Product, product } from "./launch.ts";
export { type Excluded, kernelsFingerprint, measureProducts, type Tuned, type TunedClass } from "./tune.ts";

/** Attributes of the op; `variant` only in tests and benchmarks, else the device decides. */
export interface MatmulAttributes extends Record<string, unknown> {
  readonly layout: Layout;
  readonly alpha: number;
  readonly variant?: Variant;
}

/** M, N, K, batch and the result's shape. A weight [N, K] without batch axes serves all rows of A at once. */
export function matmulSizes(
  a: Shape,
  b: Shape,
  layout: Layout,
): { M: number; N: number; K: number; batch: number; shape: Shape } {
  const [aInner, bInner] = [layout === "TN" ? -2 : -1, layout === "NT" ? -1 : -2] as const;
  const [K, N] = [axis(a, aInner), axis(b, layout === "NT" ? -2 : -1)];
  const name = (shape: Shape, index: number) => shape.length + index;
  if (K !== axis(b, bInner)) {
    throw new ShapeError(
      "matmul",
      `Cannot matmul a ${formatShape(a)} by b ${
        formatShape(b)
      } in layout ${layout} as inner sizes must be equal: ` +
        `got ${K} (a, axis ${name(a, aInner)}) and ${axis(b, bInner)} (b, axis ${name(b, bInner)})`,
      [a, b],
    );
  }
  if (b.length === 2 && layout !== "TN") {
    return { M: elementCount(a.slice(0, -1)), N, K, batch: 1, shape: [...a.slice(0, -1), N] };
  }
  const batchAxes = a.slice(0, -2);
  if (!sameShape(batchAxes, b.slice(0, -2))) {
    throw new ShapeError(
      "matmul",
      `Cannot matmul a ${formatShape(a)} by b ${formatShape(b)} as their batch axes differ: ` +
        `got ${formatShape(batchAxes)} and ${formatShape(b.slice(0, -2))}`,
      [a, b],
    );
  }
  const M = axis(a, layout === "TN" ? -1 : -2);
  return { M, N, K, batch: elementCount(batchAxes), shape: [...batchAxes, M, N] };
}

/** Layouts of the two gradients: which operands, in which order. */
function backward(
  { inputs: [a, b], attributes, gradients: [dc], needs, destination }: BackwardContext<MatmulAttributes>,
) {
  const { layout, alpha, variant } = attributes, { M, N, K, batch } = matmulSizes(a!.shape, b!.shape, layout);
  const gradient = (
    input: number,
    spec: { layout: Layout; a: Tensor; b: Tensor; M: number; N: number; K: number },
  ) => {
    if (!needs(input)) return undefined;
    const { tensor: c, accumulate } = destination(input), epilogue = accumulate ? "add" : "store";
    product({ op: "matmul.backward", ...spec, c, batch, alpha, epilogue }, variant);
    return c;
  };
  if (layout === "NN") { // C = AB: dA = dC Bᵀ, dB = Aᵀ dC
    return [
      gradient(0, { layout: "NT", a: dc!, b: b!, M, N: K, K: N }),
      gradient(1, { layout: "TN", a: a!, b: dc!, M: K, N, K: M }),
    ];
  }
  if (layout === "NT") { // C = ABᵀ: dA = dC B, dB = dCᵀ A
    return [
      gradient(0, { layout: "NN", a: dc!, b: b!, M, N: K, K: N }),
      gradient(1, { layout: "TN", a: dc!, b: a!, M: N, N: K, K: M }),
    ];
  }
  return [ // C = AᵀB: dA = B dCᵀ, dB = A dC
    gradient(0, { layout: "NT", a: b!, b: dc!, M: K, N: M, K: N }),
    gradient(1, { layout: "NN", a: a!, b: dc!, M: K, N, K: M }),
  ];
}

/** The op, for the registry; use {@link matmul} and {@link linear}. */
export const matmulOp: Op<MatmulAttributes> = {
  name: "matmul",
  formula: "C[m, n] = alpha Σ_k A[m, k] B[k, n]",
  forward([a, b], { layout, alpha, variant }) {
    const { M, N, K, batch, shape } = matmulSizes(a!.shape, b!.shape, layout);
    const c = temporary("matmul", shape);
    product({ op: "matmul", layout, a: a!, b: b!, c, M, N, K, batch, alpha }, variant);
    return { outputs: [c] };
  },
  backward,
};

/**
 * alpha · A B over the last two axes, batch axes equal. Layout NT takes B as [.., N, K], TN takes A as [.., K, M].
 * Throws ShapeError where sizes disagree.
 */
export function matmul(a: Tensor, b: Tensor, layout: Layout = "NN", alpha = 1): Tensor {
  return apply(matmulOp, [a, b], { layout, alpha })[0]!;
}

/** x wᵀ for x [.., C_in] and a weight [C_out, C_in], as linear layers store it; no bias. */
export function linear(x: Tensor, weight: Tensor): Tensor {
  return matmul(x, weight, "NT");
}

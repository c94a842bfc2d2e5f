import { apply } from "../../autograd/apply.ts";
import type { Op } from "../../autograd/op.ts";
import type { Variant } from "../../core/choices.ts";
import { ShapeError } from "../../core/errors.ts";
import { formatShape, sameShape } from "../../core/shape.ts";
import { temporary } from "../../program/record.ts";
import type { Tensor } from "../../program/tensor.ts";
import { gatedGelu } from "../elementwise/mod.ts";
import { linear, matmulSizes, product } from "../matmul/mod.ts";

/** Attributes of the op; `variant` only in tests and benchmarks, else the device decides. */
export interface GatedLinearAttributes extends Record<string, unknown> {
  readonly variant?: Variant;
}

/** The op, for the registry; use {@link gatedLinear}. */
export const gatedLinearOp: Op<GatedLinearAttributes> = {
  name: "gated_linear",
  formula: "y = gelu_tanh(x gateᵀ) (x upᵀ)",
  forward([x, gate, up], { variant }) {
    if (!sameShape(gate!.shape, up!.shape)) {
      const [a, b] = [gate!.shape, up!.shape];
      throw new ShapeError(
        "gated_linear",
        `Cannot gate by weights ${formatShape(a)} what weights ${
          formatShape(b)
        } make as the shapes must be equal`,
        [a, b],
      );
    }
    const { M, N, K, shape } = matmulSizes(x!.shape, gate!.shape, "NT"), y = temporary("gated_linear", shape);
    const common = { op: "gated_linear", layout: "NT", a: x!, c: y, M, N, K } as const;
    product({ ...common, b: gate! }, variant);
    product({ ...common, b: up!, epilogue: "gate" }, variant); // gelu(y) times it, in place
    return { outputs: [y] };
  },
  backward: "not differentiable",
};

/**
 * gelu_tanh(x gateᵀ) · (x upᵀ), elementwise: the inside of Gemma's MLP, for x [.., C_in] and two weights [C_out, C_in].
 *
 * Where nothing is differentiable neither x gateᵀ nor x upᵀ is kept: the second product finishes what the first wrote.
 * Gradients need both, so else it is made of {@link linear} and {@link gatedGelu}.
 * Throws ShapeError where sizes disagree.
 */
export function gatedLinear(x: Tensor, gate: Tensor, up: Tensor): Tensor {
  if ([x, gate, up].some(({ differentiable }) => differentiable)) {
    return gatedGelu(linear(x, gate), linear(x, up));
  }
  return apply(gatedLinearOp, [x, gate, up], {})[0]!;
}

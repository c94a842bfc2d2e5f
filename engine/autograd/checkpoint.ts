import { scope } from "../program/record.ts";
import type { Tensor } from "../program/tensor.ts";
import { apply, RECOMPUTE, tapeLength, tapeOf } from "./apply.ts";
import type { Op } from "./op.ts";

type F = (...inputs: Tensor[]) => Tensor;

const op: Op<{ readonly f: F }> = {
  name: "checkpoint",
  formula: "y = f(x), computed once more for the gradient",
  forward(inputs, { f }) {
    const y = f(...inputs);
    if (y.differentiable && !inputs.some((input) => input.differentiable)) {
      throw new TypeError(
        "Cannot checkpoint f as gradients flow into its result and into none of its inputs",
      );
    }
    // Another tensor over the same memory: the tape within f is reachable no more.
    return { outputs: [{ ...y }] };
  },
  backward({ inputs, attributes: { f }, walk }) {
    // New tensors over the same memory: on the tape they have no past, so the walk ends at them.
    const again = inputs.map((input) => ({ ...input })), start = tapeLength();
    const y = scope(RECOMPUTE, () => f(...again));
    if (tapeOf(y).some(({ place }) => place < start)) {
      throw new TypeError(
        "Cannot checkpoint f as it uses a tensor that was computed outside of it; pass that as an input",
      );
    }
    return walk(y, again);
  },
};

/**
 * f(inputs), forgetting what f computes on the way: its gradient records f again, right before walking back through it
 * (Chen et al., Training Deep Nets with Sublinear Memory Cost, 2016). Values and gradients have the bits that they have
 * without, where nothing but f uses the inputs (else an input's gradients add up in another order); memory holds the inputs in place of everything inside, for one more forward pass of f.
 *
 * @param f records the same every time; parameters may be captured, whatever else gradients flow into must be an input
 * @throws TypeError where no input is differentiable though the result is; the walk back, for a captured intermediate
 */
export function checkpoint(f: F, inputs: readonly Tensor[]): Tensor {
  return apply(op, inputs, { f })[0]!;
}

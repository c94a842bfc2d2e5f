import type { Expression } from "../compiler/expression.ts";
import { bind, type Elementwise, inFours } from "./elementwise.ts";
import { dispatch } from "./record.ts";
import { flatSlices, foldedGrid, part } from "./slices.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Records `into[i] = value(inputs[0][i], inputs[1][i], ...)`, slice by slice; `into` may be one of the inputs.
 *
 * @param op name in the Program
 * @param flops operations that count for an element
 */
export function map(op: string, value: Expression, inputs: readonly Tensor[], into: Tensor, flops = 1): void {
  for (const slice of flatSlices(into)) {
    const tensor = part(into, slice), length = slice.end - slice.start;
    const elementwise: Elementwise = {
      inputs: inputs.map((input) => part(input, slice)),
      outputs: [{ tensor, value }],
    };
    const count = inFours(tensor) ? length / 4 : length;
    dispatch({
      op,
      ...bind(op, elementwise),
      params: { count },
      grid: foldedGrid(Math.ceil(count / 64)),
      flops: flops * length,
      elementwise,
    });
  }
}

/** A Program, what was observed of it and how long it took, as the JSON of a recording. */
import { accesses, type Plan, type Program } from "../../../engine/mod.ts";
import type { RecordedDispatch, RecordedKernel, RecordedSlot, Recording } from "../recording.ts";
import { formulaOf } from "./formulas.ts";
import type { Observed } from "./observe.ts";

/** Kernels, slots and dispatches, each named once and then by its index. */
export function describeProgram(
  { dispatches, lifetimes }: Program,
  { places, sizes }: Plan,
  observed: readonly Observed[],
  milliseconds: ArrayLike<number>,
): Pick<Recording, "kernels" | "slots" | "dispatches" | "pool"> {
  const slots = [...lifetimes.keys()], slotIndex = new Map(slots.map((slot, i) => [slot, i]));
  const kernels = [...new Set(dispatches.map(({ kernel }) => kernel))];
  return {
    pool: sizes,
    kernels: kernels.map(({ file, knobs, code, bindings, params }): RecordedKernel => ({
      ...{ file, knobs, code, bindings, params },
    })),
    slots: slots.map((slot): RecordedSlot => {
      const { first, last } = lifetimes.get(slot)!, place = places.get(slot), { name, role, bytes } = slot;
      return { name, role, bytes, first, last, ...place && { place } };
    }),
    dispatches: dispatches.map((dispatch, index): RecordedDispatch => {
      const { op, scope, kernel, params, grid, bytes, flops, joined } = dispatch;
      const { kept, tensors } = observed[index]!, formula = formulaOf(op);
      return {
        op,
        ...formula !== undefined && { formula },
        ...{ scope, kernel: kernels.indexOf(kernel), params, grid, bytes, flops },
        tensors: accesses(dispatch).map(({ name, tensor, write }, i) => ({
          name,
          slot: slotIndex.get(tensor.slot)!,
          ...{ offset: tensor.offset, shape: tensor.shape, dtype: tensor.dtype, write },
          ...tensors[i],
        })),
        ...joined && { joined: joined.dispatches },
        milliseconds: Number(milliseconds[index]!.toPrecision(4)),
        kept: kept !== undefined,
        ...kept?.sample && { sample: kept.sample },
      };
    }),
  };
}

import { elementwiseKernel, resultName } from "../compiler/elementwise.ts";
import { type Expression, input, inputsOf, substitute } from "../compiler/expression.ts";
import type { Kernel } from "../compiler/kernel.ts";
import { elementCount } from "../core/shape.ts";
import type { Tensor } from "./tensor.ts";

/** What an elementwise dispatch computes, element by element: data that the fusion pass can read and join. */
export interface Elementwise {
  /** What `input(i)` of the expressions reads. */
  readonly inputs: readonly Tensor[];
  /** What is written; all loads come before all stores, so a tensor may stand on both sides. */
  readonly outputs: readonly Output[];
}

/** A tensor and what is written to it. */
export interface Output {
  readonly tensor: Tensor;
  readonly value: Expression;
}

/** True for the same elements of the same slot, whatever the shape. */
export function samePlace(a: Tensor, b: Tensor): boolean {
  return a.slot === b.slot && a.offset === b.offset && elementCount(a.shape) === elementCount(b.shape);
}

/** The kernel of an elementwise dispatch, and its tensors by the names of the bindings. */
export function bind(
  name: string,
  { inputs, outputs }: Elementwise,
): { kernel: Kernel; tensors: Record<string, Tensor> } {
  const read = [...new Set(outputs.flatMap(({ value }) => [...inputsOf(value)]))].sort((a, b) => a - b);
  const values = substitute(outputs.map(({ value }) => value), (index) => input(read.indexOf(index)));
  const place = ({ tensor }: Output) => read.findIndex((index) => samePlace(inputs[index]!, tensor));
  const results = outputs.map((output, k) => ({
    value: values[k]!,
    inPlace: place(output) < 0 ? undefined : place(output),
  }));
  const written = new Set(results.map(({ inPlace }) => inPlace));
  return {
    kernel: elementwiseKernel(name, results, inFours(outputs[0]!.tensor)),
    tensors: Object.fromEntries([
      ...read.map((index, i) => [`x${i}s`, inputs[index]!] as const).filter((_, i) => !written.has(i)),
      ...outputs.map(({ tensor }, k) => [resultName(k, outputs.length), tensor] as const),
    ]),
  };
}

/** Whether kernels take four elements at a time; slices begin at multiples of 64, so the length decides. */
export function inFours(tensor: Tensor): boolean {
  return elementCount(tensor.shape) % 4 === 0;
}

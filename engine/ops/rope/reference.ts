import type { Reference, Values } from "../../autograd/op.ts";
import type { RopeAttributes } from "./mod.ts";

function turn(
  [x, cosine, sine, positions]: readonly Values[],
  { inner }: RopeAttributes,
  sign: number,
): Values {
  const D = x!.shape.at(-1)!, half = D / 2, T = positions!.data.length, y = new Float64Array(x!.data.length);
  for (let row = 0; row < y.length / D; row++) {
    const position = positions!.data[Math.floor(row / inner) % T]!;
    for (let i = 0; i < half; i++) {
      const c = cosine!.data[position * half + i]!, s = sign * sine!.data[position * half + i]!;
      const a = x!.data[row * D + i]!, b = x!.data[row * D + half + i]!;
      y[row * D + i] = a * c - b * s;
      y[row * D + half + i] = b * c + a * s;
    }
  }
  return { shape: x!.shape, data: y };
}

/** The rotation and its transpose. */
export const ropeReference: Reference<RopeAttributes> = {
  forward: (inputs, attributes) => [turn(inputs, attributes, 1)],
  backward: (
    [, ...tables],
    attributes,
    [dy],
  ) => [turn([dy!, ...tables], attributes, -1), undefined, undefined, undefined],
};

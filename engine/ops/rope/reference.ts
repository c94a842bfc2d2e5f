import type { Attributes, Reference, Values } from "../../autograd/op.ts";

function turn([x, cosine, sine, positions]: readonly Values[], sign: number): Values {
  const [T, H, D] = x!.shape.slice(-3) as [number, number, number],
    half = D / 2,
    y = new Float64Array(x!.data.length);
  for (let row = 0; row < y.length / D; row++) {
    const position = positions!.data[Math.floor(row / H) % T]!;
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
export const ropeReference: Reference<Attributes> = {
  forward: (inputs) => [turn(inputs, 1)],
  backward: ([, ...tables], _, [dy]) => [turn([dy!, ...tables], -1), undefined, undefined, undefined],
};

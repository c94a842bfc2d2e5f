import type { Case } from "../../autograd/op.ts";
import type { RopeAttributes } from "./mod.ts";

const inputs = (shape: number[], T: number) => [
  { shape, range: [-1, 1] as const },
  { shape: [9, shape.at(-1)! / 2], range: [-1, 1] as const },
  { shape: [9, shape.at(-1)! / 2], range: [-1, 1] as const },
  { shape: [T], below: 9 },
];

/** Both axis orders, odd numbers of positions, half a width that is no multiple of four. */
export const ropeCases: readonly Case<RopeAttributes>[] = [
  { name: "[B, H, T, D]", inputs: inputs([2, 3, 5, 6], 5), attributes: { inner: 1 } },
  { name: "[B, T, H, D]", inputs: inputs([2, 7, 3, 16], 7), attributes: { inner: 3 } },
];

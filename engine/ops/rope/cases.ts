import type { Attributes, Case } from "../../autograd/op.ts";

/** Odd and vec4 halves, more positions than a workgroup has rows. */
export const ropeCases: readonly Case<Attributes>[] = [[2, 5, 3, 6], [3, 17, 1, 16]].map((shape) => {
  const table = { shape: [9, shape.at(-1)! / 2], range: [-1, 1] as const };
  return {
    name: `[${shape}]`,
    inputs: [{ shape, range: [-1, 1] as const }, table, table, { shape: [shape.at(-3)!], below: 9 }],
    attributes: {},
  };
});

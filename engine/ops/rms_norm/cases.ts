import type { Case } from "../../autograd/op.ts";
import type { RmsNormAttributes } from "./mod.ts";

/** Rows that are no multiple of a lane count, columns with and without vec4, more rows than one part of dw. */
export const rmsNormCases: readonly Case<RmsNormAttributes>[] =
  ([[3, 7], [5, 64], [2, 3, 20], [130, 12]] as const).flatMap((shape) =>
    [false, true].map((naive) => ({
      name: `[${shape}]${naive ? " naive" : ""}`,
      inputs: [{ shape, range: [-2, 2] as const }, { shape: [shape.at(-1)!], range: [-0.5, 0.5] as const }],
      attributes: { eps: 1e-6, naive },
    }))
  );

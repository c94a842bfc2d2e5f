import type { Case } from "../../autograd/op.ts";
import type { RmsNormAttributes } from "./mod.ts";

const SHAPES = [[3, 7], [5, 64], [2, 3, 20], [130, 12], [35, 76]] as const;

/**
 * Rows that are no multiple of a lane count, columns with and without vec4, more rows than one part of dw, rows that end
 * beyond what registers hold; each with and without a residual.
 */
export const rmsNormCases: readonly Case<RmsNormAttributes>[] = SHAPES.flatMap((shape) =>
  [false, true].flatMap((residual) =>
    [false, true].map((naive) => ({
      name: `[${shape}]${residual ? " with residual" : ""}${naive ? " naive" : ""}`,
      inputs: [
        { shape, range: [-2, 2] as const },
        { shape: [shape.at(-1)!], range: [-0.5, 0.5] as const },
        ...residual ? [{ shape, range: [-2, 2] as const }] : [],
      ],
      attributes: { eps: 1e-6, naive },
    }))
  )
);

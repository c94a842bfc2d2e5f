import type { Case } from "../../autograd/op.ts";
import type { SoftmaxAttributes } from "./mod.ts";

const both = [false, true];
const suffix = (naive: boolean) => naive ? " naive" : "";

/** One column, odd columns, vec4 columns, rows of one and of several batches and what is left over, large values. */
export const softmaxCases: readonly Case<SoftmaxAttributes>[] =
  ([[3, 1], [5, 7], [2, 3, 36], [70, 20], [3, 300]] as const).flatMap((shape) =>
    both.map((naive) => ({
      name: `[${shape}]${suffix(naive)}`,
      inputs: [{ shape, range: [-30, 30] as const }],
      attributes: { naive },
    }))
  );

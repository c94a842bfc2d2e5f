import type { Case } from "../../autograd/op.ts";
import type { MaskedSoftmaxAttributes, SoftmaxAttributes } from "./mod.ts";

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

/** Full and sliding, left and right padding and a filled cache (spans below 6), rows that see no key at all. */
export const maskedSoftmaxCases: readonly Case<MaskedSoftmaxAttributes>[] = [0, 3].flatMap((window) =>
  both.map((naive) => ({
    name: `window ${window}${suffix(naive)}`,
    inputs: [{ shape: [2, 3, 5, 7], range: [-3, 3] as const }, { shape: [2, 3], below: 6 }],
    attributes: { queries: 5, rowsPerBatch: 15, window, naive },
  }))
);

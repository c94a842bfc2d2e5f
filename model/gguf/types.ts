/** A storage type that is read: `block` values in `bytes` bytes. */
export interface GgufType {
  readonly name: string;
  readonly block: number;
  readonly bytes: number;
}

/** Storage types by their number in the file (ggml's `ggml_type`). */
export const GGUF_TYPES: ReadonlyMap<number, GgufType> = new Map([
  [0, { name: "F32", block: 1, bytes: 4 }],
  [1, { name: "F16", block: 1, bytes: 2 }],
  [2, { name: "Q4_0", block: 32, bytes: 18 }],
  [3, { name: "Q4_1", block: 32, bytes: 20 }],
  [6, { name: "Q5_0", block: 32, bytes: 22 }],
  [7, { name: "Q5_1", block: 32, bytes: 24 }],
  [8, { name: "Q8_0", block: 32, bytes: 34 }],
  [12, { name: "Q4_K", block: 256, bytes: 144 }],
  [13, { name: "Q5_K", block: 256, bytes: 176 }],
  [14, { name: "Q6_K", block: 256, bytes: 210 }],
  [30, { name: "BF16", block: 1, bytes: 2 }],
]);

/** How A and B are stored: N as in the product, T transposed. A is [M, K] (T: [K, M]), B is [K, N] (T: [N, K]). */
export type Layout = "NN" | "NT" | "TN";

/** The kernels of a product of matrices, each faster than those before it somewhere. */
export const VARIANTS = ["naive", "tiled", "registers", "vec4", "subgroup"] as const;

/** Which kernel serves a product. */
export type Variant = typeof VARIANTS[number];

/** A kernel, and the rows and columns of C that one workgroup of it makes. */
export interface Choice {
  readonly variant: Variant;
  readonly rows: number;
  readonly columns: number;
}

/** What the choice of a kernel depends on. */
export interface ProductShape {
  readonly layout: Layout;
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly batch: number;
  /** Kernels that load four elements at a time, or eight of bf16, can serve it: sizes and strides are multiples of that. */
  readonly aligned: boolean;
  /** B holds bf16. */
  readonly packed: boolean;
}

/**
 * Name of a class of products that one kernel serves best: layout, storage, and sizes to the nearest power of two.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { productClass } from "./choices.ts";
 * const shape = { layout: "NT" as const, M: 1000, N: 262144, K: 640, batch: 1, aligned: true, packed: false };
 * assert.equal(productClass(shape), "NT 1024x262144x512");
 * assert.equal(productClass({ ...shape, aligned: false }), "NT 1024x262144x512 unaligned");
 * ```
 */
export function productClass({ layout, M, N, K, aligned, packed }: ProductShape): string {
  const sizes = [M, N, K].map((size) => 2 ** Math.round(Math.log2(size))).join("x");
  return `${layout} ${sizes}${aligned ? "" : " unaligned"}${packed ? " bf16" : ""}`;
}

/** What was measured to serve best on one device, class by class, and which classes were asked for in vain. */
export interface Choices {
  /** The choice for a product; where its class is unknown, undefined, and the product is noted as wanted. */
  find(shape: ProductShape): Choice | undefined;
  /** Remembers what serves the class of a product. */
  set(name: string, choice: Choice): void;
  /** Forgets everything. */
  clear(): void;
  /** One product of each class that was asked for and is unknown. */
  wanted(): ProductShape[];
  /** All that is known, by name of the class. */
  entries(): [string, Choice][];
}

/** An empty table. */
export function createChoices(): Choices {
  const known = new Map<string, Choice>(), wanted = new Map<string, ProductShape>();
  return {
    find(shape) {
      const name = productClass(shape), choice = known.get(name);
      if (!choice && !wanted.has(name)) wanted.set(name, shape);
      return choice;
    },
    set(name, choice) {
      known.set(name, choice);
      wanted.delete(name);
    },
    clear() {
      known.clear();
      wanted.clear();
    },
    wanted: () => [...wanted.values()],
    entries: () => [...known],
  };
}

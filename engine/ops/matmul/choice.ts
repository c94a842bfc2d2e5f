import { type Choice, type ProductShape, type Variant, VARIANTS } from "../../core/choices.ts";
import type { Target } from "../../gpu/device.ts";

/** Tiles, small ones first. */
const TILES: Readonly<Record<Exclude<Variant, "subgroup">, readonly (readonly [number, number])[]>> = {
  naive: [[8, 8]],
  tiled: [[32, 32], [64, 64]],
  registers: [[32, 32], [64, 64], [128, 64]],
  vec4: [[32, 32], [64, 64], [128, 128]],
};

/** True where a kernel can serve a product on a device. */
export function serves(variant: Variant, { subgroupSize }: Target, { aligned }: ProductShape): boolean {
  if (variant === "subgroup") return aligned && subgroupSize >= 4;
  return variant !== "vec4" || aligned;
}

/** Every choice worth measuring for a product: of each kernel but `naive`, the tiles that the matrix fills, or nearly. */
export function candidates(target: Target, shape: ProductShape): Choice[] {
  return VARIANTS.slice(1).filter((variant) => serves(variant, target, shape)).flatMap((variant) => {
    const all = tiles(variant, target);
    const low = Math.min(...all.map(([rows]) => rows)),
      narrow = Math.min(...all.map(([, columns]) => columns));
    return all.filter(([rows, columns]) =>
      (rows < 2 * shape.M || rows === low) && (columns < 2 * shape.N || columns === narrow)
    ).map(([rows, columns]) => ({ variant, rows, columns }));
  });
}

/** The tiles of a kernel, small ones first; those of `subgroup` are whole blocks of a lane's vec4s wide. */
function tiles(variant: Variant, { subgroupSize }: Target): readonly (readonly [number, number])[] {
  if (variant !== "subgroup") return TILES[variant];
  const wide = [1, 2].map((blocks) => 4 * subgroupSize * blocks);
  return [4, 8, 16, 32, 64].flatMap((rows) => wide.map((columns) => [rows, columns] as const));
}

/** What was measured to serve a product best on a device, else what usually does. */
export function choose(target: Target, shape: ProductShape): Choice {
  const measured = target.choices?.find(shape);
  // A class holds products whose sizes differ a little: the kernel must serve this one too.
  return measured && serves(measured.variant, target, shape) ? measured : defaultChoice(target, shape);
}

/** What serves well where nothing was measured, by what kind of device it is. */
export function defaultChoice(target: Target, shape: ProductShape): Choice {
  const variant = (target.software ? ["subgroup", "registers"] as const : ["vec4", "tiled"] as const)
    .find((variant) => serves(variant, target, shape))!;
  return choiceOf(variant, target, shape);
}

/** The usual tile of a kernel for a product. */
export function choiceOf(variant: Variant, { subgroupSize }: Target, { M, N, K }: ProductShape): Choice {
  if (variant === "subgroup") {
    // Taller tiles load less and take longer to compile: 64 rows pay from some 2^30 operations on.
    const rows = M <= 4 ? 4 : M <= 8 ? 8 : M <= 16 ? 16 : 2 * M * N * K < 2 ** 30 ? 32 : 64;
    return {
      variant,
      rows,
      columns: N <= 4 * subgroupSize ? 4 * subgroupSize : Math.max(64, 4 * subgroupSize),
    };
  }
  const sides = TILES[variant], [rows, columns] = M >= 64 && N >= 64 ? sides[1] ?? sides[0]! : sides[0]!;
  return { variant, rows, columns };
}

/** The products that importance is made of, and the op with its definition and cases. */
import { type Entry, entry } from "../../../engine/mod.ts";
import { rowProductsCases } from "./cases.ts";
import { rowProductsReference } from "./reference.ts";
import { rowProductsOp } from "./row_products.ts";

export { PRODUCTS, recordRowProducts } from "./row_products.ts";

/** For tests and for walks over every op. */
export const rowProductsEntry: Entry = entry(rowProductsOp, rowProductsReference, rowProductsCases);

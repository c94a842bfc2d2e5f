/** Pebble: a small closed world that writes its own training text. */
export {
  type PebbleDocument,
  type PebbleDocumentOptions,
  pebbleDocuments,
  type PebbleSplit,
  pebbleSplit,
  type PebbleSplitName,
  type PebbleSubset,
  TOKEN_SHARES,
} from "./documents.ts";
export { heldOut, type HeldOutKind } from "./held_out.ts";
export { cacheWords, type EncodeText, packedRows, type PackedRowsOptions } from "./rows.ts";

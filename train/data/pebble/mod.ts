/** Pebble: a small closed world that writes its own training text. */
import { fileURLToPath } from "node:url";

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
export {
  type ArcEasyRow,
  type HellaswagRow,
  type LambadaRow,
  PEBBLE_TASK_SEED,
  type PebbleTasks,
  pebbleTasks,
  type PiqaRow,
  type WinograndeRow,
} from "./tasks/mod.ts";
export { cacheWords, type EncodeText, packedRows, type PackedRowsOptions } from "./rows.ts";

/** Directory of Pebble's tokenizer. */
export const PEBBLE_TOKENIZER: string = fileURLToPath(new URL("files", import.meta.url));
/** Directory of Pebble's teacher, as `lapidary pretrain` wrote it. */
export const PEBBLE_TEACHER: string = fileURLToPath(new URL("teacher", import.meta.url));

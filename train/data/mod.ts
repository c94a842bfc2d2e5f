/** Data: documents, rows, split, order, batches. */
export {
  batcher,
  bucketFor,
  bucketLengths,
  chunk,
  longestRow,
  type MicroBatch,
  microBatch,
  type PaddedBatch,
  paddedBatch,
  predictedPads,
} from "./batches.ts";
export {
  type Document,
  parquetDocuments,
  parseJsonLines,
  parseText,
  readDocuments,
  TEXT_COLUMN,
} from "./documents.ts";
export { mt19937 } from "./mt19937.ts";
export { countSteps, epochOrder, epochSteps, type OrderOptions, type StepRows } from "./order.ts";
export { loadRows, makeRows, packRows, type Row, type RowOptions } from "./rows.ts";
export { type CompactScored, compactScored, scoredCapacities } from "./scored.ts";
export { type Split, splitRows } from "./split.ts";
export { packedRows, PEBBLE_TEACHER, PEBBLE_TOKENIZER, type PebbleTasks, pebbleTasks } from "./pebble/mod.ts";

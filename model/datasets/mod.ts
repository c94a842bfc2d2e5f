/** Data sets of the hub: their names, and their first rows. */
export { KNOWN_SETS, type KnownSet } from "./known.ts";
export { type DatasetName, isDatasetName, parseDatasetName, partName, shares } from "./name.ts";
export {
  type DatasetAccess,
  type DatasetPart,
  type DatasetRow,
  type DatasetRows,
  datasetRows,
} from "./read.ts";

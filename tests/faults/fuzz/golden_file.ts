import { fileURLToPath } from "node:url";

/** Path of a golden file, without what tests of commands need. */
export const goldenFile = (name: string): string =>
  fileURLToPath(new URL(`../../golden/data/${name}`, import.meta.url));

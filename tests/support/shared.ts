import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Path of a third-party test file kept beside the repository (`../shared/NAME`), or `undefined` where it is absent:
 * a test that needs it then skips and says so.
 */
export function sharedPath(name: string): string | undefined {
  const path = fileURLToPath(new URL(`../../../shared/${name}`, import.meta.url));
  return existsSync(path) ? path : undefined;
}

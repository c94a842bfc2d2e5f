import assert from "node:assert/strict";

interface Lock {
  readonly specifiers: Record<string, string>;
  readonly npm: Record<string, unknown>;
  readonly workspace: unknown;
}

const readLock = async (path: string): Promise<Lock> =>
  JSON.parse(await Deno.readTextFile(new URL(`../../${path}`, import.meta.url)));

/**
 * Holds a folder's own lock file against the repository's: it has all that the repository's has, so that a frozen run
 * starts, and pins the packages that `source` names in strings, which the repository's does not.
 */
export async function assertOwnLock(path: string, source: string, packages: number): Promise<void> {
  const own = await readLock(path), root = await readLock("deno.lock");
  assert.deepEqual(own.workspace, root.workspace);
  for (const part of ["specifiers", "npm"] as const) {
    for (const [key, value] of Object.entries(root[part])) assert.deepEqual(own[part][key], value, key);
  }
  const text = await Deno.readTextFile(new URL(`../../${source}`, import.meta.url));
  const pinned = [...text.matchAll(/npm:(?:@[\w-]+\/)?[\w-]+@\d+\.\d+\.\d+/g)].map(([specifier]) =>
    specifier
  );
  assert.equal(pinned.length, packages);
  for (const specifier of pinned) assert.ok(specifier in own.specifiers, specifier);
  for (const specifier of pinned) assert.ok(!(specifier in root.specifiers), specifier);
}

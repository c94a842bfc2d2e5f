import assert from "node:assert/strict";
import { packageTitle } from "../../../bench/peers/packages.ts";

interface Lock {
  readonly specifiers: Record<string, string>;
  readonly npm: Record<string, unknown>;
  readonly workspace: unknown;
}

const readLock = async (path: string): Promise<Lock> =>
  JSON.parse(await Deno.readTextFile(new URL(`../../../${path}`, import.meta.url)));

Deno.test("the peers' lock holds all that the repository's does, so that a frozen run starts, and the packages", async () => {
  const own = await readLock("bench/peers/deno.lock"), root = await readLock("deno.lock");
  assert.deepEqual(own.workspace, root.workspace);
  for (const part of ["specifiers", "npm"] as const) {
    for (const [key, value] of Object.entries(root[part])) assert.deepEqual(own[part][key], value, key);
  }
  const source = await Deno.readTextFile(new URL("../../../bench/peers/packages.ts", import.meta.url));
  const pinned = [...source.matchAll(/npm:(?:@[\w-]+\/)?[\w-]+@\d+\.\d+\.\d+/g)].map(([specifier]) =>
    specifier
  );
  assert.equal(pinned.length, 5);
  for (const specifier of pinned) assert.ok(specifier in own.specifiers, specifier);
  for (const specifier of pinned) assert.ok(!(specifier in root.specifiers), specifier);
});

Deno.test("packages are named with their version", () => {
  assert.equal(packageTitle("jax"), "jax 0.1.25");
  assert.equal(packageTitle("onnxWeb"), "onnxruntime-web 1.30.0");
});

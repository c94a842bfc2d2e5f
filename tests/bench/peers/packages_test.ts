import assert from "node:assert/strict";
import { packageTitle } from "../../../bench/peers/packages.ts";
import { assertOwnLock } from "../../support/lock.ts";

Deno.test("the peers' lock holds all that the repository's does, so that a frozen run starts, and the packages", async () => {
  await assertOwnLock("bench/peers/deno.lock", "bench/peers/packages.ts", 5);
});

Deno.test("packages are named with their version", () => {
  assert.equal(packageTitle("jax"), "jax 0.1.25");
  assert.equal(packageTitle("onnxWeb"), "onnxruntime-web 1.30.0");
});

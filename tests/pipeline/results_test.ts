import assert from "node:assert/strict";
import { recovery } from "../../pipeline/results.ts";

Deno.test("recovery is the share of the lost cross-entropy won back, and 0 where nothing was lost", () => {
  assert.equal(recovery(2, 4, 2.5), 75);
  assert.equal(recovery(2, 4, 5), -50);
  assert.equal(recovery(2, 2, 1), 0);
});

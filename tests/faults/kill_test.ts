/** SIGKILL at random moments: a handful of the hundred that `deno task test:faults` does. */
import assert from "node:assert/strict";
import { killMany } from "./kills.ts";

Deno.test({
  name: "a run killed at random moments ends as one in a single piece, bit for bit",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const { killed, runs } = await killMany(4, 7);
    assert.ok(killed >= 4 && runs >= 1);
  },
});

/** SIGKILL at random moments: a handful, or with `LAPIDARY_FAULTS=all` (`./lapidary test:faults`) a hundred. */
import assert from "node:assert/strict";
import { killMany } from "./kills.ts";

Deno.test({
  name: "a run killed at random moments ends as one in a single piece, bit for bit",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const count = Deno.env.get("LAPIDARY_FAULTS") === "all" ? 100 : 4, started = performance.now();
    const { killed, runs, at } = await killMany(count, count, (text) => console.log(text));
    assert.ok(killed >= count);
    const minutes = ((performance.now() - started) / 60000).toFixed(1);
    console.log(`${killed} of ${killed} kills survived in ${runs} runs, ${minutes} min; killed in:`);
    for (const [stage, times] of [...at].sort(([, a], [, b]) => b - a)) {
      console.log(`${String(times).padStart(6)}  ${stage}`);
    }
  },
});

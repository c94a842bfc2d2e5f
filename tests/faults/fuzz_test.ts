/** Damaged files of every kind: a few of each, or all of them with `LAPIDARY_FAULTS=all` (`./lapidary test:faults`). */
import assert from "node:assert/strict";
import { fuzz } from "./fuzz/fuzz.ts";
import { TARGETS } from "./fuzz/targets.ts";

const all = Deno.env.get("LAPIDARY_FAULTS") === "all";

for (const [name, { cases }] of Object.entries(TARGETS)) {
  const count = all ? cases.all : cases.few;
  Deno.test(`${count} damaged files: ${name}`, async () => {
    const { failures, read, refused, slowest, grown, escaped } = await fuzz(name, count);
    assert.deepEqual(failures, []);
    assert.equal(read + refused, count);
    assert.ok(refused > count / 10, `only ${refused} of ${count} were refused`);
    assert.ok(read > 0, "none was read");
    assert.ok(slowest < 5, `one took ${slowest} s`);
    assert.ok(grown < 2 ** 30, `the process grew by ${grown} bytes`);
    assert.deepEqual(escaped, []);
    if (all) {
      console.log(
        `${name}: ${count} cases, ${read} read, ${refused} refused, 0 crashes; slowest ${
          slowest.toFixed(2)
        } s, ` +
          `grown by ${(grown / 2 ** 20).toFixed(0)} MiB`,
      );
    }
  });
}

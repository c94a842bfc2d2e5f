import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../../engine/mod.ts";
import { ascending, leastImportant } from "../../../model/pruning/mod.ts";
import { throwsWith } from "../../support/errors.ts";

Deno.test("the order ascends, and of equal scores the first block comes first", () => {
  const few = fc.array(fc.constantFrom(0, 0.25, 0.5, 1), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(few, (scores) => {
      const order = ascending(scores);
      assert.deepEqual(order.toSorted((a, b) => a - b), [...scores.keys()]);
      for (let i = 1; i < order.length; i++) {
        const before = order[i - 1]!, after = order[i]!;
        assert.ok(scores[before]! < scores[after]! || (scores[before] === scores[after] && before < after));
      }
    }),
    { seed: 1 },
  );
});

Deno.test("the least important blocks come least important first", () => {
  assert.deepEqual(leastImportant([9, 8, 14, 16, 0, 1], 4), [9, 8, 14, 16]);
});

Deno.test("a count that drops nothing or everything is an error, told", () => {
  for (const count of [0, 3, -1, 1.5]) {
    throwsWith(
      () => leastImportant([2, 0, 1], count),
      UsageError,
      `Cannot drop ${count} of 3 layers: one at least must go and one stay; choose 1 to 2`,
    );
  }
});

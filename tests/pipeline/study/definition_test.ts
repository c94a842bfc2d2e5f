import assert from "node:assert/strict";
import { join } from "node:path";
import { UsageError } from "../../../engine/mod.ts";
import { defineStudy, grid, readStudy, STUDIES } from "../../../pipeline/study/definition.ts";
import { rejectsWith, throwsWith } from "../../support/errors.ts";
import { inTemporaryDirectory } from "../../support/temporary.ts";

const METHODS = { CE: { loss: { kind: "cross_entropy" } }, KL: { loss: { alpha: 0 } } };

Deno.test("a study by name or from a file; its baseline is the first method unless it says another", () =>
  inTemporaryDirectory(async (directory) => {
    for (const name of Object.keys(STUDIES)) assert.ok((await readStudy(name)).seeds.length > 0);
    const path = join(directory, "mine.json");
    await Deno.writeTextFile(path, JSON.stringify({ methods: METHODS, seeds: [3] }));
    const { preset, baseline, seeds, methods } = await readStudy(path);
    assert.deepEqual({ preset, baseline, seeds, methods }, {
      ...{ preset: "pebble", baseline: "CE", seeds: [3], methods: METHODS },
    });
    assert.equal(defineStudy({ methods: METHODS, seeds: [3], baseline: "KL" }, "it").baseline, "KL");
    await rejectsWith(
      readStudy("pebble-loses"),
      UsageError,
      'Unknown study "pebble-loses"; did you mean "pebble-losses"?',
    );
  }));

const refused: [name: string, content: unknown, message: string][] = [
  [
    "no seed",
    { methods: METHODS, seeds: [] },
    "Cannot use the study it: seeds: there is none; give one at least",
  ],
  [
    "a seed twice",
    { methods: METHODS, seeds: [1, 1] },
    "Cannot use the study it: seeds: each seed may be given once",
  ],
  [
    "no method",
    { methods: {}, seeds: [1] },
    "Cannot use the study it: methods: it has no method; name one at least",
  ],
  [
    "an unknown baseline",
    { methods: METHODS, seeds: [1], baseline: "KLL" },
    'Cannot compare with "KLL" (it): it is no method of the study; did you mean "KL"?',
  ],
  [
    "an unknown key",
    { methods: METHODS, seeds: [1], seed: 1 },
    'Cannot use the study it: Unrecognized key: "seed"',
  ],
];
for (const [name, content, message] of refused) {
  Deno.test(`a study is refused: ${name}`, () =>
    throwsWith(() => defineStudy(content, "it"), UsageError, message));
}

Deno.test("a grid has every combination, its values of the types that the keys have", () => {
  assert.deepEqual(grid(["loss.kind=jsd,tvd", "prune.count=2,4"]), {
    "kind=jsd count=2": { "loss.kind": "jsd", "prune.count": 2 },
    "kind=jsd count=4": { "loss.kind": "jsd", "prune.count": 4 },
    "kind=tvd count=2": { "loss.kind": "tvd", "prune.count": 2 },
    "kind=tvd count=4": { "loss.kind": "tvd", "prune.count": 4 },
  });
  assert.deepEqual(grid(["dtype=float16"]), { "dtype=float16": { dtype: "float16" } });
  throwsWith(
    () => grid(["loss.kind"]),
    UsageError,
    'Cannot read --vary loss.kind: there is no "="; write it as key=value,value, such as loss.kind=jsd,forward_kl',
  );
  throwsWith(
    () => grid(["prune.count=2,x"]),
    UsageError,
    'Cannot use prune.count=x (--vary): "x" is not a number; give one, such as 10 or 4e-5',
  );
});

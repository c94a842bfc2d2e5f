import assert from "node:assert/strict";
import { formatMemory, highWater, measureMemory, planMemory } from "../../bench/memory.ts";
import { GEMMA_270M, PEBBLE } from "../../bench/models.ts";
import { createTensor, openEngine } from "../../engine/mod.ts";
import { parameterCount, parseConfig, pruneConfig } from "../../model/config/mod.ts";
import { resolveConfig } from "../../train/config/mod.ts";
import { gemma270mJson } from "../support/configs.ts";
import { gpuTest } from "../support/engine.ts";
import { TARGET } from "../support/target.ts";

Deno.test("the model that is measured has the shape of google/gemma-3-270m", () => {
  const { config, drop } = GEMMA_270M, expected = parseConfig(gemma270mJson(), "config.json");
  assert.equal(parameterCount(config), 268_098_176);
  assert.equal(parameterCount(pruneConfig(config, drop)), 245_803_648);
  const { numHiddenLayers, layerTypes, slidingWindow, headDim } = expected;
  assert.deepEqual({ numHiddenLayers, layerTypes, slidingWindow, headDim }, {
    numHiddenLayers: config.numHiddenLayers,
    layerTypes: config.layerTypes,
    slidingWindow: config.slidingWindow,
    headDim: config.headDim,
  });
});

Deno.test("every preset is planned, as it is and under settings; the parts add up", async () => {
  const rows = await planMemory(
    { ...TARGET, subgroupSize: 8 },
    ["train.micro_batch=1", "train.accumulation=1"],
    assert.fail,
  );
  for (const preset of ["pebble", "gem-3-mini", "gem-3-small"]) {
    const own = rows.filter(({ name }) => name.startsWith(`${preset} `));
    const total = (row: typeof rows[number]) => row.facts!["total MiB"]!;
    assert.ok(own.length >= 4);
    for (const row of own) {
      const { "total MiB": sum, ...parts } = row.facts!;
      assert.ok(Math.abs(Object.values(parts).reduce((a, b) => a + b) - sum!) < 1e-6);
    }
    assert.ok(total(own.at(-1)!) < total(own[0]!), "one row takes as much as all");
  }
  const recipe = rows.find(({ name }) => name === "gem-3-small as it is")!;
  assert.equal(recipe.shape, "4 x 16 x 512");
  assert.match(formatMemory(rows), /gem-3-small as it is +4 x 16 x 512 +\d{3} /);
  assert.equal(recipe.facts!["loss MiB"], 0);
  assert.match(formatMemory([recipe]), /\nloss 0\.0: its chunks take turns /);
  assert.doesNotMatch(formatMemory([rows[0]!]), /loss 0\.0/);
});

Deno.test("a step that the device cannot run is told and has no row", async () => {
  const notes: string[] = [];
  const rows = await planMemory(TARGET, [], (text) => notes.push(text)); // software without subgroups: long loops
  assert.ok(rows.some(({ name }) => name === "pebble as it is"));
  assert.ok(notes.some((note) => /^gem-3-small as it is: Cannot run /.test(note)), notes.join("\n"));
});

Deno.test("what is allocated is within five percent of the plan", async () => {
  const engine = await openEngine();
  try {
    const set = ["data.max_length=16", "train.micro_batch=2", "train.accumulation=2", "data.limit=8"];
    const { wrong, facts } = await measureMemory(engine, "small", PEBBLE, await resolveConfig({ set }));
    assert.equal(wrong, undefined);
    assert.ok(facts!["allocated MiB"]! > 0);
  } finally {
    engine.close();
  }
});

gpuTest("the high water counts what was allocated at once", async (engine) => {
  const peak = await highWater(async () => {
    for (let i = 0; i < 3; i++) {
      const x = createTensor("x", "input", [1024]);
      await engine.write(x, new Float32Array(1024));
      engine.release([x.slot]);
    }
  });
  assert.equal(peak, 4096);
});

import assert from "node:assert/strict";
import { findModel } from "../../bench/real/find_model.ts";
import { benchReal } from "../../bench/real/real.ts";
import { randomWeights } from "../../bench/training/weights.ts";
import { modelTensors, parseConfig } from "../../model/config/mod.ts";
import { tinyJson } from "../support/configs.ts";
import { gpuTest } from "../support/engine.ts";

const CONFIG = parseConfig(tinyJson(4), "config.json");

gpuTest("importance, pruning and steps run once and learn", async (engine) => {
  const notes: string[] = [];
  const rows = await benchReal(engine, { gflops: 100, gigabytes: 10 }, {
    config: CONFIG,
    weights: randomWeights(CONFIG, 1),
    name: "random weights",
    held: "bf16",
    B: 2,
    T: 6,
    steps: 2,
    count: 1,
    rate: 1e-2,
  }, (text) => notes.push(text));
  const [step, dispatches, ...longest] = rows;
  assert.equal(step!.wrong, undefined);
  assert.equal(step!.time!.n, 2);
  assert.equal(step!.shape, "2x6, 4 -> 3 blocks, random weights, teacher in bf16");
  assert.equal(longest.length, 10);
  assert.equal(dispatches!.flops, step!.flops);
  const { facts } = step!;
  assert.ok(facts!["tokens/s"]! > 0 && facts!["memory parameter MiB"]! > 0);
  assert.ok(facts!["roofline share"]! > 0 && facts!["share of the best product's rate"]! <= 1);
  assert.match(
    notes.join("\n"),
    /^loading the teacher.*\nimportance on.*\npruning blocks \d .*\n2 \+ 2 optimizer/,
  );
});

Deno.test("random weights come a tensor at a time, seeded, norms at their start", async () => {
  const weights = randomWeights(CONFIG, 1),
    again = randomWeights(CONFIG, 1),
    other = randomWeights(CONFIG, 2);
  assert.deepEqual(weights.names(), modelTensors(CONFIG).map(({ name }) => name));
  for (const { name, shape } of modelTensors(CONFIG)) {
    const values = await weights.readF32(name);
    assert.deepEqual(weights.info(name), { dtype: "F32", shape });
    assert.deepEqual(await again.readF32(name), values);
    if (shape.length > 1) assert.notDeepEqual(await other.readF32(name), values);
    else assert.ok(values.every((value) => value === values[0]), name);
  }
  assert.throws(() => weights.info("nothing"), /^DataError: Cannot draw tensor "nothing"/);
});

Deno.test("weights that were named must be there", async () => {
  await assert.rejects(findModel("no such file"), {
    name: "UsageError",
    message:
      "Cannot find model no such file: it is neither a directory nor a .gguf file; leave --model out for random " +
      "weights of the same shape",
  });
  assert.equal(await findModel("tests"), "tests");
});

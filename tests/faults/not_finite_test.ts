/** NaN and infinities: the run stops there, and no checkpoint ever holds one. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { BEGINNING, openCheckpoints } from "../../train/checkpoint/mod.ts";
import { openSafetensors } from "../../model/safetensors/mod.ts";
import { commandTest } from "../support/command.ts";
import { sharedEngine } from "../support/engine.ts";
import { loadPair } from "../support/golden_step.ts";
import { listening, runSmall, smallConfig } from "../support/small_run.ts";
import { namesIn } from "../support/temporary.ts";

commandTest(
  "a training that diverges stops at that step; its checkpoints are of steps before, and finite",
  async (directory) => {
    const engine = await sharedEngine(), config = await smallConfig(directory), run = join(directory, "run");
    const train = { ...config.train, lr: 1e38, clip: null, checkpoint_every: 1, warmup_steps: 4 };
    await assert.rejects(runSmall(engine, { ...config, train }, run, listening()), (error: Error) => {
      const [, step] =
        /^Cannot go on training as .* at step (\d+); the first that is not finite is the /.exec(
          error.message,
        ) ??
          assert.fail(error.message);
      return Number(step) >= 2;
    });
    const kept = (await namesIn(join(run, "checkpoints"))).map((name) => join(run, "checkpoints", name));
    assert.ok(kept.length > 0);
    for (const path of kept) {
      const file = await openSafetensors(path);
      for (const name of file.names().filter((name) => name !== "sha256")) {
        assert.ok((await file.readF32(name)).every(Number.isFinite), `${path} ${name}`);
      }
      file.close();
    }
  },
);

commandTest("poisoned parameters are not kept, by name; the checkpoint before stands", async (directory) => {
  const engine = await sharedEngine(), { student: { parameters } } = await loadPair(engine, "tiny_micro");
  const store = openCheckpoints({ directory, name: "student", belongs: "x", kept: 1, note: assert.fail });
  const write = (steps: number) =>
    store.write(engine, { parameters }, { ...BEGINNING, steps }, { log: "", warnings: [] });
  await write(1);
  const name = "model.layers.0.mlp.up_proj.weight", tensor = parameters.named.get(name)!;
  for (const poison of [NaN, Infinity, -Infinity]) {
    await engine.write(tensor, Float32Array.of(1, poison));
    await assert.rejects(write(2), {
      name: "LapidaryError",
      message:
        `Cannot keep a checkpoint as parameters of ${name} are not finite; lower train.lr, or look for damaged ` +
        "weights or data",
    });
    assert.deepEqual(await namesIn(directory), ["student-000001.safetensors"]);
  }
});

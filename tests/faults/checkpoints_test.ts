/** Checkpoints that are damaged, of another run, or under another name: never taken, and the one before is. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { createRandom, type Engine } from "../../engine/mod.ts";
import { layOut, type Parameters } from "../../model/gemma3/mod.ts";
import { BEGINNING, openCheckpoints } from "../../train/checkpoint/mod.ts";
import { commandTest } from "../support/command.ts";
import { sharedEngine } from "../support/engine.ts";
import { withGoldenModel } from "../support/golden_models.ts";
import { listening, outcomeOf, runSmall, smallConfig, wholeOutcome } from "../support/small_run.ts";

/** Tensors on the device, each filled with its own values. */
async function tensorsOf(engine: Engine): Promise<Record<string, Parameters>> {
  const config = await withGoldenModel("tiny_micro", ({ config }) => Promise.resolve(config));
  const groups = ["parameters", "first_moments", "second_moments"] as const;
  const tensors = Object.fromEntries(groups.map((name) => [name, layOut(config, name, "state", false)]));
  const random = createRandom(5);
  for (const { arenas } of Object.values(tensors)) {
    for (const { tensor } of arenas) {
      await engine.write(tensor, Float32Array.from({ length: tensor.shape[0]! }, () => random.normal()));
    }
  }
  return tensors;
}

const read = async (engine: Engine, tensors: Record<string, Parameters>) =>
  await Promise.all(
    Object.values(tensors).flatMap(({ arenas }) => arenas.map(({ tensor }) => engine.read(tensor))),
  );

const ATTACHED = { log: '{"step":1}\n', warnings: ["ä"] };

async function withTwo(
  directory: string,
  test: (
    two: {
      latest: () => Promise<number | undefined>;
      notes: string[];
      newest: string;
      write: (step: number, belongs?: string, name?: string) => Promise<void>;
      pathOf: (step: number, name?: string) => string;
    },
  ) => Promise<void>,
): Promise<void> {
  const engine = await sharedEngine(), tensors = await tensorsOf(engine), notes: string[] = [];
  const open = (belongs = "these settings", name = "student") =>
    openCheckpoints({ directory, name, belongs, kept: 2, note: (text) => void notes.push(text) });
  const pathOf = (step: number, name = "student") =>
    join(directory, `${name}-${String(step).padStart(6, "0")}.safetensors`);
  const write = (step: number, belongs?: string, name?: string) =>
    open(belongs, name).write(engine, tensors, { ...BEGINNING, steps: step }, ATTACHED);
  await write(1);
  await write(2);
  await test({
    latest: async () => (await open().latest())?.progress.steps,
    ...{ notes, write, pathOf, newest: pathOf(2) },
  });
}

commandTest(
  "a checkpoint gives back every bit and what belongs to it; the newest are kept",
  async (directory) => {
    const engine = await sharedEngine(),
      tensors = await tensorsOf(engine),
      before = await read(engine, tensors);
    const store = openCheckpoints({ directory, name: "student", belongs: "x", kept: 2, note: assert.fail });
    assert.equal(await store.latest(), undefined);
    const progress = { ...BEGINNING, steps: 7, epochLosses: [0.1, 1 / 3], tokens: 12 };
    for (const steps of [9, 5, 6, 7]) await store.write(engine, tensors, { ...progress, steps }, ATTACHED);
    const names = (await Array.fromAsync(Deno.readDir(directory), ({ name }) => name)).sort();
    assert.deepEqual(names, ["student-000006.safetensors", "student-000007.safetensors"]);
    for (const { arenas } of Object.values(tensors)) {
      for (const { tensor } of arenas) await engine.write(tensor, new Float32Array(tensor.shape[0]!));
    }
    const latest = (await store.latest())!;
    assert.deepEqual([latest.progress, latest.attached], [JSON.parse(JSON.stringify(progress)), ATTACHED]);
    await latest.load(engine, tensors);
    assert.deepEqual(await read(engine, tensors), before);
  },
);

commandTest(
  "truncated anywhere, any bit turned over: found, and the one before is taken",
  async (directory) => {
    await withTwo(directory, async ({ latest, notes, newest }) => {
      const whole = await Deno.readFile(newest), random = createRandom(11);
      let tried = 0, found = 0;
      const damage = async (bytes: Uint8Array) => {
        await Deno.writeFile(newest, bytes);
        notes.length = 0;
        tried++;
        if (await latest() === 1 && /the checkpoint before it is taken$/.test(notes.join())) found++;
      };
      for (let length = 0; length < 400; length++) await damage(whole.subarray(0, length));
      for (let i = 0; i < 300; i++) await damage(whole.subarray(0, random.integer(whole.length)));
      for (let i = 0; i < 1000; i++) {
        const flipped = whole.slice(), at = random.integer(whole.length);
        flipped[at]! ^= 1 << random.integer(8);
        await damage(flipped);
      }
      await damage(new Uint8Array([...whole, 0]));
      assert.equal(found, tried);
      console.log(`${found} of ${tried} damaged checkpoints found`);
      await Deno.writeFile(newest, whole);
      assert.equal(await latest(), 2);
    });
  },
);

commandTest(
  "of another run, step or training: passed over; none left: it starts again, and that is said",
  async (directory) => {
    await withTwo(directory, async ({ latest, notes, write, pathOf }) => {
      await write(3, "other settings");
      assert.equal(await latest(), 2);
      assert.match(
        notes.join("\n"),
        /student-000003\.safetensors: it belongs to another run, or to other data/,
      );
      await Deno.rename(pathOf(2), pathOf(4));
      assert.equal(await latest(), undefined); // 1 went when 3 was written
      assert.match(
        notes.join("\n"),
        /student-000004\.safetensors: it is that of step 2 of student under another name/,
      );
      assert.equal(notes.at(-1), "No checkpoint of student can be used: its training starts again");
      await write(5, undefined, "control");
      await Deno.rename(pathOf(5, "control"), pathOf(5));
      assert.equal(await latest(), undefined);
      assert.match(notes.join("\n"), /it is that of step 5 of control under another name/);
    });
  },
);

commandTest(
  "a run whose newest checkpoint is damaged ends the same; so does one whose all are",
  async (directory) => {
    const engine = await sharedEngine(),
      config = await smallConfig(directory);
    const stopped = new Error("stopped by the test");
    for (const [name, damaged] of [["one", 1], ["all", 2]] as const) {
      const run = join(directory, name),
        breaking = listening(({ stage, done }) => {
          if (stage === "train" && done >= 9) throw stopped;
        });
      await assert.rejects(runSmall(engine, config, run, breaking), stopped);
      for (const step of [8, 6].slice(0, damaged)) {
        await Deno.truncate(join(run, "checkpoints", `student-00000${step}.safetensors`), 5000);
      }
      const reporter = listening();
      await runSmall(engine, config, run, reporter, true);
      const told = damaged === 1 ? /train: goes on after step 6/ : /^No checkpoint of student can be used/m;
      assert.match(reporter.notes.join("\n"), told);
      assert.deepEqual(await outcomeOf(run), await wholeOutcome(engine));
    }
  },
);

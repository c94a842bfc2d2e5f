/** Measurements between runs: found again, void where they cannot be used, never in the way. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { createChoices, type Engine } from "../../engine/mod.ts";
import { loadChoices, saveChoices } from "../../pipeline/tuning/choices_file.ts";
import { tuneForTraining } from "../../pipeline/tuning/measure.ts";
import { choicesPath } from "../../pipeline/tuning/places.ts";
import {
  saveWidth,
  useMeasuredWidth,
  type Width,
  WIDTH_VARIABLE,
} from "../../pipeline/tuning/vector_width.ts";
import { type TuneResult, tuneWidths } from "../../pipeline/tune.ts";
import { recordUsualSteps } from "../../pipeline/tuning/work.ts";
import { gpuTest } from "../support/engine.ts";
import { TARGET } from "../support/target.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";

/** As much of an engine as its file of choices looks at. */
function engineNamed(description: string): Engine {
  const info = { description, vendor: "v", architecture: "", device: "0" };
  return { device: { info }, target: { ...TARGET, choices: createChoices() } } as unknown as Engine;
}

const CHOICE = { variant: "vec4", rows: 64, columns: 64 } as const;

Deno.test("choices are found again on the adapter that they were measured on, and on no other", () =>
  inTemporaryDirectory(async (directory) => {
    const engine = engineNamed("Some GPU (driver 1.2)");
    engine.target.choices.set("NN 64x64x64", CHOICE);
    await saveChoices(engine, directory);
    assert.match(choicesPath(engine, directory), /tuning[/\\]some-gpu-driver-1\.2-v-0-[0-9a-f]{8}\.json$/);
    const again = engineNamed("Some GPU (driver 1.2)"), other = engineNamed("Some GPU (driver 1.3)");
    for (const each of [again, other]) assert.equal(await loadChoices(each, directory), undefined);
    assert.deepEqual(again.target.choices.entries(), [["NN 64x64x64", CHOICE]]);
    assert.deepEqual(other.target.choices.entries(), []);
  }));

Deno.test("a file of choices that cannot be used is removed, with a warning", () =>
  inTemporaryDirectory(async (directory) => {
    const engine = engineNamed("GPU"), path = choicesPath(engine, directory);
    const rest = "the usual kernels serve until it is built again, by a long training or by `lapidary tune`";
    await saveChoices(engine, directory);
    const good = JSON.parse(await Deno.readTextFile(path));
    const bad: [string, string][] = [
      ["{", "it is no list of choices"],
      [
        JSON.stringify({ ...good, choices: { "NN 1x1x1": { ...CHOICE, rows: 0.5 } } }),
        "its choices.NN 1x1x1.rows is none that a kernel has",
      ],
      [
        JSON.stringify({ ...good, choices: { "NN 1x1x1": { ...CHOICE, variant: "fast" } } }),
        "its choices.NN 1x1x1.variant is none that a kernel has",
      ],
    ];
    for (const [text, reason] of bad) {
      await Deno.writeTextFile(path, text);
      assert.equal(await loadChoices(engine, directory), `Removed ${path} as ${reason}: ${rest}`);
      assert.deepEqual(engine.target.choices.entries(), []);
      assert.equal(await loadChoices(engine, directory), undefined);
    }
  }));

Deno.test({
  name:
    "the width that was measured on this processor is set, unless one is set already or the file is broken",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inTemporaryDirectory(async (directory) => {
      const before = Deno.env.get(WIDTH_VARIABLE);
      const used = async (set?: string) => {
        if (set === undefined) Deno.env.delete(WIDTH_VARIABLE);
        else Deno.env.set(WIDTH_VARIABLE, set);
        await useMeasuredWidth(directory);
        return Deno.env.get(WIDTH_VARIABLE);
      };
      try {
        assert.equal(await used(), undefined);
        await saveWidth(512, directory);
        assert.equal(await used(), "512");
        assert.equal(await used("128"), "128");
        const path = join(directory, "tuning", "vector-width.json");
        await Deno.writeTextFile(path, JSON.stringify({ processor: "another", bits: 512 }));
        assert.equal(await used(), undefined);
        await Deno.writeTextFile(path, "{");
        assert.equal(await used(), undefined);
      } finally {
        if (before === undefined) Deno.env.delete(WIDTH_VARIABLE);
        else Deno.env.set(WIDTH_VARIABLE, before);
      }
    }),
});

gpuTest("an engine of a test is never tuned", async (engine) => {
  const notes: string[] = [];
  await tuneForTraining(engine, Infinity, {
    update: () => assert.fail("measured"),
    note: (text) => notes.push(text),
    signal: new AbortController().signal,
  });
  assert.deepEqual(notes, []);
});

Deno.test("the usual steps ask for products in every layout, the teacher's in bf16 among them", async () => {
  const choices = createChoices();
  await recordUsualSteps({ ...TARGET, software: false, choices });
  const wanted = choices.wanted();
  for (const layout of ["NN", "NT", "TN"]) assert.ok(wanted.some((shape) => shape.layout === layout));
  assert.ok(wanted.some(({ packed }) => packed));
});

/** What two rounds at each width say, in GFLOP/s of a large and a small kind of product. */
type Rounds = Record<Width, (readonly number[])[]>;

async function widthsOf(rounds: Rounds) {
  const order: string[] = [];
  const { bits, result, told } = await tuneWidths([256, 512], 80, (bits, seconds) => {
    order.push(`${bits} for ${seconds} s`);
    const classes = rounds[bits].shift()!.map((gigaflops, i) => ({
      name: ["large", "small"][i]!,
      choice: CHOICE,
      gigaflops,
      milliseconds: 1,
    }));
    return Promise.resolve<TuneResult>({ adapter: "a", gigaflops: 0, classes, left: 0, excluded: [] });
  });
  assert.deepEqual(order, ["256 for 20 s", "512 for 20 s", "256 for 20 s", "512 for 20 s"]);
  return { bits, rates: result.classes.map(({ gigaflops }) => gigaflops), told };
}

Deno.test("widths are measured in turns, and the best round of each counts", async () => {
  assert.deepEqual(await widthsOf({ 256: [[30, 3], [50, 5]], 512: [[40, 4], [20, 2]] }), {
    bits: 256,
    rates: [50, 5],
    told: "256 bits: products are 1.25 x as fast as at 512, small and large kinds counting alike",
  });
});

Deno.test("a width that doubles large products and slows small ones to a third is not chosen", async () => {
  const { bits } = await widthsOf({ 256: [[50, 9], [50, 9]], 512: [[100, 3], [100, 3]] });
  assert.equal(bits, 256);
});

Deno.test("widths are compared over the products that both had time for", async () => {
  const { bits } = await widthsOf({ 256: [[50, 9], [50, 9]], 512: [[60], [60]] });
  assert.equal(bits, 512);
});

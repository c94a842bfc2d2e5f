/** A recorded step on the device: it is the step that training runs, and what it says of it holds. */
import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import type { Engine } from "../../../engine/mod.ts";
import { openRecording } from "../../../pipeline/view/page/data.ts";
import { asNumbers } from "../../../pipeline/view/page/heat.ts";
import { flowOf, phaseOf, PHASES, placeOf } from "../../../pipeline/view/page/step.ts";
import { guesses, stopsOf } from "../../../pipeline/view/page/stops.ts";
import { recordTrainingStep } from "../../../pipeline/view/record/step.ts";
import type { Recording } from "../../../pipeline/view/recording.ts";
import { loadGemma3, releaseGemma3 } from "../../../model/gemma3/mod.ts";
import { pruneModel } from "../../../model/pruning/mod.ts";
import { resolveConfig } from "../../../train/config/mod.ts";
import { microBatch } from "../../../train/data/mod.ts";
import { optimizerOf } from "../../../train/heal.ts";
import { createTrainer } from "../../../train/trainer.ts";
import { loadOpened, openSource, padIdOf } from "../../../pipeline/inputs.ts";
import { gpuTest } from "../../support/engine.ts";

const QUIET = { note: () => {}, update: () => {}, signal: new AbortController().signal };
const DROPPED = [3, 4, 8, 9], TOKENS = 12;
const row = Uint32Array.from({ length: TOKENS }, (_, t) => t === 0 ? 2 : 300 + 17 * t);

async function recorded(engine: Engine): Promise<Recording> {
  const config = await resolveConfig({ preset: "pebble-quick" });
  const teacher = await openSource("pebble", config, QUIET);
  try {
    return await recordTrainingStep(
      engine,
      { title: "Pebble", teacher, dropped: DROPPED, config, row },
      () => {},
    );
  } finally {
    teacher.opened.weights.close();
  }
}

/** Losses of the same step as training runs it. */
async function trained(engine: Engine) {
  const config = await resolveConfig({ preset: "pebble-quick" });
  const source = await openSource("pebble", config, QUIET);
  const pruned = pruneModel(source.opened, DROPPED), options = { positions: TOKENS };
  const student = await loadGemma3(engine, pruned.config, pruned.read, {
    ...options,
    label: "student",
    differentiable: true,
  });
  const teacher = await loadOpened(engine, source.opened, { ...options, label: "teacher", held: "bf16" });
  source.opened.weights.close();
  const trainer = createTrainer({
    ...{ engine, student, teacher, loss: config.loss, optimizer: optimizerOf(config.train) },
    ...{ normalize: "step" as const, metricsEvery: 1 },
  });
  const known = [...await trainer.step([microBatch([row], [TOKENS], padIdOf(source))], config.train.lr)];
  const [metrics] = [...known, ...await trainer.rest()];
  await trainer.close();
  releaseGemma3(engine, student);
  releaseGemma3(engine, teacher);
  return metrics!;
}

gpuTest(
  "a recorded step is the step that training runs, to the bit, and tells of every dispatch",
  async (engine) => {
    const recording = await recorded(engine), { about, dispatches, slots, kernels, tokens, pool } = recording;
    const { crossEntropy, distillation, total, gradientNorm } = await trained(engine);
    assert.deepEqual(about.losses, { crossEntropy, distillation, total, gradientNorm });
    assert.deepEqual(about.student, { blocks: 8, dropped: DROPPED });
    assert.deepEqual(tokens.map(({ id }) => id), [...row]);
    assert.equal(tokens[3]!.target, row[4]);

    const opened = await openRecording(deflateSync(JSON.stringify(recording)).toString("base64"));
    const places = dispatches.map(placeOf), flow = flowOf(recording);
    assert.deepEqual(new Set(places.map(phaseOf)), new Set(PHASES));
    dispatches.forEach((dispatch, index) => {
      const kernel = kernels[dispatch.kernel]!;
      assert.ok(dispatch.milliseconds >= 0 && dispatch.bytes > 0, dispatch.op);
      for (const tensor of dispatch.tensors) {
        const { first, last, role, place, bytes } = slots[tensor.slot]!, maker = flow.maker(index, tensor);
        assert.ok(first <= index && index <= last);
        assert.ok(kernel.bindings.some(({ name }) => name === tensor.name));
        if (!tensor.write && role === "temporary") assert.ok(maker !== undefined && maker < index);
        if (place) assert.ok(place.offset + bytes <= pool[place.buffer]!);
        if (tensor.write) {
          assert.equal(tensor.statistics!.nan, tensor.dtype === "u32" ? 0 : tensor.statistics!.nan);
        }
        // What a dispatch finds is what the one before it left there.
        if (dispatch.kept && maker !== undefined && dispatches[maker]!.kept && !tensor.write) {
          const made = dispatches[maker]!.tensors.find(({ slot, write, offset }) =>
            write && slot === tensor.slot && offset === tensor.offset
          );
          if (made && made.shape.join() === tensor.shape.join()) {
            assert.equal(tensor.before, made.after);
          }
        }
        if (dispatch.kept && !tensor.write) assert.ok(tensor.before !== undefined, `${index} ${tensor.name}`);
      }
    });
    // Loss from the recorded logits: the cross-entropy of the step, computed by hand in f64.
    const logits = dispatches.find(({ op }) => op === "logits")!.tensors.find(({ write }) => write)!;
    const values = asNumbers(opened.values(logits.after!)), V = recording.vocabulary.length;
    const losses = tokens.slice(0, -1).map(({ target }, t) => {
      const z = Array.from({ length: V }, (_, v) => values[t * V + v]!), top = Math.max(...z);
      return Math.log(z.reduce((sum, value) => sum + Math.exp(value - top), 0)) + top - z[target!]!;
    });
    const mean = losses.reduce((sum, value) => sum + value, 0) / losses.length;
    assert.ok(Math.abs(mean - crossEntropy) < 1e-5 * crossEntropy, `${mean} and ${crossEntropy}`);

    const [best] = guesses(opened, dispatches.find(({ op }) => op === "logits")!, 0, 1),
      first = Array.from(values).slice(0, V);
    assert.equal(best!.id, first.indexOf(Math.max(...first)));
    assert.equal(recording.vocabulary[row[1]!], tokens[1]!.text);

    const stops = stopsOf(recording, places);
    assert.equal(stops.length, 2 * (1 + 2 * 8 + 2));
    assert.deepEqual([stops[0]!.name, stops.at(-1)!.name, stops.at(-1)!.backward], [
      "embedding",
      "embedding",
      true,
    ]);
  },
);

/** A model held in bf16: the logits of the same values in f32, bit for bit, in half the memory. */
import assert from "node:assert/strict";
import { toBf16 } from "../../engine/mod.ts";
import { type HeldDtype, loadGemma3, releaseGemma3 } from "../../model/gemma3/mod.ts";
import type { OpenedModel } from "../../model/weights/mod.ts";
import { teacherHeld } from "../../pipeline/inputs.ts";
import { gpuTest } from "../support/engine.ts";
import { GOLDEN_MODELS, runForward, withGoldenModel } from "../support/golden_models.ts";

const B = 2, T = 9;

/** Every value as bf16 has it. */
function rounded(values: Float32Array): Float32Array {
  return new Float32Array(Uint32Array.from(toBf16(values), (bits) => bits << 16).buffer);
}

for (const name of GOLDEN_MODELS) {
  gpuTest(`${name}: what a model held in bf16 computes has the bits of its values in f32`, async (engine) => {
    const run = (held: HeldDtype) =>
      withGoldenModel(name, async ({ config, weights }) => {
        const read = async (parameter: string) => {
          const values = await weights.readF32(parameter),
            isMatrix = weights.info(parameter).shape.length > 1;
          return held === "f32" && isMatrix ? rounded(values) : values; // norms are f32 either way
        };
        const model = await loadGemma3(engine, config, read, { label: held, positions: T, held });
        const ids = Uint32Array.from({ length: B * T }, (_, i) => (i * 7) % config.vocabSize);
        const answer = await runForward(engine, model, ids, B), [matrices] = model.parameters.arenas;
        releaseGemma3(engine, model);
        return { answer, bytes: matrices!.tensor.slot.bytes };
      });
    const [f32, bf16] = [await run("f32"), await run("bf16")];
    assert.ok(f32.answer.logits.some((z) => z !== 0));
    assert.deepEqual(bf16.answer, f32.answer);
    assert.ok(bf16.bytes < 0.55 * f32.bytes, `${bf16.bytes} of ${f32.bytes} bytes`);
  });
}

Deno.test("a teacher is held as its file has it, or as configured; rounding is told", () => {
  const held = (
    teacher_dtype: "source" | "float32" | "bfloat16",
    storedDtype: OpenedModel["storedDtype"],
  ) => {
    const notes: string[] = [];
    return [
      teacherHeld({ teacher_dtype }, { path: "gem", storedDtype } as OpenedModel, (note) => notes.push(note)),
      ...notes,
    ];
  };
  assert.deepEqual(held("source", "bfloat16"), ["bf16"]);
  assert.deepEqual(held("source", "float16"), ["f32"]);
  assert.deepEqual(held("float32", "bfloat16"), ["f32"]);
  assert.deepEqual(held("bfloat16", "bfloat16"), ["bf16"]);
  assert.deepEqual(held("bfloat16", "float32"), [
    "bf16",
    "The matrices of gem are rounded to bfloat16: its file has float32",
  ]);
});

/** The forward pass against transformers on five tiny models (tests/golden/forward.py), and what padding may not change. */
import assert from "node:assert/strict";
import { maxDifference } from "../support/close.ts";
import { gpuTest } from "../support/engine.ts";
import {
  GOLDEN_MODELS,
  goldenRows,
  goldenTensors,
  loadGoldenModel,
  runForward,
} from "../support/golden_models.ts";

/** Of the largest value of a tensor, in float32 through at most six blocks; measured: at most 1.8e-6. */
const TOLERANCE = 1e-5;

/** Largest difference as a share of the largest expected value. */
function relativeError(actual: ArrayLike<number>, expected: Float32Array): number {
  assert.equal(actual.length, expected.length);
  return maxDifference(actual, expected) /
    expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function assertWithin(error: number, what: string): void {
  assert.ok(error <= TOLERANCE, `${what}: error ${error} of the largest value, tolerance ${TOLERANCE}`);
}

for (const name of GOLDEN_MODELS) {
  gpuTest(
    `${name}: logits and hidden states are transformers' within ${TOLERANCE} of the largest`,
    async (engine) => {
      const model = await loadGoldenModel(engine, name),
        golden = await goldenTensors(name, "forward.safetensors");
      for (const [row, ids] of (await goldenRows(name, 3)).entries()) {
        const { logits, states } = await runForward(engine, model, ids);
        const places = [...states.keys()].map((i) => i < states.length - 1 ? `${i}` : "norm");
        for (const [i, place] of places.entries()) {
          const expected = golden.get(`hidden.${row}.${place}`);
          if (expected) assertWithin(relativeError(states[i]!, expected), `hidden.${row}.${place}`);
        }
        assertWithin(relativeError(logits, golden.get(`logits.${row}`)!), `logits.${row}`);
      }
    },
  );
}

for (const side of ["right", "left"] as const) {
  gpuTest(`padding on the ${side} leaves the logits of real tokens as they are`, async (engine) => {
    for (const name of ["tiny_a", "tiny_c"]) {
      const model = await loadGoldenModel(engine, name),
        golden = await goldenTensors(name, "forward.safetensors");
      const rows = await goldenRows(name, 3), T = 20, V = model.config.vocabSize;
      const starts = rows.map((row) => side === "left" ? T - row.length : 0);
      const ids = new Uint32Array(rows.length * T);
      rows.forEach((row, b) => ids.set(row, b * T + starts[b]!));
      const { logits } = await runForward(engine, model, ids, rows.length, starts);
      rows.forEach((row, b) => {
        const start = (b * T + starts[b]!) * V;
        const real = logits.subarray(start, start + row.length * V);
        assertWithin(relativeError(real, golden.get(`logits.${b}`)!), `${name} row ${b}`);
      });
    }
  });
}

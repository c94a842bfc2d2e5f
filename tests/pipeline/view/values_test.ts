import assert from "node:assert/strict";
import fc from "fast-check";
import { deflateSync } from "node:zlib";
import type { Recording } from "../../../pipeline/view/recording.ts";
import { openRecording } from "../../../pipeline/view/page/data.ts";
import { createValueStore } from "../../../pipeline/view/record/values.ts";

/** What the page makes of values that the recorder packed. */
async function unpacked(store: ReturnType<typeof createValueStore>) {
  const recording = store.pack() as Recording;
  return await openRecording(deflateSync(JSON.stringify(recording)).toString("base64"));
}

Deno.test("the page has every bit of the values that were recorded, NaN and -0 too", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint32Array({ maxLength: 9 }), { minLength: 1, maxLength: 5 }),
      fc.uint16Array({ maxLength: 9 }),
      async (arrays, halves) => {
        const store = createValueStore();
        const places = arrays.map((bits) => store.add("f32", new Float32Array(bits.buffer as ArrayBuffer)));
        const half = store.add("bf16", halves as Uint16Array<ArrayBuffer>), opened = await unpacked(store);
        arrays.forEach((bits, i) =>
          assert.deepEqual([...new Uint32Array(opened.values(places[i]!).buffer)], [...bits])
        );
        assert.deepEqual([...opened.values(half)], [...halves]);
      },
    ),
    { seed: 5, numRuns: 50 },
  );
});

Deno.test("equal arrays stand in the page once, equal bytes of another type apart", async () => {
  const store = createValueStore(), values = Float32Array.of(1, 2);
  const first = store.add("f32", values);
  assert.equal(store.add("f32", values.slice()), first);
  assert.notEqual(store.add("u32", new Uint32Array(values.buffer)), first);
  assert.equal((await unpacked(store)).recording.values.length, 2);
});

/**
 * A tensor is a buffer and a shape.
 *
 * A GPU knows no tensors. It knows buffers: stretches of bytes, one after another. Everything else is our way of
 * counting. `createTensor("x", "input", [2, 3])` sets six floats aside under a name (a *slot*) and notes that we
 * wish to see them as two rows of three. The shape is only a rule for finding an element: [i, j] of [2, 3] stands
 * at 3 i + j, the last axis fastest.
 *
 * So some things that look like work are none. A row of a matrix, some rows, the same numbers under another shape:
 * each is a new tensor over the same slot, with another offset or another rule. Nothing is copied. What changes
 * the order of the numbers (a transpose, say) is work, which is why a product of matrices is told how its
 * operands are stored ("NT": the second as [N, K]) rather than being handed a transposed copy.
 *
 * A tensor here carries no values and no mathematics: no `x.add(y)`. It says where numbers will be. The numbers
 * come by `engine.write`, or by a dispatch, and are looked at by `engine.read`.
 *
 * Read next: engine/program/tensor.ts (60 lines, all there is), then lesson 2.
 */
import assert from "node:assert/strict";
import { byteLength, createTensor, elementCount, rows, toBf16 } from "../../engine/mod.ts";
import type { Lesson } from "./lesson.ts";

export const lesson: Lesson = {
  title: "A tensor is a buffer and a shape",
  async run({ engine, say }) {
    const x = createTensor("x", "input", [4, 64]);
    say(
      `x [${x.shape}]: ${elementCount(x.shape)} elements, ${
        byteLength(x)
      } bytes, in a slot of ${x.slot.bytes}`,
    );
    await engine.write(x, Float32Array.from({ length: 256 }, (_, i) => i));

    // Row 2, and rows 1 and 2: the same slot, seen from another place.
    const row = rows(x, 2, 3), middle = rows(x, 1, 3);
    say(`rows(x, 2, 3) starts at element ${row.offset} of the same slot: ${row.slot === x.slot}`);
    const values = await engine.read(row) as Float32Array;
    say(`it reads ${values.subarray(0, 4).join(", ")}, ...`);
    assert.equal(row.slot, x.slot);
    assert.equal(row.offset, 2 * 64);
    assert.equal(values[0], 128);

    // Writing through one view shows in the other, as there is one buffer.
    await engine.write(middle, new Float32Array(128).fill(-1));
    assert.equal((await engine.read(row))[0], -1);
    say("written through rows 1 to 3, row 2 now reads -1");

    // The rule behind a shape, by hand: element [3, 5] of [4, 64] stands at 64 · 3 + 5.
    const all = await engine.read(x);
    assert.equal(all[64 * 3 + 5], 197);
    say(`element [3, 5] is number 64·3 + 5 = 197, and holds ${all[197]}`);

    // bf16 is the upper half of an f32: half the bytes, three digits. Frozen weights are held so.
    const half = createTensor("half", "parameter", [256], "bf16");
    await engine.write(half, toBf16(Float32Array.of(Math.PI)));
    const bits = (await engine.read(half))[0]!,
      back = new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!;
    say(`π in bf16 takes ${byteLength(half) / 256} bytes and reads back as ${back}`);
    assert.equal(back, 3.140625);
    engine.release([x.slot, half.slot]);
  },
};

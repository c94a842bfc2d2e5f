/** bf16: half the bytes, the same values wherever a kernel decodes it, and an error wherever none does. */
import assert from "node:assert/strict";
import {
  byteLength,
  createTensor,
  embedding,
  type Engine,
  matmul,
  output,
  record,
  rows,
  scale,
  type Tensor,
  toBf16,
} from "../../engine/mod.ts";
import { gpuTest } from "../support/engine.ts";
import { throwsWith } from "../support/errors.ts";
import { TARGET } from "../support/target.ts";

/** Floats whose lower halves are empty: what bf16 holds exactly. */
function exactFloats(length: number): Float32Array {
  const bits = Uint32Array.from({ length }, (_, i) => (Math.imul(i + 1, 2654435761) & 0xffff) << 16);
  const values = new Float32Array(bits.buffer);
  return values.map((x) => Math.abs(x) > 1e-3 && Math.abs(x) < 100 ? x : 0.5); // neither NaN nor denormal
}

/** What `f` makes of a matrix that is held as f32 and as bf16. */
async function bothWays(
  engine: Engine,
  shape: number[],
  f: (held: Tensor) => Tensor,
  inputs: Map<Tensor, Uint32Array | Float32Array>,
) {
  const values = exactFloats(shape[0]! * shape[1]!);
  const results: Float32Array[] = [];
  for (const dtype of ["f32", "bf16"] as const) {
    const held = createTensor(dtype, "parameter", shape, dtype);
    await engine.write(held, dtype === "bf16" ? toBf16(values) : values);
    const { program, result } = record(dtype, engine.target, () => output("y", f(held)));
    const prepared = await engine.prepare(program);
    for (const [input, data] of inputs) await engine.write(input, data as Float32Array);
    engine.run(prepared);
    results.push(await engine.read(result) as Float32Array);
  }
  return results as [Float32Array, Float32Array];
}

gpuTest("bits come back as they were written, an odd number of them too", async (engine) => {
  const tensor = createTensor("w", "parameter", [3, 3], "bf16"),
    bits = Uint16Array.from([1, 2, 3, 4, 5, 6, 7, 8, 65535]);
  await engine.write(tensor, bits);
  assert.deepEqual(await engine.read(tensor), bits);
  assert.equal(byteLength(tensor), 18);
  assert.equal(byteLength(rows(tensor, 1, 2)), 6);
  assert.deepEqual(await engine.read(rows(tensor, 2, 3)), bits.subarray(6));
});

gpuTest("an embedding in bf16 gives the bits of one in f32", async (engine) => {
  for (const [V, C] of [[7, 5], [6, 8]] as const) {
    const ids = createTensor("ids", "input", [4], "u32");
    const [f32, bf16] = await bothWays(
      engine,
      [V, C],
      (table) => embedding(table, ids, 2.5),
      new Map([[ids, Uint32Array.of(0, 5, 3, 5)]]),
    );
    assert.deepEqual(bf16, f32);
    assert.ok(f32.some((x) => x !== f32[0]));
  }
});

gpuTest("a product by a weight in bf16 gives the bits of one in f32", async (engine) => {
  for (const [M, N, K] of [[5, 7, 6], [33, 40, 64], [70, 130, 40], [3, 9, 5]] as const) {
    const x = createTensor("x", "input", [M, K]),
      data = Float32Array.from({ length: M * K }, (_, i) => Math.sin(i));
    const [f32, bf16] = await bothWays(
      engine,
      [N, K],
      (weight) => matmul(x, weight, "NT"),
      new Map([[x, data]]),
    );
    assert.deepEqual(bf16, f32, `${M}x${K} by ${N}x${K}`);
  }
});

Deno.test("a kernel that does not decode bf16 is not given any", () => {
  const w = createTensor("w", "parameter", [4], "bf16");
  throwsWith(
    () => record("wrong", TARGET, () => scale(w, 2)),
    TypeError,
    "Cannot dispatch scale with generated/scale.vec4.wgsl as x0s holds bf16 and the kernel does not decode it",
  );
});

gpuTest("values of another type are not written", async (engine) => {
  const [w, x] = [createTensor("w", "parameter", [4], "bf16"), createTensor("x", "input", [4])];
  await assert.rejects(
    engine.write(w, Float32Array.of(1)),
    new TypeError("Cannot write a Float32Array to w as it holds bf16"),
  );
  await assert.rejects(
    engine.write(x, Uint16Array.of(1)),
    new TypeError("Cannot write a Uint16Array to x as it holds f32"),
  );
});

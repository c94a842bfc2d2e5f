/**
 * The matmul ladder, measured on your machine.
 *
 * C = A B, with C [M, N] and an inner length K, takes 2 M N K operations, and nearly all the time of training is spent
 * in it. The five kernels of engine/ops/matmul do the same sums in the same order of k; they differ in what they
 * load how often.
 *
 * 1. `naive`: one invocation an element of C. For each of its K products it loads two numbers: twice as many loads as
 *    operations that matter, so it waits for memory.
 * 2. `tiled`: a workgroup copies a square of A and of B into its own small memory, and all its invocations use it.
 *    Each number comes from far away once for 16 uses.
 * 3. `registers`: an invocation makes a block of C, 4 by 4. What it loaded it uses four times, from registers, which
 *    are nearer still.
 * 4. `vec4`: the same, loading four neighbours at once, with larger blocks.
 * 5. `subgroup`: lanes that run in step hand each other what they loaded, and no shared memory is needed. On CPUs,
 *    where a subgroup is a vector register, it is the fastest by far; on GPUs `vec4` usually is.
 *
 * Every rung stays in the tree: the first is what the others are tested against, and reading them in order is how one
 * learns why the last looks as it does. Which one runs is measured (`./lapidary tune`) and not guessed.
 *
 * The numbers below are one run of one size: a taste. `./lapidary bench ladder` measures properly.
 *
 * Read next: engine/ops/matmul/naive.wgsl, tiled.wgsl, registers.wgsl, vec4.wgsl, subgroup.wgsl; then choice.ts.
 */
import assert from "node:assert/strict";
import { createRandom, createTensor, product, record, timeDispatches, VARIANTS } from "../../engine/mod.ts";
import type { Lesson } from "./lesson.ts";

export const lesson: Lesson = {
  title: "The matmul ladder, measured on your machine",
  async run({ engine, say }) {
    const n = 192, a = createTensor("a", "input", [n, n]), b = createTensor("b", "input", [n, n]);
    const c = createTensor("c", "output", [n, n]);
    const [A, B] = [1, 2].map((stream) => {
      const random = createRandom(0, stream);
      return Float32Array.from({ length: n * n }, () => random.normal());
    }) as [Float32Array, Float32Array];
    await engine.write(a, A);
    await engine.write(b, B);

    // One element by hand, in f64: what every rung must give.
    let exact = 0;
    for (let k = 0; k < n; k++) exact += A[5 * n + k]! * B[k * n + 7]!;

    const found: [string, string, string, string][] = [];
    for (const variant of VARIANTS) {
      if (variant === "subgroup" && engine.target.subgroupSize < 4) continue; // this device has no lanes to speak of
      const { program } = record(
        "rung",
        engine.target,
        () => product({ op: "matmul", layout: "NN", a, b, c, M: n, N: n, K: n }, variant),
      );
      const prepared = await engine.prepare(program), [dispatch] = program.dispatches;
      engine.run(prepared); // the first run pays for the driver's compiler
      let rate = "not timed";
      if (engine.device.timestamps) {
        const [milliseconds] = await timeDispatches(engine, prepared);
        rate = (2 * n ** 3 / milliseconds! / 1e6).toFixed(2);
      }
      const device = (await engine.read(c))[5 * n + 7]!;
      assert.ok(Math.abs(device - exact) < 1e-4, `${variant}: ${device} for ${exact}`);
      found.push([variant, `[${dispatch!.grid}]`, rate, device.toFixed(5)]);
      engine.discard(prepared);
    }
    say([["kernel", "grid", "GFLOP/s", `C[5, 7] (f64: ${exact.toFixed(5)})`], ...found]);
    engine.release([a.slot, b.slot, c.slot]);
  },
};

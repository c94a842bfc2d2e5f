/**
 * A kernel and its grid.
 *
 * A kernel is a small program that a GPU runs many times at once; each run is an *invocation* and knows which one it
 * is. Invocations come in *workgroups* of a size that the kernel states (here 64), and a dispatch says how many
 * workgroups: the *grid*. The usual plan is one invocation for each result, so 130 results need ⌈130 / 64⌉ = 3
 * workgroups: 192 invocations, of which 62 must do nothing. Hence the line that every kernel here has, the check of
 * bounds; without it they would write where nothing is theirs.
 *
 * Too small a grid is no error to the GPU. The results that nobody computes stay what they were, zero in a new
 * buffer, and training goes on with them. That is why no caller here chooses a grid by hand: the op that knows the
 * kernel does, and tests run every op on sizes that are no multiple of anything.
 *
 * A kernel declares what it binds: storage it reads, storage it writes, and a few scalars in `Params`. The engine
 * reads that off the text, so a name that does not fit is refused before anything runs. A shader that does not
 * compile would be no error in Deno either: its dispatches write zeros. One function (engine/gpu/pipelines.ts) makes
 * all pipelines, in an error scope, and names file, line and column.
 *
 * Constants on top of a file are *knobs* (`const FACTOR = 2.0;`), filled in before compiling. Shader text is never
 * put together from pieces, so the line that you read is the line that runs: `TRACE=4` shows it.
 *
 * Read next: engine/ops/rms_norm/forward_naive.wgsl, then engine/compiler/kernel.ts.
 */
import assert from "node:assert/strict";
import { createTensor, DeviceError, dispatch, type Kernel, kernel, record } from "../../engine/mod.ts";
import type { Lesson } from "./lesson.ts";

const SOURCE = `// y = FACTOR x   x, y [count]
const FACTOR = 2.0;
struct Params { count: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.count) { return; }
  y[id.x] = FACTOR * x[id.x];
}`;

export const lesson: Lesson = {
  title: "A kernel and its grid",
  async run({ engine, say }) {
    const count = 130, x = createTensor("x", "input", [count]);
    await engine.write(x, Float32Array.from({ length: count }, (_, i) => i + 1));

    const triple = kernel("lesson.wgsl", SOURCE, { FACTOR: 3 });
    say(
      `bindings read off the text: ${
        triple.bindings.map(({ name, access }) => `${name} (${access})`).join(", ")
      }`,
    );
    say(`the knob is filled in: ${triple.code.split("\n")[1]}`);

    /** Runs the kernel over so many workgroups; answers y. */
    const run = async (code: Kernel, groups: number) => {
      const y = createTensor("y", "output", [count]);
      const { program } = record("lesson", engine.target, () =>
        dispatch({
          op: "triple",
          kernel: code,
          tensors: { x, y },
          params: { count },
          grid: [groups, 1, 1],
          flops: count,
        }));
      const prepared = await engine.prepare(program);
      engine.run(prepared);
      const values = await engine.read(y);
      engine.discard(prepared);
      engine.release([y.slot]);
      return values;
    };

    const enough = await run(triple, 3), few = await run(triple, 2);
    say([
      ["workgroups", "invocations", "y[0]", "y[127]", "y[128]", "y[129]"],
      ...[[3, enough] as const, [2, few] as const].map((
        [groups, y],
      ) => [groups, 64 * groups, y[0]!, y[127]!, y[128]!, y[129]!]),
    ]);
    say("with two workgroups the last two results were nobody's: zeros, and no error");
    assert.deepEqual([...enough.subarray(127)], [384, 387, 390]);
    assert.deepEqual([...few.subarray(127)], [384, 0, 0]);

    // A slip in the text: without the engine's care it would run and write zeros.
    const broken = kernel("broken.wgsl", SOURCE.replace("FACTOR * x", "FACTOR + ? x"));
    await assert.rejects(run(broken, 3), (error) => {
      assert.ok(error instanceof DeviceError);
      assert.match(error.message, /^Cannot compile broken\.wgsl:11:/);
      say(error.message.split("\n")[0]!);
      return true;
    });
    engine.release([x.slot]);
  },
};

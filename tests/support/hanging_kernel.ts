/** For tests/cli/watchdog_test.ts: a dispatch of many hours on a software adapter, watched. */
import { watchWaits } from "../../cli/watchdog.ts";
import { createTensor, dispatch, kernel, openEngine, record } from "../../engine/mod.ts";

const source = `// As many rounds as a software adapter allows, times every invocation.
@group(0) @binding(0) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) i: u32) {
  var sum = x[i];
  for (var round = 0u; round < 65000u; round++) { sum = fma(sum, 0.999, 1.0); }
  x[i] = sum;
}`;

const engine = await openEngine(), x = createTensor("x", "state", [256]);
const { program } = record("endless", engine.target, () => {
  dispatch({
    op: "endless",
    kernel: kernel("endless.wgsl", source),
    tensors: { x },
    grid: [65535, 64, 1],
    flops: 0,
  });
});
const prepared = await engine.prepare(program);
watchWaits(1);
engine.run(prepared);
await engine.read(x);
console.log("answered");

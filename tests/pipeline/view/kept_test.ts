import assert from "node:assert/strict";
import { createTensor, dispatch, kernel, record } from "../../../engine/mod.ts";
import { keptBlocks, keptOf } from "../../../pipeline/view/record/kept.ts";
import { pictureOf, sampledRows } from "../../../pipeline/view/record/picture.ts";
import { createValueStore } from "../../../pipeline/view/record/values.ts";
import { TARGET } from "../../support/target.ts";

const blocks = keptBlocks({ teacher: ["full_attention", "full_attention"], student: ["sliding_attention"] });

const walk = `struct Params { count: u32 }
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= params.count) { return; }
  y[i] = x[i];
}`;

function one(scope: string, elements: number, source = walk, count = elements / 4) {
  const [x, y] = ["x", "y"].map((name) => createTensor(name, "state", [elements])) as [never, never];
  const { program } = record(
    "one",
    TARGET,
    () =>
      dispatch({
        op: "walk",
        kernel: kernel("walk.wgsl", source),
        tensors: { x, y },
        params: { count },
        grid: [1, 1, 1],
        flops: 0,
      }),
  );
  return { ...program.dispatches[0]!, scope };
}

Deno.test("kept are the blocks that stand for all, and what stands outside of blocks", () => {
  const kept = (scope: string) => keptOf(one(scope, 64), blocks) !== undefined;
  assert.ok(kept("micro-batch 0/student/block 0/mlp") && kept("micro-batch 0/student/backward/block 0"));
  assert.ok(kept("micro-batch 0/teacher/block 1/mlp") && kept("micro-batch 0/loss") && kept("adamw"));
  assert.ok(
    !kept("micro-batch 0/teacher/block 0/mlp") && !kept("micro-batch 0/student/backward/block 3/mlp"),
  );
});

Deno.test("of a long walk the first elements are kept, where the kernel can stop there", () => {
  const { sample, tensors } = keptOf(one("adamw", 2 ** 20), blocks)!;
  assert.deepEqual(sample, { elements: 4096, count: 1024 });
  assert.deepEqual([tensors.x!.shape, tensors.y!.shape], [[4096], [4096]]);
  assert.equal(
    keptOf(one("adamw", 2 ** 20, walk.replace("if (i >= params.count) { return; }", "")), blocks),
    undefined,
  );
  assert.equal(keptOf(one("adamw", 2 ** 20, walk, 7), blocks), undefined);
});

Deno.test("a picture has every k-th row and column, and says by how much colours are scaled", () => {
  const store = createValueStore(),
    values = Float32Array.from({ length: 40 * 33 }, (_, i) => i === 0 ? NaN : -i);
  const picture = pictureOf(values, [40, 33], 1, store);
  assert.deepEqual(picture, { value: 0, rows: 20, columns: 17, every: [2, 2], scale: 2 * 19 * 33 + 32 });
  const { parts, every } = sampledRows(createTensor("w", "parameter", [2 ** 12, 2 ** 10]));
  assert.deepEqual([parts.length, every, parts[1]!.offset, parts[1]!.shape], [32, 128, 2 ** 17, [1024]]);
});

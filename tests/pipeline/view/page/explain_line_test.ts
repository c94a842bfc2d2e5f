import assert from "node:assert/strict";
import { kernel } from "../../../../engine/mod.ts";
import { compare } from "../../../../pipeline/view/page/compare.ts";
import { explainLine } from "../../../../pipeline/view/page/explain_line.ts";
import type { RecordedDispatch } from "../../../../pipeline/view/recording.ts";

const { file, knobs, code, bindings, params } = kernel(
  "x.wgsl",
  `const ROWS = 8u;
const LANES = 4u;
struct Params { count: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<uniform> params: Params;
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u) {
  let i = group.x * ROWS; // first row
  if (i >= params.count) { return; }
  let y = max(x[i], f32(LANES));
}`,
  { ROWS: 2 },
);
const dispatch = {
  ...{
    op: "x",
    scope: "",
    kernel: 0,
    params: { count: 9 },
    grid: [3, 1, 1],
    bytes: 0,
    flops: 0,
    milliseconds: 0,
    kept: false,
  },
  tensors: [{ name: "x", slot: 0, offset: 0, shape: [9], dtype: "f32", write: false }],
} as const satisfies RecordedDispatch;
const slots = [{ name: "hidden", role: "temporary", bytes: 36, first: 0, last: 0 }] as const;
const explained = (line: number) =>
  explainLine(code.split("\n")[line - 1]!, dispatch, { file, knobs, code, bindings, params }, slots)
    .map(({ name, text }) => `${name}: ${text}`);

Deno.test("a line is explained by what its names stand for in this dispatch", () => {
  assert.deepEqual(explained(1), ["ROWS: 2, a knob set for this dispatch"]);
  assert.deepEqual(explained(6), [
    "workgroup_size: invocations of a workgroup; the grid has 3 x 1 x 1 = 3 workgroups",
  ]);
  assert.deepEqual(explained(8), ["ROWS: 2, a knob set for this dispatch", "its comment: first row"]);
  assert.deepEqual(explained(9), ["i: group.x * ROWS; first row", "count: 9, a parameter of this dispatch"]);
  assert.deepEqual(explained(10), [
    "max: the larger of two",
    "x: hidden [9] f32, read",
    "i: group.x * ROWS; first row",
    "LANES: 4u, as the file gives it",
  ]);
});

Deno.test("a difference counts equal bits, and takes what is not a number on one side alone as infinite", () => {
  assert.deepEqual(compare(Float32Array.of(1, 2, 4), Float32Array.of(1, 2, 8)), {
    count: 3,
    equal: 2,
    relative: 0.5,
    worst: 2,
  });
  assert.deepEqual(compare(Float32Array.of(0), Float32Array.of(-0)), {
    count: 1,
    equal: 0,
    relative: 0,
    worst: 0,
  });
  assert.equal(compare(Float32Array.of(NaN), Float32Array.of(1)).relative, Infinity);
  assert.equal(compare(Float32Array.of(NaN), Float32Array.of(NaN)).relative, 0);
});

import assert from "node:assert/strict";
import {
  createTensor,
  diffPrograms,
  formatProgramDiff,
  matmul,
  output,
  plan,
  type Program,
  programDot,
  programJson,
  record,
  rmsNorm,
  scale,
  scope,
} from "../../../engine/mod.ts";
import { TARGET } from "../../support/target.ts";

/** y = norm(x) wᵀ for N rows, halved where asked. */
function layer(N: number, halved = false): Program {
  const x = createTensor("x", "input", [N, 5]), w = createTensor("w", "parameter", [5, 5]);
  const norm = createTensor("norm", "parameter", [5]);
  return record("layer", TARGET, () => {
    const y = scope("block 0/mlp", () => matmul(rmsNorm(x, norm, 1e-6), w, "NT"));
    output("y", halved ? scale(y, 0.5) : y);
  }).program;
}

const json = (program: Program) => programJson(program, plan(program));

Deno.test("a Program as JSON: all that its text says, and it survives the way through a file", () => {
  const program = layer(3), written = json(program);
  assert.deepEqual(JSON.parse(JSON.stringify(written)), written);
  assert.deepEqual(written.dispatches[1], {
    op: "matmul",
    scope: "block 0/mlp",
    kernel: { file: "ops/matmul/registers.wgsl", knobs: { PACKED: false, ROWS: 4, COLUMNS: 4 } },
    params: program.dispatches[1]!.params,
    reads: [
      { name: "A", slot: 2, offset: 0, shape: [3, 5], dtype: "f32" },
      { name: "B", slot: 4, offset: 0, shape: [5, 5], dtype: "f32" },
    ],
    writes: [{ name: "C", slot: 5, offset: 0, shape: [3, 5], dtype: "f32" }],
    grid: [1, 1, 1],
    bytes: 220,
    flops: 150,
  });
  assert.deepEqual(written.slots[2], {
    name: "rms_norm",
    role: "temporary",
    bytes: 60,
    first: 0,
    last: 1,
    place: { buffer: 0, offset: 0 },
  });
  assert.equal(written.slots[4]!.place, null);
});

Deno.test("a Program as a graph: boxes by scope, arrows from who wrote to who reads", () => {
  assert.equal(
    programDot(json(layer(3))),
    `digraph "layer" {
  node [shape=box];
  d2 [label="2 copy"];
  subgraph cluster_0 {
    label="block 0";
    subgraph cluster_1 {
      label="mlp";
      d0 [label="0 rms_norm"];
      d1 [label="1 matmul"];
    }
  }
  s0 [shape=ellipse, label="input x"];
  s1 [shape=ellipse, label="parameter norm"];
  s4 [shape=ellipse, label="parameter w"];
  s0 -> d0 [label="[3, 5]"];
  s1 -> d0 [label="[5]"];
  d0 -> d1 [label="[3, 5]"];
  s4 -> d1 [label="[5, 5]"];
  d1 -> d2 [label="[15]"];
}
`,
  );
});

Deno.test("two Programs compared: totals, memory, kernels, slots, and where they part", () => {
  assert.equal(
    formatProgramDiff(diffPrograms(json(layer(3)), json(layer(3)))),
    "The Programs are the same: 3 dispatches",
  );
  assert.equal(
    formatProgramDiff(diffPrograms(json(layer(3)), json(layer(3, true)))),
    `total     dispatches 3, bytes 492, flop 210 -> 225 (+15)

ops by kernel
  scale generated/scale.wgsl
    dispatches 0 -> 1 (+1), bytes 0 -> 120 (+120), flop 0 -> 15 (+15)
  copy generated/copy.wgsl
    dispatches 1 -> 0 (-1), bytes 120 -> 0 (-120), flop 0

the lists part at dispatch 2
  copy generated/copy.wgsl [15] -> [15] grid [1, 1, 1]
  scale generated/scale.wgsl [15] -> [15] grid [1, 1, 1]`,
  );
  const { memory, slots, kernels } = diffPrograms(json(layer(3)), json(layer(30)));
  assert.deepEqual(memory, [
    { name: "input", before: 256, after: 768 },
    { name: "temporary", before: 512, after: 1536 },
    { name: "output", before: 256, after: 768 },
  ]);
  assert.deepEqual(slots.map(({ name }) => name), [
    "input x",
    "temporary rms_norm",
    "temporary matmul",
    "output y",
    "temporary rstd",
  ]);
  assert.deepEqual(kernels[0]!.after, { dispatches: 1, bytes: 1300, flops: 1500 });
});

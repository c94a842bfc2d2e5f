import assert from "node:assert/strict";
import {
  add,
  backward,
  createGradients,
  createTensor,
  matmul,
  output,
  plan,
  printProgram,
  type Program,
  record,
  rmsNorm,
  scope,
} from "../../../engine/mod.ts";
import { TARGET } from "../../support/target.ts";

/** h + linear(norm(h)) of a small residual block, and the gradients of its two weights. */
function block(): Program {
  const h = createTensor("h", "input", [3, 5]), seed = createTensor("dy", "input", [3, 5]);
  const norm = createTensor("norm", "parameter", [5], "f32", true);
  const weight = createTensor("weight", "parameter", [5, 5], "f32", true);
  const dWeight = createTensor("d weight", "state", [5, 5]);
  return record("block", TARGET, () => {
    const gradients = createGradients(new Map([[weight, dWeight]]));
    const y = scope("block 0", () => add(h, matmul(rmsNorm(h, norm, 1e-6), weight, "NT")));
    backward(y, seed, gradients);
    output("y", y);
  }).program;
}

const SNAPSHOT = `program block: 7 dispatches, 12 slots
   0 rms_norm in block 0
     ops/rms_norm/forward_naive.wgsl RESIDUAL=false
     x: h [3, 5], w: norm [5], residual: h [3, 5] -> y: rms_norm [3, 5], rstd: rstd [3]
     grid [1, 1, 1], 152 B, 60 flop
   1 matmul in block 0
     ops/matmul/registers.wgsl PACKED=false ROWS=4 COLUMNS=4
     A: rms_norm [3, 5], B: weight [5, 5] -> C: matmul [3, 5]
     grid [1, 1, 1], 220 B, 150 flop
   2 add in block 0
     generated/add.wgsl
     x0s: h [15], x1s: matmul [15] -> y: y [15]
     grid [1, 1, 1], 180 B, 15 flop
   3 matmul.backward in backward/block 0
     ops/matmul/registers.wgsl PACKED=false ROWS=4 COLUMNS=4
     A: dy [3, 5], B: weight [5, 5] -> C: d rms_norm [3, 5]
     grid [1, 1, 1], 220 B, 150 flop
   4 matmul.backward in backward/block 0
     ops/matmul/registers.wgsl PACKED=false ROWS=4 COLUMNS=4
     A: dy [3, 5], B: rms_norm [3, 5] -> C: d weight [5, 5]
     grid [1, 1, 1], 220 B, 150 flop
   5 rms_norm.backward in backward/block 0
     ops/rms_norm/weight_gradient.wgsl ROWS_PER_PART=64
     x: h [3, 5], dy: d rms_norm [3, 5], rstd: rstd [3] -> parts: d w parts [1, 5]
     grid [1, 1, 1], 152 B, 45 flop
   6 sum_columns in backward/block 0
     ops/reduce/sum_columns.wgsl ADD=false
     x: d w parts [1, 5] -> y: d norm [5]
     grid [1, 1, 1], 40 B, 5 flop
slots
     input     h           60 B, used 0 to 5
     parameter norm        20 B, used 0
     temporary rms_norm    60 B, used 0 to 4, pool 1
     temporary rstd        12 B, used 0 to 5, pool 0
     parameter weight     100 B, used 1 to 3
     temporary matmul      60 B, used 1 to 2, pool 2
     output    y           60 B, used 2
     input     dy          60 B, used 3 to 4
     temporary d rms_norm  60 B, used 3 to 5, pool 2
     state     d weight   100 B, used 4
     temporary d w parts   20 B, used 5 to 6, pool 1
     temporary d norm      20 B, used 6, pool 0
total: 1,184 B moved, 575 flop
memory: input 512 B, parameter 512 B, state 256 B, temporary 768 B, output 256 B, in all 2,304 B
`;

Deno.test("a Program is printed with its dispatches, slots and totals", () => {
  const program = block();
  assert.equal(printProgram(program, plan(program)), SNAPSHOT);
});

Deno.test("the same recording gives the same text", () => {
  assert.equal(printProgram(block()), printProgram(block()));
});

Deno.test("without a plan no buffers and no memory are printed", () => {
  const lines = printProgram(block()).split("\n");
  const planned = SNAPSHOT.replace(/, pool \d+$/gm, "").replace(/^memory: .*\n/m, "").split("\n");
  assert.deepEqual(lines, planned);
});

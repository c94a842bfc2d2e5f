/** What a training step records: how many dispatches, and what it does not do. Nothing runs. */
import assert from "node:assert/strict";
import { beforeFusion, type Program } from "../../engine/mod.ts";
import { parseConfig } from "../../model/config/mod.ts";
import { declareGemma3 } from "../../model/gemma3/mod.ts";
import { declareState, recordStep } from "../../train/step.ts";
import { tinyJson } from "../support/configs.ts";
import { TARGET } from "../support/target.ts";

const BLOCKS = 3, B = 2, T = 6, MICRO_BATCHES = 2;
const CONFIG = parseConfig(tinyJson(BLOCKS), "config.json");

function step(subgroupSize: number): Program {
  const model = (label: "teacher" | "student") =>
    declareGemma3(CONFIG, { label, positions: T, differentiable: label === "student" });
  const student = model("student"), target = { ...TARGET, subgroupSize };
  return recordStep(target, {
    student,
    teacher: model("teacher"),
    state: declareState(student),
    loss: { kind: "forward_kl", alpha: 0.5, beta: 0.5, temperature: 2, skew: 0 },
    optimizer: { betas: [0.9, 0.999], eps: 1e-8, clip: 1, weightDecay: { matrices: 0.01, norms: 0.01 } },
    batches: Array.from({ length: MICRO_BATCHES }, () => ({ B, T })),
  }).program;
}

const named = ({ dispatches }: Program, op: string) => dispatches.filter((dispatch) => dispatch.op === op);

Deno.test("the two gradients of an MLP's gate are one dispatch, which reads their inputs once", () => {
  const program = step(8), before = beforeFusion(program), joined = MICRO_BATCHES * BLOCKS;
  const gates = named(program, "gated_gelu.backward");
  assert.equal(gates.length, joined);
  const inner = 4 * B * T * CONFIG.intermediateSize;
  // gate, up, dy -> d gate, and gate, dy -> d up, become gate, up, dy -> d gate, d up.
  for (const gate of gates) {
    assert.deepEqual([gate.joined, gate.bytes], [{ dispatches: 2, bytes: 7 * inner }, 5 * inner]);
  }
  assert.equal(before.dispatches - program.dispatches.length, joined);
  assert.equal(
    before.bytes - program.dispatches.reduce((sum, { bytes }) => sum + bytes, 0),
    2 * inner * joined,
  );
});

Deno.test("the teacher's MLP keeps neither of the products that its gate is made of, the student's both", () => {
  const gated = (op: string, who: string) =>
    named(step(8), op).filter(({ scope }) => scope.includes(who)).length;
  const blocks = MICRO_BATCHES * BLOCKS;
  assert.deepEqual([gated("gated_linear", "teacher"), gated("gated_gelu", "teacher")], [2 * blocks, 0]);
  assert.deepEqual([gated("gated_linear", "student"), gated("gated_gelu", "student")], [0, blocks]);
});

Deno.test("residual streams and their gradients meet within the norms: no addition is a dispatch of its own", () => {
  const program = step(8);
  const additions = program.dispatches.filter(({ op, scope }) =>
    scope.includes("student") && ["add", "accumulate", "copy", "zero"].includes(op)
  );
  assert.deepEqual(additions.map(({ op, scope }) => [op, scope]), []);
  const norms = 6 * BLOCKS + 1;
  assert.equal(named(program, "rms_norm").length, 2 * MICRO_BATCHES * norms);
  assert.equal(named(program, "rms_norm.backward").length, MICRO_BATCHES * norms);
  // Without subgroups dx and dw are two kernels.
  assert.equal(named(step(0), "rms_norm.backward").length, 2 * MICRO_BATCHES * norms);
});

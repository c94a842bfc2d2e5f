/**
 * `deno task test:peers`: every library computes small problems of odd sizes right, and jax-js trains a small Gemma as this
 * engine does. Fetches the packages; no part of `deno task test`, which has no need of them.
 */
import assert from "node:assert/strict";
import { type Layout, openEngine } from "../../engine/mod.ts";
import { pebbleConfig } from "../../train/pretrain.ts";
import { pruneConfig } from "../../model/config/mod.ts";
import { benchKernel } from "./kernels/bench.ts";
import { jaxPeer } from "./kernels/jax.ts";
import { onnxNodePeer, onnxWebPeer } from "./kernels/onnx.ts";
import { ours } from "./kernels/ours.ts";
import type { Problem } from "./kernels/problem.ts";
import { tfjsPeer } from "./kernels/tfjs.ts";
import { benchTraining } from "./training/bench.ts";
import { trainJax } from "./training/jax.ts";
import { trainOurs } from "./training/ours.ts";
import { distillation, pretraining } from "./training/task.ts";

const PROBLEMS: readonly Problem[] = [
  ...(["NN", "NT", "TN"] satisfies Layout[]).map((layout) => ({
    kind: "matmul" as const,
    layout,
    M: 33,
    K: 20,
    N: 70,
  })),
  { kind: "softmax", rows: 5, columns: 129 },
  { kind: "rms_norm", rows: 9, columns: 68 },
];

// Libraries keep what they loaded.
const leaky = { sanitizeOps: false, sanitizeResources: false };

Deno.test("every library is right, and those on the adapter dispatch there", leaky, async () => {
  const engine = await openEngine();
  const peers = [ours(engine), await jaxPeer(), await tfjsPeer(), await onnxWebPeer(), await onnxNodePeer()];
  for (const problem of PROBLEMS) {
    const { entries } = await benchKernel(engine, peers, problem, { milliseconds: 0, minimum: 1 });
    for (const { title, kind, wrong, facts } of entries) {
      assert.equal(wrong, undefined, `${title}, ${problem.kind}: ${wrong}`);
      assert.equal(facts!.dispatches! > 0, kind !== "cpu", title);
    }
  }
  engine.close();
});

Deno.test(
  "jax-js trains a sliding and a full layer as this engine does, alone and with a teacher",
  leaky,
  async () => {
    const config = pruneConfig(pebbleConfig(50), [0, 1, 2, 3, 6, 7, 8, 9, 10, 11]);
    // Rows longer than the window.
    for (const task of [pretraining(config, 2, 70), distillation({ config, drop: [1] }, 3, 66)]) {
      const effort = { warmUp: 0, steps: 3, inTurns: true };
      const { entries } = await benchTraining(task, [() => trainOurs(task), () => trainJax(task)], effort);
      for (const { title, wrong } of entries) {
        assert.equal(
          wrong,
          undefined,
          `${title}, ${task.name}: ${wrong}`,
        );
      }
    }
  },
);

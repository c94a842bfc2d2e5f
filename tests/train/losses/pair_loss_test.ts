import assert from "node:assert/strict";
import { createTensor, DeviceError, record } from "../../../engine/mod.ts";
import { pairLoss } from "../../../train/losses/mod.ts";
import { throwsWith } from "../../support/errors.ts";

/** Records the losses of one row for a device of that kind. */
function recordRow(columns: number, subgroupSize: number, software: boolean): number {
  const input = (shape: number[]) => createTensor("x", "input", shape);
  const pair = {
    student: input([1, columns]),
    teacher: input([1, columns]),
    targets: createTensor("targets", "input", [1], "u32"),
    weights: input([1]),
  };
  const loss = { kind: "forward_kl", alpha: 0.5, beta: 0.5, temperature: 2, skew: 0 } as const;
  const target = { subgroupSize, software, maxBinding: 2 ** 27 };
  return record("losses", target, () => pairLoss(pair, loss)).program.dispatches.length;
}

Deno.test("a row that llvmpipe would leave unfinished in silence is refused", () => {
  throwsWith(
    () => recordRow(262144, 0, true),
    DeviceError,
    "Cannot run pair_loss on this software adapter: an invocation takes 1048576 rounds of its loops and the adapter " +
      "stops after 65535; use a GPU, or a smaller vocabulary or max_length",
  );
  throwsWith(
    () => recordRow(140001, 8, true),
    DeviceError,
    "Cannot run pair_loss on this software adapter: an invocation takes 70005 rounds of its loops and the adapter " +
      "stops after 65535; use a GPU, or a smaller vocabulary or max_length",
  );
});

Deno.test("Gemma's vocabulary fits a software adapter with subgroups, and any GPU", () => {
  assert.equal(recordRow(262144, 8, true), 1);
  assert.equal(recordRow(262144, 0, false), 1);
});

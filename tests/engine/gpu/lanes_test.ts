/** Kernels take invocation i for lane i % LANES of subgroup i / LANES; a driver may see it otherwise. */
import assert from "node:assert/strict";
import { inOrder, lanesInOrder } from "../../../engine/gpu/lanes.ts";
import { gpuTest } from "../../support/engine.ts";

/** What lanes.wgsl writes where invocation `i` is the lane that `lane` says, of the subgroup that `subgroup` says. */
function places(size: number, lane: (i: number) => number, subgroup: (i: number) => number): Uint32Array {
  const invocations = [...Array(64).keys()];
  return Uint32Array.from(invocations.flatMap((i) => {
    const together = invocations.filter((other) => subgroup(other) === subgroup(i));
    return [lane(i), size, Math.min(...together), Math.max(...together)];
  }));
}

Deno.test("lanes in order are known from those that are not", () => {
  const lane = (i: number) => i % 8, subgroup = (i: number) => Math.floor(i / 8);
  assert.ok(inOrder(places(8, lane, subgroup), 8));
  assert.ok(!inOrder(places(8, (i) => 7 - i % 8, subgroup), 8), "lanes counted backwards");
  assert.ok(!inOrder(places(8, (i) => Math.floor(i / 8), lane), 8), "subgroups of every eighth invocation");
  assert.ok(!inOrder(places(4, (i) => i % 4, (i) => Math.floor(i / 4)), 8), "another size than told");
});

gpuTest(
  "the device that tests run on has its lanes in order, so that kernels with subgroups are tested",
  async ({ device }) => {
    assert.ok(device.subgroupSize > 0);
    assert.ok(await lanesInOrder(device));
  },
);

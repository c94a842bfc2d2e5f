/** What needs none of the packages: the tasks, this engine's part, and that a training that goes elsewhere is told. */
import assert from "node:assert/strict";
import { benchTraining, differences, entryOf } from "../../../bench/peers/training/bench.ts";
import { trainOurs } from "../../../bench/peers/training/ours.ts";
import { batchOf, describeTask, distillation, pretraining } from "../../../bench/peers/training/task.ts";
import type { Outcome, Trainee } from "../../../bench/peers/training/trainee.ts";
import { parseConfig } from "../../../model/config/mod.ts";
import { tinyJson } from "../../support/configs.ts";
import { gpuTest } from "../../support/engine.ts";

const CONFIG = parseConfig(tinyJson(3), "config.json");
const PAIR = { config: CONFIG, drop: [1] };
const outcome = (changes: Partial<Outcome> = {}): Outcome => ({
  milliseconds: 10,
  crossEntropy: 2,
  distillation: 0,
  gradientNorm: 4,
  ...changes,
});

Deno.test("every training task has seeded tokens, none of them the padding", () => {
  const task = distillation(PAIR, 2, 40);
  assert.equal(describeTask(task), "2x40, 3 -> 2 blocks");
  assert.equal(describeTask(pretraining(CONFIG, 1, 8)), "1x8, 3 blocks");
  const first = batchOf(task, 1);
  assert.deepEqual(first, batchOf(task, 1));
  assert.notDeepEqual(first.ids, batchOf(task, 2).ids);
  assert.notDeepEqual(first.ids, first.targets);
  for (const values of [first.ids, first.targets]) {
    assert.equal(values.length, 80);
    assert.ok(values.every((id) => id >= 1 && id < CONFIG.vocabSize));
  }
});

Deno.test("the first number that another training gets otherwise is named; NaN is one", () => {
  const reference = [outcome(), outcome({ crossEntropy: 1.9 })];
  assert.equal(differences(reference, reference), undefined);
  // Closer in the first step than in later ones.
  assert.equal(differences([outcome({ gradientNorm: 4.0004 })], reference), undefined);
  assert.equal(
    differences([outcome({ gradientNorm: 4.004 })], reference),
    "gradientNorm of step 1 is 4.004 for 4",
  );
  assert.equal(differences([outcome(), outcome({ crossEntropy: 1.901 })], reference), undefined);
  assert.equal(
    differences([outcome(), outcome({ crossEntropy: 2 })], reference),
    "crossEntropy of step 2 is 2 for 1.9",
  );
  assert.equal(
    differences([outcome({ distillation: NaN })], reference),
    "distillation of step 1 is NaN for 0",
  );
});

Deno.test("steps before the timed ones are compared and not counted", () => {
  const outcomes = [1000, 30, 10, 20].map((milliseconds) => outcome({ milliseconds }));
  const record = { title: "peer 1.0", kind: "webgpu", outcomes, dispatches: 7 } as const;
  const { time, facts } = entryOf({ B: 2, T: 5 }, record, outcomes, 1);
  assert.equal(time!.p50, 20);
  assert.equal(time!.n, 3);
  assert.equal(facts!["tokens/s"], 500);
  assert.equal(facts!["first step ms"], 1000);
  const idle = entryOf({ B: 2, T: 5 }, { ...record, dispatches: 0 }, outcomes, 1);
  assert.equal(idle.wrong, "it dispatched nothing on the adapter");
  assert.equal(idle.time, undefined);
});

gpuTest(
  "this engine trains in either order; a trainee that does not is told, and all are closed",
  async () => {
    let closed = 0;
    const frozen = (): Promise<Trainee> =>
      Promise.resolve({
        title: "frozen",
        kind: "cpu",
        step: () => Promise.resolve(outcome({ crossEntropy: 100 })),
        close: () => Promise.resolve(void closed++),
      });
    for (const inTurns of [true, false]) {
      const task = distillation(PAIR, 2, 6);
      const contest = await benchTraining(task, [() => trainOurs(task), frozen], {
        warmUp: 1,
        steps: 2,
        inTurns,
      });
      const [own, other] = contest.entries;
      assert.equal(own!.wrong, undefined);
      assert.equal(own!.time!.n, 2);
      assert.ok(own!.facts!.dispatches! > 50);
      assert.match(other!.wrong!, /^crossEntropy of step 1 is 100 for [\d.]+$/);
    }
    assert.equal(closed, 2);
  },
);

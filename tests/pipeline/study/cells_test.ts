import assert from "node:assert/strict";
import { join } from "node:path";
import { UsageError } from "../../../engine/mod.ts";
import { cellDirectory, cellsOf, finishedResults, samePruning } from "../../../pipeline/study/cells.ts";
import { defineStudy } from "../../../pipeline/study/definition.ts";
import { rejectsWith } from "../../support/errors.ts";
import { exampleResults } from "../../support/results.ts";
import { inTemporaryDirectory } from "../../support/temporary.ts";

const STUDY = defineStudy({
  settings: { train: { lr: 1e-3, epochs: 2 } },
  methods: {
    "CE alone": { loss: { kind: "cross_entropy" }, train: { epochs: 3 } },
    KL: { "loss.alpha": 0, prune: { count: 2 } },
  },
  seeds: [5, 6],
}, "it");

Deno.test("every method with every seed: preset < settings < method < flags < --set", async () => {
  const cells = await cellsOf(STUDY, { flags: { data: { limit: 9 } }, set: ["train.clip=2"] });
  assert.deepEqual(cells.map(({ method, seed }) => [method, seed]), [
    ...[["CE alone", 5], ["KL", 5], ["CE alone", 6], ["KL", 6]],
  ]);
  const [ce, kl] = cells.map(({ config }) => config);
  assert.deepEqual([ce!.train.lr, ce!.train.epochs, kl!.train.epochs], [1e-3, 3, 2]);
  assert.deepEqual([ce!.loss.kind, kl!.loss.alpha, kl!.prune.count], ["cross_entropy", 0, 2]);
  for (const { config, seed } of cells) {
    assert.deepEqual(
      [config.seed, config.data.limit, config.train.clip, config.train.control],
      [seed, 9, 2, false],
    );
  }
});

Deno.test("a cell's name tells its configuration: the same again, another with any other key", async () => {
  const names = async (...set: string[]) => (await cellsOf(STUDY, { set })).map(({ name }) => name);
  const first = await names(), other = await names("data.pack=true");
  assert.match(first[0]!, /^ce-alone-seed5-[0-9a-f]{12}$/);
  assert.deepEqual(await names(), first);
  assert.equal(new Set([...first, ...other]).size, 8);
});

Deno.test("a key that no configuration has is told with its method", async () => {
  const wrong = defineStudy({ methods: { KL: { loss: { alfa: 0 } } }, seeds: [1] }, "it");
  await rejectsWith(
    cellsOf(wrong, {}),
    UsageError,
    'Unknown key "loss.alfa" (method KL); did you mean "loss.alpha"?',
  );
});

Deno.test("methods that are measured on other rows are refused", async () => {
  const wrong = defineStudy({ methods: { all: {}, few: { data: { limit: 9 } } }, seeds: [1] }, "it");
  await rejectsWith(
    cellsOf(wrong, {}),
    UsageError,
    "Cannot compare the methods all and few: they differ in data, so they are measured on other rows or items; " +
      "give both the same data",
  );
});

Deno.test("only a cell that has its results is finished", () =>
  inTemporaryDirectory(async (directory) => {
    const [cell] = await cellsOf(STUDY, {}), path = cellDirectory(directory, cell!);
    assert.equal(await finishedResults(directory, cell!), undefined);
    await Deno.mkdir(path, { recursive: true });
    await Deno.writeTextFile(join(path, "log.jsonl"), "");
    assert.equal(await finishedResults(directory, cell!), undefined);
    const results = await exampleResults();
    await Deno.writeTextFile(join(path, "results.json"), JSON.stringify(results));
    assert.deepEqual(await finishedResults(directory, cell!), results);
  }));

Deno.test("what comes before training is the same where loss and train alone differ", async () => {
  const [ce, kl] = await cellsOf(
    { ...STUDY, methods: { CE: STUDY.methods["CE alone"]!, KL: { loss: {} } } },
    {},
  );
  const [, pruned, next] = await cellsOf(STUDY, {});
  assert.equal(samePruning(ce!.config, kl!.config), true);
  assert.equal(samePruning(ce!.config, pruned!.config), false);
  assert.equal(samePruning(ce!.config, next!.config), false);
});

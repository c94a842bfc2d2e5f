import assert from "node:assert/strict";
import { join } from "node:path";
import { DataError } from "../../../engine/mod.ts";
import { hashModel, measureLikelihoods, openStore } from "../../../eval/likelihood/mod.ts";
import { keyOf } from "../../../eval/likelihood/store.ts";
import { gpuTest } from "../../support/engine.ts";
import { loadGoldenModel } from "../../support/golden_models.ts";
import { raggedRequests } from "../../support/likelihood_requests.ts";
import { inTemporaryDirectory } from "../../support/temporary.ts";

const KEY = "0123456789abcdef".repeat(4), OTHER = KEY.replaceAll("0", "f");
const RESULT = { logLikelihood: -12.375000001, isGreedy: true };

Deno.test("a store gives back what was put, after it was closed and opened again", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "likelihoods.jsonl");
    const first = await openStore(path);
    first.put(KEY, RESULT);
    assert.deepEqual(first.get(KEY), RESULT);
    first.close();
    const second = await openStore(path);
    assert.deepEqual([second.get(KEY), second.get(OTHER)], [RESULT, undefined]);
    second.close();
  }));

Deno.test("a last line that was cut off is dropped, and the next result stands on a line of its own", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "likelihoods.jsonl");
    const store = await openStore(path);
    store.put(KEY, RESULT);
    store.put(OTHER, RESULT);
    store.close();
    const { size } = await Deno.stat(path);
    await Deno.truncate(path, size - 5);
    const again = await openStore(path);
    assert.deepEqual([again.get(KEY), again.get(OTHER)], [RESULT, undefined]);
    again.put(OTHER, RESULT);
    again.close();
    assert.equal((await Deno.stat(path)).size, size);
  }));

Deno.test("a file that is no store is refused and left as it is", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "notes.txt"), text = "something\nelse\n";
    await Deno.writeTextFile(path, text);
    await assert.rejects(
      openStore(path),
      (error) =>
        error instanceof DataError && error.line === 1 &&
        /line 1 is no likelihood; remove/.test(error.message),
    );
    assert.equal(await Deno.readTextFile(path), text);
    await assert.rejects(openStore(join(directory, "absent", "a.jsonl")), DataError);
  }));

Deno.test("keys tell models, contexts and continuations apart", () => {
  const keys = [
    keyOf(KEY, { ids: [1, 2, 3], targets: [4] }),
    keyOf(OTHER, { ids: [1, 2, 3], targets: [4] }),
    keyOf(KEY, { ids: [1, 2, 3], targets: [3, 4] }),
    keyOf(KEY, { ids: [1, 23], targets: [4] }),
    keyOf(KEY, { ids: [12, 3], targets: [4] }),
  ];
  assert.equal(new Set(keys).size, keys.length);
});

gpuTest(
  "an evaluation that was cut off goes on with what it had",
  (engine) =>
    inTemporaryDirectory(async (directory) => {
      const model = await loadGoldenModel(engine, "tiny_micro"), path = join(directory, "likelihoods.jsonl");
      const modelHash = await hashModel(engine, model);
      const requests = [0, 1, 2, 3, 4, 5].flatMap((seed) => raggedRequests(seed, model.config.vocabSize));
      const plain = await measureLikelihoods(engine, model, requests, { padId: 0 });

      let store = await openStore(path);
      const whole = await measureLikelihoods(engine, model, requests, {
        padId: 0,
        kept: { store, modelHash },
      });
      store.close();
      assert.deepEqual(whole, plain);
      const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
      assert.equal(lines.length, new Set(requests.map((request) => JSON.stringify(request))).size);

      // As a process leaves it that is killed in the middle of a line.
      const half = lines.slice(0, lines.length / 2);
      await Deno.writeTextFile(path, `${half.join("\n")}\n${lines.at(-1)!.slice(0, 40)}`);
      store = await openStore(path);
      const told: number[] = [];
      const resumed = await measureLikelihoods(engine, model, requests, {
        padId: 0,
        kept: { store, modelHash },
        onRequests: (done) => told.push(done),
      });
      assert.ok(told[0]! >= half.length && told.at(-1) === requests.length);
      resumed.forEach(({ logLikelihood, isGreedy }, i) => {
        assert.ok(Math.abs(logLikelihood - plain[i]!.logLikelihood) < 2e-4);
        assert.equal(isGreedy, plain[i]!.isGreedy);
      });
      store.close();

      // Nothing is left to compute: not even a damaged model is asked.
      store = await openStore(path);
      await engine.write(model.parameters.norm, new Float32Array(model.config.hiddenSize).fill(NaN));
      assert.deepEqual(
        await measureLikelihoods(engine, model, requests, { padId: 0, kept: { store, modelHash } }),
        resumed,
      );
      const damaged = await hashModel(engine, model);
      assert.notEqual(damaged, modelHash);
      await assert.rejects(
        measureLikelihoods(engine, model, requests, { padId: 0, kept: { store, modelHash: damaged } }),
        /it is not finite; look for damaged weights$/,
      );
      store.close();
    }),
);

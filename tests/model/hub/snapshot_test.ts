import assert from "node:assert/strict";
import { join } from "node:path";
import { DataError } from "../../../engine/mod.ts";
import { HubError, parseRepo, planSnapshot, snapshot } from "../../../model/hub/mod.ts";
import { settingsFor } from "../../support/hub/settings.ts";
import { startHub } from "../../support/loopback_hub.ts";
import { inTemporaryDirectory, namesIn } from "../../support/temporary.ts";

const SHARDS = {
  "config.json": "{}",
  "tokenizer.json": "{}",
  "README.md": "card",
  "pytorch_model.bin": "pickle",
  "original/params.json": "{}",
  "model.safetensors.index.json": JSON.stringify({
    weight_map: { a: "model-00001-of-00002.safetensors", b: "model-00002-of-00002.safetensors" },
  }),
  "model-00001-of-00002.safetensors": "first",
  "model-00002-of-00002.safetensors": "second",
};
const repo = parseRepo("google/sharded");
const served = (files: Record<string, string>, id = "google/sharded") =>
  ({ type: "model", id, files }) as const;

Deno.test("a snapshot has what a model needs and nothing else", async () => {
  await inTemporaryDirectory(async (cache) => {
    await using hub = await startHub([served(SHARDS)]);
    const settings = settingsFor(hub, cache);
    const plan = await planSnapshot(settings, repo);
    const { "pytorch_model.bin": _, "original/params.json": __, ...needed } = SHARDS;
    assert.equal(plan.missing, Object.values(needed).join("").length);
    const { directory, commit } = await snapshot(settings, repo);
    assert.deepEqual(await namesIn(directory), Object.keys(needed).sort());
    assert.equal(commit, plan.commit);
    assert.equal((await planSnapshot(settings, repo)).missing, 0);

    hub.requests.length = 0;
    assert.deepEqual(await snapshot({ ...settings, offline: true }, repo), { directory, commit });
    assert.deepEqual(await snapshot(settings, { ...repo, revision: commit }), { directory, commit });
    assert.deepEqual(hub.requests, []);

    await Deno.remove(join(directory, "model-00002-of-00002.safetensors"));
    await assert.rejects(snapshot({ ...settings, offline: true }, repo), /Cannot find model-00002-of-00002/);
  });
});

Deno.test("a tokenizer alone", async () => {
  await inTemporaryDirectory(async (cache) => {
    await using hub = await startHub([served(SHARDS)]);
    const { directory } = await snapshot(settingsFor(hub, cache), repo, { kind: "tokenizer" });
    assert.deepEqual(await namesIn(directory), ["config.json", "tokenizer.json"]);
  });
});

Deno.test("where the hub does not answer, the cache stands in and says so", async () => {
  await inTemporaryDirectory(async (cache) => {
    await using hub = await startHub([served(SHARDS)]);
    const settings = settingsFor(hub, cache), first = await snapshot(settings, repo);
    const notes: string[] = [];
    hub.faults.push({ when: () => true, spoil: { status: 503 } });
    assert.deepEqual(await snapshot(settings, repo, { note: (text) => notes.push(text) }), first);
    assert.deepEqual(notes, [
      "Cannot read google/sharded: the hub has a fault (503); run again later (tried 3 times). " +
      `Taking commit ${first.commit} of google/sharded from the cache`,
    ]);
    await assert.rejects(snapshot(settings, parseRepo("google/other")), HubError);
  });
});

Deno.test("a repository without a model's files is refused before anything is fetched", async () => {
  await inTemporaryDirectory(async (cache) => {
    const { "config.json": _, ...withoutConfig } = SHARDS;
    const without = (id: string, files: Record<string, string>) => served(files, id);
    await using hub = await startHub([
      without("o/no-config", withoutConfig),
      without("o/pickle", { "config.json": "{}", "pytorch_model.bin": "x" }),
      without("o/no-tokenizer", { "config.json": "{}" }),
    ]);
    const settings = settingsFor(hub, cache);
    const take = (id: string, kind: "model" | "tokenizer" = "model") =>
      snapshot(settings, parseRepo(id), { kind });
    await assert.rejects(take("o/no-config"), {
      message: "Cannot use o/no-config as a model: it has no config.json; name the repository of a model",
    });
    await assert.rejects(take("o/pickle"), {
      message:
        "Cannot use o/pickle as a model: it has no model.safetensors and no model.safetensors.index.json; " +
        "name one with weights as safetensors",
    });
    await assert.rejects(take("o/no-tokenizer", "tokenizer"), {
      message:
        "Cannot use o/no-tokenizer as a tokenizer: it has no tokenizer.json; name a repository that has one",
    });
    assert.deepEqual(await namesIn(cache), []);
  });
});

Deno.test("file names that would leave the cache are refused", async () => {
  await inTemporaryDirectory(async (parent) => {
    for (const path of ["../../evil.json", "/tmp/evil.json", "..\\evil.json", "a/../../../../evil"]) {
      await using hub = await startHub([served({ ...SHARDS, [path]: "evil" })]);
      await assert.rejects(snapshot(settingsFor(hub, join(parent, "cache")), repo), DataError, path);
    }
    assert.deepEqual(await namesIn(parent), []);
  });
});

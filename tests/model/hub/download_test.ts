import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import {
  cachedFile,
  downloadFile,
  HubError,
  listFiles,
  openRanged,
  parseRepo,
  readRevision,
} from "../../../model/hub/mod.ts";
import { settingsFor } from "../../support/hub/settings.ts";
import { startHub } from "../../support/loopback_hub.ts";
import { inTemporaryDirectory, namesIn } from "../../support/temporary.ts";

const BIG = new Uint8Array(300_000).map((_, i) => (i * 2654435761) >>> 13);
const MODEL = {
  type: "model",
  id: "google/tiny",
  files: { "config.json": "{}", "sub/dir/a b.txt": "text", "empty.txt": "", "model.safetensors": BIG },
} as const;
const repo = parseRepo("google/tiny");

Deno.test("a file is fetched once, into the layout of huggingface_hub", async () => {
  await inTemporaryDirectory(async (cache) => {
    await using hub = await startHub([MODEL]);
    const settings = settingsFor(hub, cache);
    const { commit } = await readRevision(settings, repo);
    const told: number[] = [];
    const onProgress = ({ done }: { done: number }) => told.push(done);
    const file = await downloadFile(settings, repo, "model.safetensors", { onProgress });
    assert.deepEqual(await Deno.readFile(file.path), BIG);
    assert.equal(file.commit, commit);
    assert.equal(told.at(-1), BIG.length);
    assert.ok(told.every((done, i) => i === 0 || done >= told[i - 1]!), told.join());
    const home = join(cache, "models--google--tiny"), { sha256, oid } = hubFile(hub, "model.safetensors");
    assert.equal(file.path, join(home, "snapshots", commit, "model.safetensors"));
    assert.equal(await Deno.readLink(file.path), `../../blobs/${sha256}`);
    assert.equal(await Deno.readTextFile(join(home, "refs/main")), commit);
    assert.notEqual(oid, sha256);

    const small = await downloadFile(settings, repo, "sub/dir/a b.txt");
    assert.equal(await Deno.readTextFile(small.path), "text");
    assert.equal(await Deno.readLink(small.path), `../../../../blobs/${hubFile(hub, "sub/dir/a b.txt").oid}`);
    assert.equal((await Deno.stat((await downloadFile(settings, repo, "empty.txt")).path)).size, 0);
    assert.deepEqual(await namesIn(home), ["blobs", "refs", "snapshots"]);
    assert.ok((await namesIn(join(home, "blobs"))).every((name) => /^[0-9a-f]{40,64}$/.test(name)));

    hub.requests.length = 0;
    await downloadFile(settings, repo, "model.safetensors");
    assert.deepEqual(
      hub.requests.map(({ method }) => method),
      ["HEAD"],
      "known content is not fetched again",
    );
    hub.requests.length = 0;
    await downloadFile(settings, { ...repo, revision: commit }, "model.safetensors");
    await downloadFile({ ...settings, offline: true }, repo, "model.safetensors");
    assert.equal(await cachedFile(settings, repo, "config.json"), undefined);
    assert.deepEqual(hub.requests, [], "a commit's file and offline mode need no request");
  });

  function hubFile(hub: Awaited<ReturnType<typeof startHub>>, path: string) {
    return hub.repos.get("models/google/tiny")!.files.get(path)!;
  }
});

Deno.test("offline, what the cache lacks is named", async () => {
  await inTemporaryDirectory(async (cache) => {
    await using hub = await startHub([MODEL]);
    const offline = settingsFor(hub, cache, { offline: true });
    await assert.rejects(downloadFile(offline, repo, "config.json"), {
      message: `Cannot find config.json of google/tiny in ${cache} and HF_HUB_OFFLINE forbids to fetch it; ` +
        "unset HF_HUB_OFFLINE, or set HF_HOME to the cache that has it",
    });
    assert.deepEqual(hub.requests, []);
  });
});

Deno.test("files are listed over pages, with sizes and hashes, also of a directory", async () => {
  const files = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`data/part-${i}.parquet`, `${i}`]));
  await using hub = await startHub([{ type: "dataset", id: "o/d", files: { ...files, "README.md": "x" } }], {
    pageSize: 3,
  });
  const data = parseRepo("o/d", "dataset"), settings = settingsFor(hub, "/nowhere");
  const all = await listFiles(settings, data), some = await listFiles(settings, data, { under: "data" });
  assert.equal(all.length, 8);
  assert.deepEqual(some.map(({ path }) => path), Object.keys(files));
  assert.ok(some.every(({ size, etag }) => size === 1 && etag.length === 64));
});

Deno.test("two downloads of one file at once fetch it once", async () => {
  await inTemporaryDirectory(async (cache) => {
    await using hub = await startHub([MODEL]);
    const settings = settingsFor(hub, cache);
    const both = await Promise.all([1, 2].map(() => downloadFile(settings, repo, "model.safetensors")));
    assert.equal(both[0]!.path, both[1]!.path);
    const sent = hub.requests.reduce((sum, { sent }) => sum + sent, 0);
    assert.equal(sent, BIG.length);
  });
});

Deno.test("parts are fetched and nothing else", async () => {
  await inTemporaryDirectory(async (cache) => {
    await using hub = await startHub([MODEL]);
    const settings = settingsFor(hub, cache);
    using file = await openRanged(settings, repo, "model.safetensors");
    assert.equal(file.byteLength, BIG.length);
    const part = async (start: number, end?: number) => new Uint8Array(await file.slice(start, end));
    assert.deepEqual(await part(1000, 2000), BIG.slice(1000, 2000));
    assert.deepEqual(await part(-10), BIG.slice(-10));
    assert.deepEqual(await part(299_999), BIG.slice(299_999));
    assert.deepEqual(await part(5, 5), BIG.slice(5, 5));
    assert.equal(file.fetched, 1011);
    assert.equal(hub.requests.reduce((sum, { sent }) => sum + sent, 0), 1011);
    // After a cut only what is missing of the part is asked for again.
    hub.faults.push({ when: ({ on }) => on === "store", times: 1, spoil: { cutAt: 600 } });
    assert.deepEqual(await part(0, 1000), BIG.slice(0, 1000));
    assert.equal(hub.requests.at(-1)!.range, "bytes=600-999");
    hub.faults.push({ when: ({ on }) => on === "store", spoil: { ignoreRange: true } });
    await assert.rejects(part(0, 1000), HubError);
    hub.faults.length = 0;
    // A file that the cache has is read there.
    const whole = await downloadFile(settings, repo, "model.safetensors");
    hub.requests.length = 0;
    using again = await openRanged(settings, { ...repo, revision: whole.commit }, "model.safetensors");
    assert.deepEqual(new Uint8Array(await again.slice(7, 77)), BIG.slice(7, 77));
    assert.deepEqual(hub.requests, []);
  });
});

Deno.test("a new commit of a branch brings its files; the old commit's stay", async () => {
  await inTemporaryDirectory(async (cache) => {
    await using hub = await startHub([MODEL]);
    const settings = settingsFor(hub, cache);
    const before = await downloadFile(settings, repo, "config.json");
    await hub.add({ ...MODEL, files: { ...MODEL.files, "config.json": '{"new":1}' } });
    const after = await downloadFile(settings, repo, "config.json");
    assert.notEqual(after.commit, before.commit);
    assert.equal(await Deno.readTextFile(after.path), '{"new":1}');
    assert.equal(await Deno.readTextFile(before.path), "{}");
    assert.equal((await cachedFile(settings, repo, "config.json"))?.commit, after.commit);
    assert.equal(dirname(dirname(before.path)), dirname(dirname(after.path)));
  });
});

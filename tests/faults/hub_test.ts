/**
 * The hub fails in every way that a hub and a network can: a file is resumed, fetched again or explained, and what stands in
 * the cache under its name is always right. Figures: `README.md`.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { LapidaryError } from "../../engine/mod.ts";
import { downloadFile, openRanged, parseRepo, snapshot } from "../../model/hub/mod.ts";
import { settingsFor } from "../support/hub/settings.ts";
import { type Fault, type LoopbackHub, type Spoil, startHub } from "../support/loopback_hub.ts";
import { inTemporaryDirectory, namesIn } from "../support/temporary.ts";

const TOKEN = "hf_1a2b3cSECRETd4e5f6";
const BIG = new Uint8Array(250_000).map((_, i) => (i * 2654435761) >>> 11);
const MODEL = {
  type: "model",
  id: "google/tiny",
  files: { "config.json": '{"a": 1}', "tokenizer.json": "x".repeat(3000), "model.safetensors": BIG },
} as const;
const repo = parseRepo("google/tiny"), FILE = "model.safetensors";
const store: Fault["when"] = ({ on }) => on === "store";
const hubItself: Fault["when"] = ({ on }) => on === "hub";

type Body = (hub: LoopbackHub, cache: string) => Promise<void>;

function faultTest(name: string, body: Body): void {
  Deno.test(name, () =>
    inTemporaryDirectory(async (cache) => {
      await using hub = await startHub([MODEL], { token: TOKEN });
      await body(hub, cache);
    }));
}

const fetchIt = (hub: LoopbackHub, cache: string) =>
  downloadFile(settingsFor(hub, cache, { token: TOKEN }), repo, FILE);
const bytesFromStore = ({ requests }: LoopbackHub) =>
  requests.reduce((sum, { on, sent }) => sum + (on === "store" ? sent : 0), 0);

/** Whatever stands in the cache under a name has the content of that name. */
async function assertNoWrongFile(cache: string): Promise<void> {
  const home = join(cache, "models--google--tiny");
  const snapshots = await namesIn(join(home, "snapshots")).catch(() => []);
  for (const commit of snapshots) {
    for (const path of await namesIn(join(home, "snapshots", commit))) {
      const content = MODEL.files[path as keyof typeof MODEL.files];
      const wanted = typeof content === "string" ? new TextEncoder().encode(content) : content;
      assert.deepEqual(await Deno.readFile(join(home, "snapshots", commit, path)), wanted, path);
    }
  }
  for (const blob of await namesIn(join(home, "blobs")).catch(() => [])) {
    assert.match(blob, /^[0-9a-f]{40,64}(\.incomplete)?$/);
  }
}

/** The error of a download, which has one sentence with a cure and nothing secret. */
async function failure(work: Promise<unknown>): Promise<string> {
  const error = await work.then(() => assert.fail("it worked"), (error) => error);
  assert.ok(error instanceof LapidaryError, error.stack);
  assert.match(error.message, /^Cannot .*[;,] /);
  assert.ok(!error.message.includes("SECRET") && !error.message.includes("signature="), error.message);
  return error.message;
}

faultTest("cuts at 25 places: resumed, no byte comes twice", async (hub, cache) => {
  for (let k = 0; k < 25; k++) {
    const place = join(cache, String(k)), cutAt = Math.floor(BIG.length * k / 25) + 1;
    hub.requests.length = hub.faults.length = 0;
    hub.faults.push({ when: store, times: 1, spoil: { cutAt } });
    const { path } = await fetchIt(hub, place);
    assert.deepEqual(await Deno.readFile(path), BIG);
    assert.equal(bytesFromStore(hub), BIG.length, `cut at ${cutAt}`);
    assert.equal(hub.requests.at(-1)!.range, `bytes=${cutAt}-`);
  }
});

faultTest(
  "a cut at every 20,000 bytes: many more cuts than attempts, as long as it goes on",
  async (hub, cache) => {
    hub.faults.push({ when: store, spoil: { cutAt: 20_000 } });
    const { path } = await fetchIt(hub, cache);
    assert.deepEqual(await Deno.readFile(path), BIG);
    assert.equal(bytesFromStore(hub), BIG.length);
  },
);

faultTest("the process is gone after a cut: the next one goes on where it ended", async (hub, cache) => {
  hub.faults.push({ when: store, times: 1, spoil: { cutAt: 100_000 } }, {
    when: store,
    spoil: { status: 500 },
  });
  assert.match(
    await failure(fetchIt(hub, cache)),
    /the hub has a fault \(500\); run again later \(tried 3 times\)$/,
  );
  await assertNoWrongFile(cache);
  hub.faults.length = hub.requests.length = 0;
  const { path } = await fetchIt(hub, cache);
  assert.deepEqual(await Deno.readFile(path), BIG);
  assert.equal(bytesFromStore(hub), BIG.length - 100_000);
});

faultTest("a stall is a cut after a while", async (hub, cache) => {
  hub.faults.push({ when: store, times: 1, spoil: { stallAt: 50_000 } });
  const { path } = await fetchIt(hub, cache);
  assert.deepEqual(await Deno.readFile(path), BIG);
  assert.equal(bytesFromStore(hub), BIG.length);
  hub.faults.push({ when: store, spoil: { stallAt: 0 } });
  assert.match(
    await failure(fetchIt(hub, join(cache, "other"))),
    /nothing came for 0\.4 s; check the network and run again \(tried 3 times\)$/,
  );
});

/** Faults of the store: those that pass are overcome, the others explained. */
const OF_THE_STORE: readonly [name: string, spoil: Spoil, message: RegExp][] = [
  ["short", { length: 249_999 }, /ended after 249999 of 250000 bytes|another part|\(416\)/],
  ["long", { length: 250_001 }, /sends more than the 250000 bytes that it announced/],
  ["wrong hash", { flip: 8 * 123_456 }, /twice the content was not what its hash [0-9a-f]{64} says/],
  [
    "401 of the store",
    { status: 401 },
    /the store of large files, 127\.0\.0\.1:\d+, answers 401; run again \(tried 3 times\)/,
  ],
  ["403 of the store", { status: 403 }, /the store of large files, \S+, answers 403; run again/],
  ["404 of the store", { status: 404 }, /the store of large files, \S+, answers 404; run again/],
  ["416", { status: 416 }, /the hub refuses the part that is missing \(416\)/],
  ["429", { status: 429 }, /too many requests were sent/],
  ["500", { status: 500 }, /the hub has a fault \(500\)/],
  ["503", { status: 503 }, /the hub has a fault \(503\)/],
  [
    "a web page",
    { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: "<html>Log in</html>" },
    /does not answer as a hub does \(a web page/,
  ],
];

for (const [name, spoil, message] of OF_THE_STORE) {
  faultTest(`${name}, once: overcome or explained; always: explained`, async (hub, cache) => {
    hub.faults.push({ when: store, times: 1, spoil });
    const first = await fetchIt(hub, join(cache, "once")).then(({ path }) => path, (error) => error);
    if (first instanceof Error) assert.match(first.message, message);
    else assert.deepEqual(await Deno.readFile(first), BIG);
    await assertNoWrongFile(join(cache, "once"));
    hub.faults.push({ when: store, spoil });
    assert.match(await failure(fetchIt(hub, join(cache, "always"))), message);
    await assertNoWrongFile(join(cache, "always"));
    // And when the fault is gone, what was left does no harm.
    hub.faults.length = 0;
    for (const place of ["once", "always"]) {
      assert.deepEqual(await Deno.readFile((await fetchIt(hub, join(cache, place))).path), BIG);
    }
  });
}

faultTest(
  "short, then gone: the file is fetched again from the start where its parts do not fit",
  async (hub, cache) => {
    for (const spoil of [{ length: 249_999 }, { flip: 9 }, { ignoreRange: true }] as const) {
      const place = join(cache, Object.keys(spoil)[0]!);
      hub.faults.push({ when: store, times: 1, spoil: { cutAt: 70_000 } }, { when: store, times: 1, spoil });
      assert.deepEqual(await Deno.readFile((await fetchIt(hub, place)).path), BIG);
    }
  },
);

faultTest("a damaged part of an earlier attempt is thrown away", async (hub, cache) => {
  const { commit, files } = hub.repos.get("models/google/tiny")!;
  const blobs = join(cache, "models--google--tiny", "blobs");
  await Deno.mkdir(blobs, { recursive: true });
  const incomplete = join(blobs, `${files.get(FILE)!.sha256}.incomplete`);
  for (
    const left of [
      BIG.slice(0, 99_999).fill(1, 500),
      new Uint8Array(BIG.length),
      new Uint8Array(BIG.length + 9),
    ]
  ) {
    await Deno.writeFile(incomplete, left);
    const { path } = await fetchIt(hub, cache);
    assert.deepEqual(await Deno.readFile(path), BIG);
    await Deno.remove(join(blobs, files.get(FILE)!.sha256));
  }
  assert.equal(commit.length, 40);
});

faultTest(
  "a server that ignores Range is read from the start; one that cuts there for ever is given up",
  async (hub, cache) => {
    hub.faults.push({ when: store, times: 1, spoil: { cutAt: 1000 } }, {
      when: store,
      spoil: { ignoreRange: true },
    });
    assert.deepEqual(await Deno.readFile((await fetchIt(hub, cache)).path), BIG);
  },
);

/** Faults of the hub itself, before any byte of a file. */
const OF_THE_HUB: readonly [name: string, spoil: Spoil, message: RegExp][] = [
  [
    "gated, without the licence",
    { status: 403, headers: { "x-error-code": "GatedRepo" } },
    /its licence has to be accepted first; open http:\S+\/google\/tiny, accept it, and set HF_TOKEN to a token of that account/,
  ],
  [
    "401",
    { status: 401 },
    /the hub refuses the token; make a new one at \S+\/settings\/tokens and set HF_TOKEN to it/,
  ],
  ["403", { status: 403 }, /the token may not read it; give HF_TOKEN a token with that permission/],
  ["404", { status: 404, headers: { "x-error-code": "RepoNotFound" } }, /has no model of that name/],
  [
    "no such revision",
    { status: 404, headers: { "x-error-code": "RevisionNotFound" } },
    /there is no revision "main"; http:\S+\/google\/tiny lists them/,
  ],
  ["429 for an hour", { status: 429, headers: { "retry-after": "3600" } }, /\(the hub asks to wait 3600 s\)/],
  ["500", { status: 500 }, /the hub has a fault \(500\); run again later \(tried 3 times\)/],
  ["503", { status: 503 }, /the hub has a fault \(503\)/],
  ["418", { status: 418 }, /the hub answers 418; check HF_ENDPOINT/],
  [
    "a web page",
    { status: 200, headers: { "content-type": "text/html" }, body: "<html>" },
    /does not answer as a hub does/,
  ],
  ["a redirect to itself", { status: 302, headers: { location: "" } }, /redirects in a circle/],
  [
    "a redirect to nowhere",
    { status: 302, headers: { location: "http://[" } },
    /redirects to no address|not answer as a hub/,
  ],
  [
    "a redirect to a file",
    { status: 302, headers: { location: "file:///etc/passwd" } },
    /without encryption|not answer as a hub/,
  ],
];

for (const [name, spoil, message] of OF_THE_HUB) {
  faultTest(`the hub answers ${name}: explained, nothing is written`, async (hub, cache) => {
    const settings = settingsFor(hub, cache, { token: TOKEN });
    hub.faults.push({ when: hubItself, spoil });
    assert.match(await failure(downloadFile(settings, repo, FILE)), message);
    assert.match(await failure(snapshot(settings, repo)), message);
    assert.match(await failure(openRanged(settings, repo, FILE)), message);
    assert.deepEqual(await namesIn(cache), []);
  });
}

Deno.test("gated or missing, without a token: which page to open, where the token goes", async () => {
  await inTemporaryDirectory(async (cache) => {
    await using hub = await startHub([{ ...MODEL, gated: true }], { token: TOKEN });
    const settings = settingsFor(hub, cache);
    assert.equal(
      await failure(snapshot(settings, repo)),
      `Cannot read google/tiny: its licence has to be accepted first; open ${hub.endpoint}/google/tiny, accept it, ` +
        `and set HF_TOKEN to a token of that account (${hub.endpoint}/settings/tokens)`,
    );
    assert.equal(
      await failure(snapshot(settings, parseRepo("google/tyny"))),
      `Cannot read google/tyny: ${hub.endpoint} has no model of that name, or it is private or gated; ` +
        `did you mean "google/tiny"? Otherwise set HF_TOKEN to a token that may read it (${hub.endpoint}/settings/tokens)`,
    );
    assert.deepEqual(await namesIn(cache), []);
  });
});

faultTest("429 with Retry-After: waited for as long as asked", async (hub, cache) => {
  hub.faults.push({ when: hubItself, times: 1, spoil: { status: 429, headers: { "retry-after": "1" } } });
  const started = performance.now();
  await fetchIt(hub, cache);
  assert.ok(performance.now() - started >= 1000);
});

faultTest("no hub at all: the port is closed", async (hub, cache) => {
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 }), { port } = closed.addr;
  closed.close();
  const settings = settingsFor({ endpoint: `http://127.0.0.1:${port}` }, cache);
  assert.match(
    await failure(downloadFile(settings, repo, FILE)),
    /^Cannot find model\.safetensors of google\/tiny: 127\.0\.0\.1:\d+ cannot be reached; check the network and run again/,
  );
  assert.deepEqual(hub.requests, []);
});

faultTest("a disk that refuses is named, and nothing is left under a name", async (hub, cache) => {
  await Deno.writeTextFile(join(cache, "models--google--tiny"), "a file where the directory would be");
  assert.match(await failure(fetchIt(hub, cache)), /^Cannot write .*models--google--tiny.*: /);
});

faultTest("an interrupted download stops at once and is gone on with", async (hub, cache) => {
  const controller = new AbortController(), reason = new Error("stopped by a person");
  hub.faults.push({ when: store, times: 1, spoil: { stallAt: 120_000 } });
  const settings = settingsFor(hub, cache, { token: TOKEN });
  const work = downloadFile({ ...settings, patience: { ...settings.patience, idle: 60_000 } }, repo, FILE, {
    signal: controller.signal,
    onProgress: ({ done }) => done === 120_000 && controller.abort(reason),
  });
  assert.equal(await work.catch((error) => error), reason);
  hub.requests.length = 0;
  assert.deepEqual(await Deno.readFile((await fetchIt(hub, cache)).path), BIG);
  assert.equal(bytesFromStore(hub), BIG.length - 120_000);
});

faultTest("the token goes to the hub alone, whatever a redirect says", async (hub, cache) => {
  // As if the hub, or who sits between, sent a request for the listing elsewhere.
  hub.faults.push({
    when: ({ path }) => path.startsWith("/api/"),
    spoil: { status: 307, headers: { location: `${hub.store}/steal` } },
  });
  await failure(snapshot(settingsFor(hub, cache, { token: TOKEN }), repo));
  await fetchIt(hub, cache);
  const seen = hub.requests.filter(({ on }) => on === "store");
  assert.ok(seen.some(({ path }) => path === "/steal") && seen.some(({ sent }) => sent > 0));
  assert.ok(seen.every(({ authorization }) => authorization === null));
  assert.ok(hub.requests.some(({ authorization }) => authorization === `Bearer ${TOKEN}`));
});

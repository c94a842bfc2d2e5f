/** The hub refuses, fails or is none: explained in a sentence with its cure, and nothing is written. Figures: `README.md`. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { downloadFile, openRanged, parseRepo, snapshot } from "../../model/hub/mod.ts";
import { settingsFor } from "../support/hub/settings.ts";
import { type Spoil, startHub } from "../support/loopback_hub.ts";
import { inTemporaryDirectory, namesIn } from "../support/temporary.ts";
import {
  BIG,
  bytesFromStore,
  failure,
  faultTest,
  fetchIt,
  FILE,
  MODEL,
  ofHub,
  ofStore,
  repo,
  TOKEN,
} from "./hub.ts";

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
    hub.faults.push({ when: ofHub, spoil });
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
  hub.faults.push({ when: ofHub, times: 1, spoil: { status: 429, headers: { "retry-after": "1" } } });
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
  hub.faults.push({ when: ofStore, times: 1, spoil: { stallAt: 120_000 } });
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

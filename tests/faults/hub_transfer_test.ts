/**
 * Files on their way from the hub, cut, stalled and spoiled: resumed, fetched again or explained, and what stands in the cache
 * under its name is always right. Figures: `README.md`.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Spoil } from "../support/loopback_hub.ts";
import { assertNoWrongFile, BIG, bytesFromStore, failure, faultTest, fetchIt, FILE, ofStore } from "./hub.ts";

faultTest("cuts at 25 places: resumed, no byte comes twice", async (hub, cache) => {
  for (let k = 0; k < 25; k++) {
    const place = join(cache, String(k)), cutAt = Math.floor(BIG.length * k / 25) + 1;
    hub.requests.length = hub.faults.length = 0;
    hub.faults.push({ when: ofStore, times: 1, spoil: { cutAt } });
    const { path } = await fetchIt(hub, place);
    assert.deepEqual(await Deno.readFile(path), BIG);
    assert.equal(bytesFromStore(hub), BIG.length, `cut at ${cutAt}`);
    assert.equal(hub.requests.at(-1)!.range, `bytes=${cutAt}-`);
  }
});

faultTest(
  "a cut at every 20,000 bytes: many more cuts than attempts, as long as it goes on",
  async (hub, cache) => {
    hub.faults.push({ when: ofStore, spoil: { cutAt: 20_000 } });
    const { path } = await fetchIt(hub, cache);
    assert.deepEqual(await Deno.readFile(path), BIG);
    assert.equal(bytesFromStore(hub), BIG.length);
  },
);

faultTest("the process is gone after a cut: the next one goes on where it ended", async (hub, cache) => {
  hub.faults.push({ when: ofStore, times: 1, spoil: { cutAt: 100_000 } }, {
    when: ofStore,
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
  hub.faults.push({ when: ofStore, times: 1, spoil: { stallAt: 50_000 } });
  const { path } = await fetchIt(hub, cache);
  assert.deepEqual(await Deno.readFile(path), BIG);
  assert.equal(bytesFromStore(hub), BIG.length);
  hub.faults.push({ when: ofStore, spoil: { stallAt: 0 } });
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
    hub.faults.push({ when: ofStore, times: 1, spoil });
    const first = await fetchIt(hub, join(cache, "once")).then(({ path }) => path, (error) => error);
    if (first instanceof Error) assert.match(first.message, message);
    else assert.deepEqual(await Deno.readFile(first), BIG);
    await assertNoWrongFile(join(cache, "once"));
    hub.faults.push({ when: ofStore, spoil });
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
      hub.faults.push({ when: ofStore, times: 1, spoil: { cutAt: 70_000 } }, {
        when: ofStore,
        times: 1,
        spoil,
      });
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
    hub.faults.push({ when: ofStore, times: 1, spoil: { cutAt: 1000 } }, {
      when: ofStore,
      spoil: { ignoreRange: true },
    });
    assert.deepEqual(await Deno.readFile((await fetchIt(hub, cache)).path), BIG);
  },
);

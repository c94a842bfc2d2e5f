/** What the tests of the hub's faults share: a hub that serves one model, and what must always hold. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { LapidaryError } from "../../engine/mod.ts";
import { downloadFile, parseRepo } from "../../model/hub/mod.ts";
import { settingsFor } from "../support/hub/settings.ts";
import { type Fault, type LoopbackHub, startHub } from "../support/loopback_hub.ts";
import { inTemporaryDirectory, namesIn } from "../support/temporary.ts";

export const TOKEN = "hf_1a2b3cSECRETd4e5f6";
export const BIG = new Uint8Array(250_000).map((_, i) => (i * 2654435761) >>> 11);
export const MODEL = {
  type: "model",
  id: "google/tiny",
  files: { "config.json": '{"a": 1}', "tokenizer.json": "x".repeat(3000), "model.safetensors": BIG },
} as const;
export const repo = parseRepo("google/tiny"), FILE = "model.safetensors";
export const ofStore: Fault["when"] = ({ on }) => on === "store";
export const ofHub: Fault["when"] = ({ on }) => on === "hub";

type Body = (hub: LoopbackHub, cache: string) => Promise<void>;

export function faultTest(name: string, body: Body): void {
  Deno.test(name, () =>
    inTemporaryDirectory(async (cache) => {
      await using hub = await startHub([MODEL], { token: TOKEN });
      await body(hub, cache);
    }));
}

export const fetchIt = (hub: LoopbackHub, cache: string) =>
  downloadFile(settingsFor(hub, cache, { token: TOKEN }), repo, FILE);
export const bytesFromStore = ({ requests }: LoopbackHub) =>
  requests.reduce((sum, { on, sent }) => sum + (on === "store" ? sent : 0), 0);

/** Whatever stands in the cache under a name has the content of that name. */
export async function assertNoWrongFile(cache: string): Promise<void> {
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
export async function failure(work: Promise<unknown>): Promise<string> {
  const error = await work.then(() => assert.fail("it worked"), (error) => error);
  assert.ok(error instanceof LapidaryError, error.stack);
  assert.match(error.message, /^Cannot .*[;,] /);
  assert.ok(!error.message.includes("SECRET") && !error.message.includes("signature="), error.message);
  return error.message;
}

/**
 * The cache is the one of Python's `huggingface_hub`: each finds offline what the other fetched from a hub on this machine,
 * and neither fetches again what is there. Needs the environment of `tests/golden/make.sh`.
 */
import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { cachedFile, downloadFile, parseRepo, snapshot } from "../../model/hub/mod.ts";
import { goldenPath } from "../support/command.ts";
import { settingsFor } from "../support/hub/settings.ts";
import { filesOf, type LoopbackHub, startHub } from "../support/loopback_hub.ts";
import { inTemporaryDirectory, namesIn } from "../support/temporary.ts";

const script = fileURLToPath(new URL("hub.py", import.meta.url));
const packages = pythonPackages();

const MODEL = {
  type: "model",
  id: "google/tiny",
  files: {
    ...filesOf(goldenPath("tiny_d")),
    "tokenizer.json": { from: join(goldenPath("tiny_tasks"), "tokenizer.json") },
    "tokenizer_config.json": { from: join(goldenPath("tiny_tasks"), "tokenizer_config.json") },
    "README.md": "---\nlicense: gemma\n---\n",
    "sub/folder/a b.txt": "nested\n",
  },
} as const;
const DATA = {
  type: "dataset",
  id: "o/rows",
  files: { "README.md": "rows", "data/part-0.parquet": "PAR1 not really PAR1" },
} as const;
const FILES = ["config.json", "model-00001-of-00003.safetensors", "sub/folder/a b.txt"];
const model = parseRepo("google/tiny"), data = parseRepo("o/rows", "dataset");

/** Directory of the Python packages, or undefined with the reason told. */
function pythonPackages(): string | undefined {
  const home = Deno.env.get("LAPIDARY_CACHE") ?? `${Deno.env.get("HOME")}/.cache/lapidary`;
  try {
    for (const { name } of Deno.readDirSync(join(home, "golden-venv", "lib"))) {
      const found = join(home, "golden-venv", "lib", name, "site-packages");
      if (Deno.statSync(join(found, "huggingface_hub")).isDirectory) return found;
    }
  } catch {
    // told below
  }
  console.warn("No huggingface_hub: run tests/golden/make.sh to set up its Python environment");
  return undefined;
}

/** What a step of hub.py prints. */
async function python<T>(hub: LoopbackHub, home: string, ...args: string[]): Promise<T> {
  const { success, stdout, stderr } = await new Deno.Command("python3", {
    args: [script, ...args],
    env: {
      ...{ PYTHONPATH: packages!, HF_ENDPOINT: hub.endpoint, HF_HOME: home, HF_HUB_DISABLE_XET: "1" },
      ...{ HF_HUB_DISABLE_TELEMETRY: "1", HF_TOKEN: "hf_test" },
    },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

function interopTest(name: string, body: (hub: LoopbackHub, home: string) => Promise<void>): void {
  Deno.test({
    name,
    ignore: packages === undefined,
    fn: () =>
      inTemporaryDirectory(async (home) => {
        await using hub = await startHub([MODEL, DATA], { token: "hf_test" });
        await body(hub, home);
      }),
  });
}

const sent = ({ requests }: LoopbackHub) => requests.reduce((sum, { sent }) => sum + sent, 0);

interopTest("what huggingface_hub fetched is found here, offline", async (hub, home) => {
  const cache = join(home, "hub"), offline = settingsFor(hub, cache, { offline: true });
  const paths = await python<string[]>(hub, home, "download", model.id, "model", ...FILES);
  const part = await python<string[]>(hub, home, "download", data.id, "dataset", "data/part-0.parquet");
  hub.requests.length = 0;
  for (const [i, file] of FILES.entries()) {
    assert.equal((await downloadFile(offline, model, file)).path, paths[i]);
  }
  assert.equal((await cachedFile(offline, data, "data/part-0.parquet"))?.path, part[0]);
  assert.deepEqual(hub.requests, []);
  // And the whole of a repository is a snapshot here.
  const directory = await python<string>(hub, home, "download", model.id, "model");
  hub.requests.length = 0;
  assert.equal((await snapshot(offline, model)).directory, directory);
  assert.deepEqual(hub.requests, []);
  // Online only the listing is asked for: no byte of a file comes again.
  const online = settingsFor(hub, cache, { token: "hf_test" });
  assert.equal((await snapshot(online, model)).directory, directory);
  assert.equal(sent(hub), 0);
});

interopTest("what was fetched here huggingface_hub finds, offline", async (hub, home) => {
  const cache = join(home, "hub"), settings = settingsFor(hub, cache, { token: "hf_test" });
  const { commit, directory } = await snapshot(settings, model);
  const nested = await downloadFile(settings, model, "sub/folder/a b.txt");
  const part = await downloadFile(settings, data, "data/part-0.parquet");
  hub.requests.length = 0;
  const paths = await python<string[]>(hub, home, "find", model.id, "model", ...FILES);
  assert.deepEqual(paths, [...FILES.slice(0, 2).map((file) => join(directory, file)), nested.path]);
  assert.deepEqual(await python<string[]>(hub, home, "find", data.id, "dataset", "data/part-0.parquet"), [
    part.path,
  ]);
  assert.deepEqual(hub.requests, []);
  const scan = await python<{ warnings: string[]; repos: unknown[] }>(hub, home, "scan");
  assert.deepEqual(scan.warnings, []);
  const files = (await namesIn(directory)).length; // The folder `sub` counts for the file in it.
  assert.deepEqual(scan.repos, [
    ["dataset", "o/rows", [part.commit], ["main"], 1],
    ["model", "google/tiny", [commit], ["main"], files],
  ]);
  // Asked again with network, the package fetches only what we left out.
  await python(hub, home, "download", model.id, "model", ...FILES);
  assert.equal(sent(hub), 0);
});

interopTest("links and names are the same, file by file", async (hub, home) => {
  const theirs = join(home, "theirs"), ours = settingsFor(hub, join(home, "ours"), { token: "hf_test" });
  for (const file of FILES) await downloadFile(ours, model, file);
  await python(hub, theirs, "download", model.id, "model", ...FILES);
  const [a, b] = await Promise.all([ours.cache, join(theirs, "hub")].map((cache) => layout(cache)));
  const bookkeeping = /CACHEDIR\.TAG|\.locks|\/trees\//; // Theirs alone, or the same when both lock.
  assert.deepEqual(
    a!.filter((line) => !bookkeeping.test(line)),
    b!.filter((line) => !bookkeeping.test(line)),
  );
  assert.deepEqual(a!.filter((line) => /\.locks/.test(line)), b!.filter((line) => /\.locks/.test(line)));
});

/** Every file of a directory: its path, and what it holds or leads to. */
async function layout(root: string, at = root): Promise<string[]> {
  const lines: string[] = [];
  for (const name of await namesIn(at)) {
    const path = join(at, name), info = await Deno.lstat(path);
    if (info.isDirectory) lines.push(...await layout(root, path));
    else {
      const content = info.isSymlink ? `-> ${await Deno.readLink(path)}` : `${info.size} bytes`;
      lines.push(`${relative(root, path)} ${content}`);
    }
  }
  return lines;
}

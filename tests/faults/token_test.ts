/** The token is used and is nowhere to be found: not in what is written, what is said, the cache, an error or its stack. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { goldenPath, settings } from "../support/command.ts";
import { gpuTest } from "../support/engine.ts";
import { uploads } from "../support/hub/uploads.ts";
import { filesOf, startHub } from "../support/loopback_hub.ts";
import { lapidaryProcess, outputOf } from "../support/process.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";

const SECRET = "qX7vT2mLw9ZkRb4N", TOKEN = `hf_${SECRET}`;
const TEACHER = {
  type: "model",
  id: "google/tiny",
  gated: true,
  files: filesOf(goldenPath("tiny_d")),
} as const;

/** The secret as it stands, and as a header, an address or JSON might carry it. */
const TRACES = [SECRET, btoa(TOKEN), btoa(`user:${TOKEN}`), [...SECRET].reverse().join("")];

/** Every file below a directory with what it holds, links as what they lead to. */
async function contentsOf(directory: string): Promise<[path: string, text: string][]> {
  const found: [string, string][] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (isDirectory) found.push(...await contentsOf(path));
    else found.push([path, new TextDecoder("latin1").decode(await Deno.readFile(path))]);
  }
  return found;
}

function assertNoTrace(where: string, text: string): void {
  for (const trace of TRACES) assert.ok(!text.includes(trace), `${where} has the token`);
}

gpuTest("the token is in no file, no output and no error", () =>
  inTemporaryDirectory(async (directory) => {
    await using hub = await startHub([TEACHER], { token: TOKEN, more: uploads(TOKEN, "me") });
    const home = join(directory, "home"), out = join(directory, "run");
    const env = { HF_ENDPOINT: hub.endpoint, HF_HOME: home, HF_TOKEN: TOKEN };
    const run = async (
      args: string[],
      more: Record<string, string> = {},
      task: "lapidary" | "push" = "lapidary",
    ) => {
      const all = { ...env, ...more },
        { code, out, err } = await outputOf(await lapidaryProcess(args, all, task));
      assertNoTrace(`${args[0]} to stdout`, out);
      assertNoTrace(`${args[0]} to stderr: ${err}`, err);
      return { code, err };
    };
    const distill = await run([
      ...["distill", "--debug", "--teacher", "google/tiny", "--run", out],
      ...["--data", goldenPath("tiny_d_golden/rows.jsonl")],
      ...settings("prune.drop=1", "train.max_steps=1", "train.micro_batch=2", "sample.prompts=[]"),
    ], { TRACE: "1" });
    assert.equal(distill.code, 0, distill.err);
    assert.equal((await run(["push", out, "me/gem", "--json"], {}, "push")).code, 0);
    assert.equal((await run(["config", "show"])).code, 0);

    const tokenize = ["tokenize", "--debug", "--model", "google/tiny", "a"];
    const failing = async (more: Record<string, string>, message: RegExp, args = tokenize) => {
      const { code, err } = await run(args, more);
      assert.notEqual(code, 0);
      assert.match(err, message);
    };
    await failing({}, /Cannot use google\/tiny as a tokenizer/);
    await failing({ HF_TOKEN: `${TOKEN}x` }, /the hub refuses the token/);
    await failing({ HF_TOKEN: `${TOKEN} \n${TOKEN}` }, /Cannot use the token of HF_TOKEN/);
    await failing({ HF_TOKEN: `${TOKEN}é` }, /Cannot use the token of HF_TOKEN/);
    await failing({ HF_ENDPOINT: `http://user:${TOKEN}@127.0.0.1:9` }, /Cannot use HF_ENDPOINT/);
    for (
      const [spoil, message] of [
        // Asked for more patience than there is, the command does not try for half a minute.
        [{ status: 500, headers: { "retry-after": "9999" } }, /the hub has a fault/],
        [{ status: 403, headers: { "x-error-code": "GatedRepo" } }, /licence has to be accepted/],
        [
          { status: 401, headers: { "x-error-message": `bad ${TOKEN}` } },
          /the hub refuses the token|no model/,
        ],
        [{ status: 200, body: `<html>${TOKEN}</html>` }, /does not answer as a hub/],
        [
          { status: 307, headers: { location: `http://localhost:4321/?token=${TOKEN}` } },
          /may not reach localhost:4321/,
        ],
        [{ status: 307, headers: { location: `file:///${TOKEN}` } }, /without encryption/],
      ] as const
    ) {
      hub.faults.push({ when: () => true, spoil });
      await failing({}, message, [...tokenize.slice(0, 3), "google/tiny@other", "a"]);
      hub.faults.length = 0;
    }

    // It was used, by the hub alone.
    const { requests } = hub;
    assert.ok(requests.some(({ on, authorization }) => on === "hub" && authorization === `Bearer ${TOKEN}`));
    assert.ok(
      requests.filter(({ on }) => on === "store").every(({ authorization }) => authorization === null),
    );
    assert.ok(requests.some(({ on, method }) => on === "store" && method === "PUT"));
    const files = await contentsOf(directory);
    for (
      const name of [
        "results.json",
        "config.resolved.json",
        "log.jsonl",
        "report.html",
        "README.md",
        "refs/main",
      ]
    ) {
      assert.ok(files.some(([path]) => path.endsWith(name)), `${name} was not searched`);
    }
    for (const [path, text] of files) assertNoTrace(path, text);
    for (const { files } of hub.repos.values()) {
      for (const [path, { bytes }] of files) {
        assertNoTrace(`${path} on the hub`, new TextDecoder("latin1").decode(bytes));
      }
    }
  }));

Deno.test("a token that the file of `hf auth login` holds stands there and nowhere else", async () => {
  await inTemporaryDirectory(async (home) => {
    await Deno.writeTextFile(join(home, "token"), TOKEN);
    const files = filesOf(goldenPath("tiny_tasks"));
    await using hub = await startHub([{ type: "model", id: "google/tiny", gated: true, files }], {
      token: TOKEN,
    });
    const command = await lapidaryProcess(["tokenize", "--model", "google/tiny", "a"], {
      ...{ HF_ENDPOINT: hub.endpoint, HF_HOME: home, HF_TOKEN: "" },
    });
    const { code, out, err } = await outputOf(command);
    assert.equal(code, 0, err);
    assertNoTrace("output", out + err);
    const holding = (await contentsOf(home)).filter(([, text]) => text.includes(SECRET)).map(([path]) =>
      path
    );
    assert.deepEqual(holding, [join(home, "token")]);
  });
});

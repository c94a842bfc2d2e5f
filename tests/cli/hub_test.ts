/** Models by their name on the hub, through commands as processes with the permissions of their task. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readResults } from "../../pipeline/results.ts";
import { commandTest, goldenPath, settings } from "../support/command.ts";
import { filesOf, type LoopbackHub, startHub } from "../support/loopback_hub.ts";
import { lapidaryProcess, outputOf } from "../support/process.ts";
import { TASK_MODEL } from "../support/tasks.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CARD = "---\nlicense: gemma\nlanguage: en\n---\n# Tiny\n";
const TEACHER = {
  type: "model",
  id: "google/tiny",
  files: { ...filesOf(goldenPath("tiny_d")), "README.md": CARD },
} as const;
const TOKENIZER = { type: "model", id: "google/tiny-tasks", files: filesOf(TASK_MODEL) } as const;

/** Runs a command against a hub, with its cache in `home`. */
async function run(hub: LoopbackHub, home: string, args: string[], env: Record<string, string> = {}) {
  const all = { HF_ENDPOINT: hub.endpoint, HF_HOME: home, HF_TOKEN: "hf_test", ...env };
  return await outputOf(await lapidaryProcess(args, all));
}

Deno.test("tokenize: a name on the hub, then offline from the cache", async () => {
  await inTemporaryDirectory(async (home) => {
    await using hub = await startHub([TOKENIZER]);
    const args = ["tokenize", "--model", "google/tiny-tasks", "a b"];
    const { code, out, err } = await run(hub, home, args);
    assert.equal(code, 0, err);
    assert.match(err, /"stage":"download google\/tiny-tasks".*"unit":"bytes"/);
    assert.match(err, /google\/tiny-tasks is taken at commit [0-9a-f]{40}/);
    assert.ok(
      hub.requests.every(({ path }) => !path.includes("safetensors")),
      "a tokenizer needs no weights",
    );
    const again = await run(hub, home, [...args, "--quiet"], {
      HF_HUB_OFFLINE: "1",
      HF_ENDPOINT: "http://127.0.0.1:9",
    });
    assert.deepEqual(again, { code: 0, out, err: "" });
  });
});

Deno.test("the task of deno.json reaches the host and port of HF_ENDPOINT and no other port", async () => {
  await inTemporaryDirectory(async (home) => {
    await using hub = await startHub([TOKENIZER]);
    const task = async (...args: string[]) =>
      await outputOf(
        new Deno.Command("deno", {
          args: ["task", "--quiet", "--config", ROOT + "deno.json", "lapidary", ...args, "--quiet"],
          cwd: home,
          env: { HF_ENDPOINT: hub.endpoint, HF_HOME: home, HF_TOKEN: "", INIT_CWD: home },
        }),
      );
    const { code, out, err } = await task("tokenize", "--model", "google/tiny-tasks", "a b");
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^ *\d+ {2}/);
    // The store of large files is not of the hub's own hosts here.
    const refused = await task("generate", "--model", "google/tiny-tasks", "a b");
    assert.equal(refused.code, 1);
    assert.equal(
      refused.err,
      "error: Cannot download model.safetensors of google/tiny-tasks: this command may not reach " +
        `${new URL(hub.store).host}; name it in HF_ENDPOINT if it is your hub, or use the hub's own\n`,
    );
  });
});

Deno.test("two processes at once fetch each file once", async () => {
  await inTemporaryDirectory(async (home) => {
    await using hub = await startHub([TOKENIZER]);
    // Slow enough that both are at it: the tokenizer ends early again and again and is gone on with.
    hub.faults.push({
      when: ({ method, path }) => method === "GET" && path.includes("tokenizer.json"),
      spoil: { cutAt: 9000 },
    });
    const args = ["tokenize", "--model", "google/tiny-tasks", "a"];
    const both = await Promise.all([1, 2].map(() => run(hub, home, args)));
    for (const { code, err } of both) assert.equal(code, 0, err);
    const { files } = hub.repos.get("models/google/tiny-tasks")!;
    const wanted = ["config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"];
    const sent = hub.requests.reduce((sum, { sent }) => sum + sent, 0);
    assert.equal(sent, wanted.reduce((sum, path) => sum + files.get(path)!.bytes.length, 0));
  });
});

Deno.test("a name that neither the hub nor this machine has", async () => {
  await inTemporaryDirectory(async (home) => {
    await using hub = await startHub([TOKENIZER]);
    const { code, err } = await run(hub, home, ["tokenize", "--model", "google/tiny-task", "a", "--quiet"], {
      HF_TOKEN: "",
    });
    assert.equal(code, 1);
    assert.equal(
      err,
      `error: Cannot read google/tiny-task: ${hub.endpoint} has no model of that name, or it is private or gated; ` +
        `did you mean "google/tiny-tasks"? Otherwise set HF_TOKEN to a token that may read it ` +
        `(${hub.endpoint}/settings/tokens) (nor is google/tiny-task a path on this machine)\n`,
    );
  });
});

commandTest(
  "distill: teacher and tokenizer by name; results and card say at which commits",
  async (directory) => {
    await using hub = await startHub([TEACHER, TOKENIZER]);
    const out = join(directory, "run"), home = join(directory, "home");
    const { code, err } = await run(hub, home, [
      ...["distill", "--teacher", "google/tiny", "--tokenizer", "google/tiny-tasks", "--run", out],
      ...["--data", goldenPath("tiny_d_golden/rows.jsonl")],
      ...settings(
        "prune.drop=1",
        "train.max_steps=1",
        "train.micro_batch=2",
        "train.control=false",
        "sample.prompts=[]",
      ),
    ]);
    assert.equal(code, 0, err);
    const results = await readResults(out);
    const commit = (id: string) => hub.repos.get(`models/${id}`)!.commit;
    assert.deepEqual(results.hub, {
      teacher: { repo: "google/tiny", revision: "main", commit: commit("google/tiny") },
      tokenizer: { repo: "google/tiny-tasks", revision: "main", commit: commit("google/tiny-tasks") },
    });
    assert.equal(results.config.teacher, "google/tiny");
    const card = await Deno.readTextFile(join(out, "student/README.md"));
    assert.match(card, /\nlicense: gemma\n/);
    assert.match(card, /\nbase_model: google\/tiny\n/);
    assert.ok(
      card.includes(`The teacher was read from the hub: google/tiny at commit ${commit("google/tiny")}.`),
    );
    assert.ok(card.includes(`--teacher google/tiny@${commit("google/tiny")}`));
    assert.ok(card.includes(`--tokenizer google/tiny-tasks@${commit("google/tiny-tasks")}`));
  },
);

commandTest("a resumed run keeps to the commit that it was begun with", async (directory) => {
  await using hub = await startHub([TEACHER]);
  const out = join(directory, "run"), home = join(directory, "home");
  const args = [
    ...[
      "distill",
      "--teacher",
      "google/tiny",
      "--run",
      out,
      "--data",
      goldenPath("tiny_d_golden/rows.jsonl"),
    ],
    ...settings("prune.drop=1", "train.max_steps=1", "train.micro_batch=2", "train.control=false"),
    ...settings("sample.prompts=[]"),
  ];
  assert.equal((await run(hub, home, args)).code, 0);
  const before = await readResults(out),
    student = await Deno.readFile(join(out, "student/model.safetensors"));
  const moved = { ...TEACHER.files, "README.md": "another" };
  const now = await hub.add({ ...TEACHER, files: moved });
  for (const name of ["results.json", "student"]) await Deno.remove(join(out, name), { recursive: true });
  const { code, err } = await run(hub, home, [...args, "--resume"]);
  assert.equal(code, 0, err);
  const { hub: after } = await readResults(out);
  assert.deepEqual(after, before.hub);
  assert.notEqual(after!.teacher!.commit, now);
  assert.deepEqual(await Deno.readFile(join(out, "student/model.safetensors")), student);
});

commandTest("a directory of that name goes before the hub", async (directory) => {
  await using hub = await startHub([]);
  const { code, err } = await run(hub, directory, ["tokenize", "--model", "tests/golden", "a", "--quiet"]);
  assert.equal(code, 1);
  assert.match(err, /^error: Cannot load a tokenizer from tests\/golden: it has no tokenizer\.json/);
  assert.deepEqual(hub.requests, []);
});

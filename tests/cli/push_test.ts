/** `push` against a hub on this machine, as a process with the permissions of its task. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { planPush, runPush } from "../../pipeline/push.ts";
import { captureIo } from "../support/cli.ts";
import { run as runCommand } from "../../cli/run.ts";
import { uploads, writes } from "../support/hub/uploads.ts";
import { settingsFor } from "../support/hub/settings.ts";
import { type LoopbackHub, startHub } from "../support/loopback_hub.ts";
import { lapidaryProcess, outputOf } from "../support/process.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";

const TOKEN = "hf_mayWrite";
const STUDENT = {
  "README.md": "---\nlicense: gemma\n---\n# Gem\n",
  "config.json": '{"model_type": "gemma3_text"}',
  "tokenizer.json": "{}",
};
const WEIGHTS = new Uint8Array(200_000).map((_, i) => i * 7);

async function writeRun(directory: string): Promise<string> {
  const student = join(directory, "run", "student");
  await Deno.mkdir(student, { recursive: true });
  for (const [name, text] of Object.entries(STUDENT)) await Deno.writeTextFile(join(student, name), text);
  await Deno.writeFile(join(student, "model.safetensors"), WEIGHTS);
  await Deno.writeTextFile(join(student, ".model.safetensors.1234.tmp"), "unfinished");
  return join(directory, "run");
}

function pushTest(name: string, body: (hub: LoopbackHub, run: string, home: string) => Promise<void>): void {
  Deno.test(name, () =>
    inTemporaryDirectory(async (directory) => {
      await using hub = await startHub([], { token: TOKEN, more: uploads(TOKEN, "me") });
      await body(hub, await writeRun(directory), join(directory, "home"));
    }));
}

async function push(hub: LoopbackHub, home: string, args: string[], env: Record<string, string> = {}) {
  const all = { HF_ENDPOINT: hub.endpoint, HF_HOME: home, HF_TOKEN: TOKEN, ...env };
  return await outputOf(await lapidaryProcess(["push", ...args], all, "push"));
}

pushTest("a repository is created and has student and card, byte for byte", async (hub, run, home) => {
  const { code, out, err } = await push(hub, home, [run, "me/gem", "--private", "--json"]);
  assert.equal(code, 0, err);
  const served = hub.repos.get("models/me/gem")!;
  assert.equal(served.repo.private, true);
  assert.deepEqual([...served.files.keys()].sort(), [
    ...[".gitattributes", "README.md", "config.json", "model.safetensors", "tokenizer.json"],
  ]);
  assert.deepEqual(served.files.get("model.safetensors")!.bytes, WEIGHTS);
  assert.deepEqual(served.files.get("README.md")!.bytes, new TextEncoder().encode(STUDENT["README.md"]));
  const answer = JSON.parse(out);
  assert.deepEqual([answer.repo, answer.commit, answer.private], ["me/gem", served.commit, true]);
  assert.ok(
    hub.requests.every(({ on, authorization }) => on === "hub" || authorization === null),
    "the store saw the token",
  );

  hub.requests.length = 0;
  const again = await push(hub, home, [run, "me/gem", "--quiet"]);
  assert.deepEqual(again, {
    code: 0,
    out: `${hub.endpoint}/me/gem has it all already, at commit ${served.commit}\n`,
    err: "",
  });
  assert.deepEqual(writes(hub.requests), []);
});

pushTest("--dry-run shows and sends nothing", async (hub, run, home) => {
  await hub.add({ type: "model", id: "me/gem", files: { ...STUDENT, "README.md": "another card" } });
  const { code, out } = await push(hub, home, [run, "me/gem", "--dry-run"]);
  assert.equal(code, 0);
  assert.equal(
    out,
    `${hub.endpoint}/me/gem exists and is public
  replaces        29 B  README.md
  same            29 B  config.json
  new        195.3 KiB  model.safetensors
  same             2 B  tokenizer.json
195.3 KiB to send; nothing was sent
`,
  );
  assert.match(
    (await push(hub, home, [run, "me/other", "--dry-run"])).out,
    /\/me\/other would be created, public\n/,
  );
  assert.deepEqual(writes(hub.requests), []);
});

pushTest("nothing is replaced without a yes", async (hub, run, home) => {
  const before = await hub.add({
    type: "model",
    id: "me/gem",
    files: { "README.md": "another card", "other.txt": "x" },
  });
  const refused = await push(hub, home, [run, "me/gem", "--quiet"]);
  assert.deepEqual(refused, {
    code: 2,
    out: "",
    err: "error: Cannot push to me/gem: README.md would be replaced and there is no terminal to ask; " +
      "add --yes, or --dry-run to see more\n",
  });
  assert.deepEqual(writes(hub.requests), []);
  assert.equal(hub.repos.get("models/me/gem")!.commit, before);
  const { code } = await push(hub, home, [run, "me/gem", "--yes"]);
  assert.equal(code, 0);
  const { files } = hub.repos.get("models/me/gem")!;
  assert.equal(new TextDecoder().decode(files.get("README.md")!.bytes), STUDENT["README.md"]);
  assert.ok(files.has("other.txt"), "what is not of the student stays");
});

pushTest("a question, answered", async (hub, run, home) => {
  await hub.add({ type: "model", id: "me/gem", files: { "README.md": "another card" } });
  const { request } = await asked(hub, run, home);
  for (const [answers, state] of [[false, "another card"], [true, STUDENT["README.md"]]] as const) {
    const io = captureIo({ answers, isTerminal: true });
    assert.equal(await request(io), answers ? 0 : 2);
    assert.match(io.err.join(""), /replaces +29 B {2}README\.md[^]*\nReplace README\.md\? \[y\/N\] /);
    const { files } = hub.repos.get("models/me/gem")!;
    assert.equal(new TextDecoder().decode(files.get("README.md")!.bytes), state);
  }
});

/** The command in this process, whose environment then has the hub's settings. */
async function asked(hub: LoopbackHub, run: string, home: string) {
  await Deno.mkdir(home, { recursive: true });
  return {
    request: async (io: ReturnType<typeof captureIo>) => {
      const variables = { HF_ENDPOINT: hub.endpoint, HF_HOME: home, HF_TOKEN: TOKEN };
      for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
      try {
        return await runCommand(["push", run, "me/gem"], io);
      } finally {
        for (const name of Object.keys(variables)) Deno.env.delete(name);
      }
    },
  };
}

pushTest("what cannot be pushed is refused before anything is sent", async (hub, run, home) => {
  await hub.add({ type: "model", id: "me/public", files: { "a.txt": "x" } });
  const empty = join(home, "empty");
  await Deno.mkdir(join(empty, "student"), { recursive: true });
  await Deno.writeTextFile(join(empty, "student", "config.json"), "{}");
  const says = async (args: string[], env: Record<string, string> = {}) =>
    (await push(hub, home, [...args, "--quiet"], env)).err.replace(/^error: /, "").trimEnd();
  assert.match(
    await says([home, "me/gem"]),
    /it has no .*student; name the directory of a run that distill has finished$/,
  );
  assert.match(await says([empty, "me/gem"]), /it has no .*README\.md; write it with \.\/lapidary card /);
  assert.match(
    await says([run, "gem"]),
    /^Cannot push to gem: a push makes a commit on main; give OWNER\/NAME$/,
  );
  assert.match(await says([run, "me/gem@v1"]), /a push makes a commit on main; give OWNER\/NAME$/);
  assert.match(await says([run, "me/../gem"]), /^Cannot use "me\/..\/gem" as the name of a model/);
  assert.match(
    await says([run, "me/public", "--private"]),
    /^Cannot push to me\/public privately: it exists and is public; change that at .*\/settings, or leave --private out$/,
  );
  assert.match(await says([run, "me/gem"], { HF_HUB_OFFLINE: "1" }), /HF_HUB_OFFLINE is set; unset it$/);
  assert.match(
    await says([run, "me/gem"], { HF_TOKEN: "hf_wrong" }),
    /the hub refuses the token; make a new one/,
  );
  assert.match(await says([run, "them/gem"]), /^Cannot create them\/gem: the token may not write there/);
  assert.match(
    await says([run, "me/public"], { HF_TOKEN: "" }),
    /^Cannot upload to me\/public: there is no token; set HF_TOKEN/,
  );
  assert.deepEqual(writes(hub.requests), ["POST /api/repos/create"]);
});

pushTest(
  "a commit that came between is not overwritten; a fault that passes is borne",
  async (hub, run, home) => {
    const reporter = { update() {}, note() {}, signal: new AbortController().signal };
    const settings = settingsFor(hub, home, { token: TOKEN });
    await hub.add({ type: "model", id: "me/gem", files: { "a.txt": "x" } });
    hub.faults.push({ when: ({ method }) => method === "PUT", times: 1, spoil: { status: 500 } });
    const plan = await planPush(settings, run, "me/gem", { private: false });
    await hub.add({ type: "model", id: "me/gem", files: { "a.txt": "y" } });
    await assert.rejects(runPush(settings, plan, reporter), {
      message: "Cannot upload to me/gem: the repository has changed in the meantime; " +
        "run again to see what would be replaced now",
    });
    const fresh = await planPush(settings, run, "me/gem", { private: false });
    hub.faults.push(
      { when: ({ path }) => path.includes("preupload"), times: 1, spoil: { status: 503 } },
      { when: ({ path }) => path.endsWith("/batch"), times: 1, spoil: { status: 500 } },
    );
    const commit = await runPush(settings, fresh, reporter);
    assert.equal(hub.repos.get("models/me/gem")!.commit, commit);
    assert.equal(hub.faults.every(({ times }) => times === 0), true);
  },
);

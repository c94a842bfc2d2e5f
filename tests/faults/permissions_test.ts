/** What each command may do: what its task allows and no more, and less where it needs less. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { goldenPath } from "../support/command.ts";
import { lapidaryProcess, outputOf } from "../support/process.ts";
import { exampleResults } from "../support/results.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The permissions of a task of deno.json. */
async function permissionsOf(task: string): Promise<string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  return (tasks[task] as string).split(" ").filter((word) => /^--(no-prompt|allow-)/.test(word))
    .map((word) => word.replace("$HUB", "huggingface.co").replaceAll('\\"', "").replaceAll('"', ""));
}

/** What a script is told when it does something under these permissions. */
async function attempt(permissions: readonly string[], action: string): Promise<string> {
  const script = `
    const tried = async () => { ${action} };
    console.log(await tried().then(() => "allowed", (error) => error.name));`;
  const command = new Deno.Command("deno", {
    args: ["run", "--quiet", "--no-config", ...permissions, "-"],
    stdin: "piped",
    stdout: "piped",
  });
  const process = command.spawn(), writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  return new TextDecoder().decode((await process.output()).stdout).trim();
}

Deno.test("the task of all commands starts no process, loads no library and asks no other host", async () => {
  const permissions = await permissionsOf("lapidary");
  const denied = {
    "a process": 'await new Deno.Command("sh", { args: ["-c", "true"] }).output();',
    "a library": 'Deno.dlopen("libc.so.6", {});',
    "a host": 'await fetch("http://127.0.0.1:8999/");',
    "a listener": "Deno.listen({ port: 0 });",
    "the environment": 'Deno.env.get("AWS_SECRET_ACCESS_KEY");',
    "the user": "Deno.uid();",
  };
  for (const [what, action] of Object.entries(denied)) {
    assert.equal(await attempt(permissions, action), "NotCapable", what);
  }
  assert.equal(await attempt(permissions, 'await Deno.readTextFile("/dev/null");'), "allowed");
});

Deno.test("the doctor reads driver descriptions and writes nothing", async () => {
  const permissions = await permissionsOf("doctor");
  for (
    const action of [
      'await Deno.readTextFile("/etc/passwd");',
      'await Deno.writeTextFile("/tmp/x", "");',
      'await new Deno.Command("sh").output();',
    ]
  ) assert.equal(await attempt(permissions, action), "NotCapable", action);
});

Deno.test("before it runs, a command gives back what it does not need", () =>
  inTemporaryDirectory(async (directory) => {
    // main.ts as it is, and then what is left.
    const script = join(directory, "left.ts");
    await Deno.writeTextFile(
      script,
      `import { narrowPermissions } from ${JSON.stringify(`file://${root}cli/permissions.ts`)};
      await narrowPermissions(Deno.args);
      const state = async (name) => (await Deno.permissions.query({ name })).state === "granted" ? name : "";
      const host = await Deno.permissions.query({ name: "net", host: "huggingface.co" });
      console.log([await state("write"), await state("run"), host.state === "granted" ? "net" : ""].join());`,
    );
    const left = async (args: string[], env: Record<string, string> = {}) => {
      const command = new Deno.Command("deno", {
        args: ["run", "--quiet", "--no-check", ...await permissionsOf("lapidary"), script, ...args],
        cwd: root,
        env,
      });
      return new TextDecoder().decode((await command.output()).stdout).trim();
    };
    assert.equal(await left(["compare", "a", "b"]), ",,");
    assert.equal(await left(["report", "a"]), "write,,");
    assert.equal(await left(["train"]), "write,,net");
    assert.equal(await left(["train"], { HF_HUB_OFFLINE: "1" }), "write,,");
  }));

Deno.test("commands that gave everything back still work", () =>
  inTemporaryDirectory(async (directory) => {
    const [a, b] = [join(directory, "a"), join(directory, "b")];
    for (const run of [a, b]) {
      await Deno.mkdir(run);
      await Deno.writeTextFile(join(run, "results.json"), JSON.stringify(await exampleResults()));
    }
    for (const args of [["compare", a, b], ["config", "show"], ["--help"], ["completion", "bash"]]) {
      const { code, out, err } = await outputOf(await lapidaryProcess(args));
      assert.deepEqual([code, err], [0, ""], args[0]);
      assert.ok(out.length > 0);
    }
  }));

Deno.test("nothing of a model directory is executed: no code is loaded but by its written name", async () => {
  const forbidden = /\beval\(|new Function\(|Deno\.dlopen|import\((?!["'])|createRequire/;
  const processes = /new Deno\.Command|node:child_process/;
  const startsProcesses = new Set([
    "cli/doctor.ts",
    "cli/doctor_report.ts",
    "pipeline/tuning/process.ts",
    "pipeline/view/bundle.ts",
  ]);
  for (const folder of ["engine", "model", "train", "eval", "pipeline", "cli"]) {
    for await (const path of sources(`${root}${folder}`)) {
      const name = path.slice(root.length);
      const code = (await Deno.readTextFile(path)).replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
      const found = forbidden.exec(code)?.[0];
      assert.equal(found, undefined, `${name}: ${found}`);
      if (!startsProcesses.has(name)) assert.ok(!processes.test(code), `${name} starts a process`);
    }
  }
});

Deno.test("a model with code beside it is read as if there were none", () =>
  inTemporaryDirectory(async (directory) => {
    const mark = join(directory, "ran"), model = join(directory, "model");
    await Deno.mkdir(model);
    for await (const { name } of Deno.readDir(goldenPath("tiny_micro"))) {
      await Deno.copyFile(join(goldenPath("tiny_micro"), name), join(model, name));
    }
    const path = join(model, "config.json"), config = JSON.parse(await Deno.readTextFile(path));
    const auto_map = {
      AutoModelForCausalLM: "modeling_evil.EvilModel",
      AutoConfig: "configuration_evil.Evil",
    };
    await Deno.writeTextFile(path, JSON.stringify({ ...config, auto_map, trust_remote_code: true }));
    for (const name of ["modeling_evil.py", "configuration_evil.py"]) {
      await Deno.writeTextFile(join(model, name), `open(${JSON.stringify(mark)}, "w")`);
    }
    for (const name of ["index.ts", "mod.ts", "main.js", "model.ts", "deno.json"]) {
      await Deno.writeTextFile(
        join(model, name),
        name === "deno.json" ? '{"tasks": {"lapidary": "false"}, "imports": {"zod": "./mod.ts"}}' : (
          `Deno.writeTextFileSync(${JSON.stringify(mark)}, "")`
        ),
      );
    }
    const args = ["prune", "--model", model, "--drop", "0", "--out", join(directory, "out"), "--quiet"];
    const { code, err } = await outputOf(await lapidaryProcess(args));
    assert.deepEqual([code, err], [0, ""]);
    await assert.rejects(Deno.stat(mark), Deno.errors.NotFound);
  }));

async function* sources(directory: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    if (isDirectory) yield* sources(path);
    else if (name.endsWith(".ts")) yield path;
  }
}

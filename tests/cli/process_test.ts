/** The program as a process of its own: permissions, signals, start-up. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inTemporaryDirectory, namesIn } from "../support/temporary.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

function lapidary(args: string[], permissions: string[] = []) {
  return new Deno.Command("deno", {
    args: ["run", "--quiet", "--no-prompt", "--frozen", ...permissions, "main.ts", ...args],
    cwd: root,
    stdout: "piped",
    stderr: "piped",
  });
}

Deno.test("the help needs no permission", async () => {
  const { code, stdout, stderr } = await lapidary(["--help"]).output();
  assert.deepEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
  assert.match(new TextDecoder().decode(stdout), /Usage: lapidary/);
});

Deno.test("completion for four shells, and suggestions", async () => {
  for (const shell of ["bash", "zsh", "fish", "powershell"]) {
    const { code, stdout } = await lapidary(["completion", shell]).output();
    assert.equal(code, 0);
    assert.match(new TextDecoder().decode(stdout), /lapidary complete/);
  }
  const { stdout } = await lapidary(["complete", "--", "tok"]).output();
  assert.match(new TextDecoder().decode(stdout), /^tokenize\t/);
});

Deno.test({
  name: "the first Ctrl-C sets the signal, the second ends the process; no temporary file is left",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inTemporaryDirectory(async (directory) => {
      const script = `
        import { watchInterrupts } from "./cli/interrupt.ts";
        import { streamFileAtomic } from "./model/files/mod.ts";
        const { signal } = watchInterrupts(() => console.log("stopping"));
        signal.addEventListener("abort", () => console.log(signal.reason.exitCode));
        await streamFileAtomic(Deno.args[0], async () => {
          console.log("ready");
          await new Promise((resolve) => setTimeout(resolve, 60000));
        });`;
      const process = new Deno.Command("deno", {
        args: ["eval", script, join(directory, "model.bin")],
        cwd: root,
        stdout: "piped",
      }).spawn();
      let seen = "";
      for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
        seen += text;
        if (text.includes("ready") || text.includes("130")) process.kill("SIGINT");
      }
      assert.equal((await process.status).code, 130);
      assert.equal(seen, "ready\nstopping\n130\n");
      assert.deepEqual(await namesIn(directory), []);
    }),
});

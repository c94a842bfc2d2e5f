import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { inTemporaryDirectory } from "./support/temporary.ts";

const ROOT = new URL("../", import.meta.url);
const LAUNCHER = fileURLToPath(new URL("lapidary", ROOT));
const needsShell = { ignore: Deno.build.os === "windows" };

const NO_DENO =
  `Deno 2.9 or later is needed and neither it nor npx was found; install one of them and run this again:
  npm install --global deno@2.9.6                      (with Node)
  sudo apt install npm                                 (Debian/Ubuntu: brings npx)
  curl -fsSL https://deno.land/install.sh | sh         (without Node)
`;

const NO_DRIVER = `No Vulkan driver was found; install one and run this again:
  sudo apt install libvulkan1 mesa-vulkan-drivers      (Debian/Ubuntu)
  sudo dnf install vulkan-loader mesa-vulkan-drivers   (Fedora)
For NVIDIA GPUs, containers and other systems: ./lapidary doctor
`;

/** Runs `sh ARGS`; the environment is this process's, changed by `env`. */
async function sh(args: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
  const { code, stdout, stderr } = await new Deno.Command("sh", { args: [...args], ...options }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Runs the launcher where nothing but POSIX tools and the scripts of `extra` are on PATH. */
async function onBareMachine(args: readonly string[], extra: Readonly<Record<string, string>> = {}) {
  const tools = "cat cp dirname grep id readlink sed uname";
  let result = { code: -1, stdout: "", stderr: "" };
  await inTemporaryDirectory(async (bin) => {
    for (const [name, script] of Object.entries(extra)) {
      await Deno.writeTextFile(`${bin}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    await sh(["-c", `for tool in ${tools}; do ln -s "$(command -v $tool)" "$0/"; done`, bin]);
    const script = 'shell=$(command -v sh); PATH=$0; export PATH; exec "$shell" "$@"';
    result = await sh(["-c", script, bin, LAUNCHER, ...args]);
  });
  return result;
}

Deno.test("the launcher alone prints help and needs nothing", needsShell, async () => {
  const { code, stdout, stderr } = await onBareMachine([]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(stdout, /^Lapidary cuts .*\n\n {2}\.\/lapidary distill /);
});

Deno.test("without Deno and npx the launcher exits 69 with the commands", needsShell, async () => {
  assert.deepEqual(await onBareMachine(["distill"]), { code: 69, stdout: "", stderr: NO_DENO });
});

Deno.test("a Deno before 2.9 does not serve", needsShell, async () => {
  const old = { deno: "echo 'deno 2.8.3 (stable, release, x86_64-unknown-linux-gnu)'" };
  assert.deepEqual(await onBareMachine(["distill"], old), { code: 69, stdout: "", stderr: NO_DENO });
});

Deno.test("without a Vulkan driver and with NO_APT=1 the launcher exits 69 with the commands", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const nowhere = "/nonexistent/driver.json";
  const env = {
    NO_APT: "1",
    VK_ICD_FILENAMES: nowhere,
    VK_DRIVER_FILES: nowhere,
    DENO_WEBGPU_BACKEND: "vulkan",
  };
  assert.deepEqual(await sh([LAUNCHER, "distill"], { env }), { code: 69, stdout: "", stderr: NO_DRIVER });
});

Deno.test(
  "arguments, directory, settings and exit code pass through the launcher unchanged",
  needsShell,
  async () => {
    await inTemporaryDirectory(async (directory) => {
      const project = `${directory}/a project`;
      const user = `${directory}/the user's place`;
      await Deno.mkdir(project);
      await Deno.mkdir(user);
      for (const file of ["lapidary", "deno.json", "deno.lock"]) {
        await Deno.copyFile(new URL(file, ROOT), `${project}/${file}`);
      }
      const program = `console.log(JSON.stringify({
      args: Deno.args, cwd: Deno.cwd(), runtimeDirectory: Deno.env.get("XDG_RUNTIME_DIR") })); Deno.exit(7);`;
      await Deno.writeTextFile(`${project}/main.ts`, program);
      await Deno.symlink(`${project}/lapidary`, `${user}/cut`);
      const args = ["tokenize", "--model", "a b", "", "*", "$HOME", `it's "so"`, "--json"];
      const env = { XDG_RUNTIME_DIR: user };
      const { code, stdout, stderr } = await sh(["./cut", ...args], { cwd: user, env });
      assert.deepEqual({ code, stderr }, { code: 7, stderr: "" });
      assert.deepEqual(JSON.parse(stdout), { args, cwd: await Deno.realPath(user), runtimeDirectory: user });
    });
  },
);

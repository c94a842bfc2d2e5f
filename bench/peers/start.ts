import { fileURLToPath } from "node:url";

const local = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Runs `bench peers` in a process of its own: with the packages and the lock file of this folder, and with all
 * permissions, as one of the packages is native code. Output goes where this process's output goes.
 *
 * @returns the exit code of that process
 */
export async function startPeers(args: readonly string[]): Promise<number> {
  const options = ["--quiet", "--no-prompt", "--no-check", "--allow-all", "--frozen"];
  const { code } = await new Deno.Command("deno", {
    args: [
      "run",
      ...options,
      `--config=${local("../../deno.json")}`,
      `--lock=${local("deno.lock")}`,
      local("main.ts"),
      ...args,
    ],
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  return code;
}

import { fileURLToPath } from "node:url";
import type { Driver } from "./drivers.ts";

/** What computes on the device beside the walk: a whole model's gradients are among it. */
const TESTS = [
  "tests/engine",
  "tests/train/losses",
  "tests/train/optim",
  "tests/train/gradients_test.ts",
  "tests/model/pruning/ops_test.ts",
];
/** The walk itself. */
const WALKED = ["tests/engine/ops_test.ts", "tests/train/losses/registry_test.ts"];

/** Runs the tests that need a device, the walk left out, in a process of their own on a driver. */
export async function otherTests({ env }: Driver): Promise<{ success: boolean; output: string }> {
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: [
      "test",
      "--no-prompt",
      "--no-check",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      "--allow-sys",
      "--allow-run=deno,sh",
      `--ignore=${WALKED}`,
      ...TESTS,
    ],
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { success, output: text(stdout) + text(stderr) };
}

import { fileURLToPath } from "node:url";
import type { Driver } from "./drivers.ts";

/** What computes on the device and is not the walk: PyTorch's values, laws, faults, a whole model's gradients. */
const TESTS = [
  "tests/engine/autograd",
  "tests/engine/bf16_test.ts",
  "tests/engine/compiler",
  "tests/engine/embedding_padding_test.ts",
  "tests/engine/golden_test.ts",
  "tests/engine/gpu",
  "tests/engine/ops",
  "tests/engine/program",
  "tests/train/gradients_test.ts",
  "tests/train/losses/vocabulary_loss_test.ts",
  "tests/train/optim",
];

/** Runs them in a process of their own on a driver. */
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
      ...TESTS,
    ],
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { success, output: text(stdout) + text(stderr) };
}

/** A GPU that does not answer: here a dispatch that takes far longer than the process will wait for it. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { waitLimit } from "../../cli/watchdog.ts";
import { withEngine } from "../../cli/with_engine.ts";
import { createProgress } from "../../cli/progress.ts";
import { type DeviceOptions, UsageError } from "../../engine/mod.ts";
import { captureIo } from "../support/cli.ts";
import { gpuTest } from "../support/engine.ts";
import { throwsWith } from "../support/errors.ts";
import { outputOf } from "../support/process.ts";

Deno.test("a process whose GPU does not answer in time says what it worked on, and ends", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const script = fileURLToPath(new URL("../support/hanging_kernel.ts", import.meta.url));
  const { code, out, err } = await outputOf(
    new Deno.Command("deno", {
      args: ["run", "--no-prompt", "--no-check", "--allow-read", "--allow-env", script],
    }),
  );
  assert.deepEqual([code, out, err], [
    128 + 9, // SIGKILL
    "",
    "error: The GPU did not answer within 1 s and this process is ended; its latest work was endless (1 dispatch); " +
    "LAPIDARY_ONE_BY_ONE=1 tells which dispatch it is, LAPIDARY_WAIT_LIMIT sets the seconds\n",
  ]);
});

Deno.test("GPUs have ten minutes for an answer, software adapters as long as they need", () => {
  assert.equal(waitLimit(undefined, false), 600);
  assert.equal(waitLimit("", true), 0);
  assert.equal(waitLimit("0", false), 0);
  assert.equal(waitLimit("2.5", true), 2.5);
  for (const text of ["soon", "-1", "1e9"]) {
    const message =
      `Cannot wait LAPIDARY_WAIT_LIMIT=${text} for the GPU; give seconds, or 0 to wait for ever`;
    throwsWith(() => waitLimit(text, true), UsageError, message);
  }
});

gpuTest("LAPIDARY_ONE_BY_ONE=1 opens an engine that runs dispatch by dispatch", async (engine) => {
  const io = captureIo(), opened: (DeviceOptions | undefined)[] = [];
  const context = {
    io,
    progress: createProgress(io),
    signal: new AbortController().signal,
    openEngine: (options?: DeviceOptions) => {
      opened.push(options);
      return Promise.resolve({ ...engine, close: () => {} });
    },
  };
  for (const value of ["1", "0"]) {
    Deno.env.set("LAPIDARY_ONE_BY_ONE", value);
    await withEngine(context, (open) => open());
  }
  Deno.env.delete("LAPIDARY_ONE_BY_ONE");
  assert.deepEqual(opened, [{ oneByOne: true }, { oneByOne: false }]);
});

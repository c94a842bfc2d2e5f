import { type Engine, openEngine } from "../../engine/mod.ts";

let shared: Promise<Engine> | undefined;

/** One engine for all tests of a process: opening a device costs more than most tests. */
export function sharedEngine(): Promise<Engine> {
  return shared ??= openEngine();
}

/** GPU work outlives single tests (the device and its pipelines), so the leak checks of Deno do not apply. */
export function gpuTest(name: string, body: (engine: Engine) => Promise<void> | void): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await body(await sharedEngine());
    },
  });
}

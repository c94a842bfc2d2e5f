/**
 * Gives back, before a command runs, what it does not need of what its task in deno.json allows. The task is one for all
 * commands; what is given back here cannot be had again by anything that runs later, whatever it is.
 */

/** Commands that read finished runs or explain: none writes or asks the network, unless it stands in `WRITES`. */
const LOCAL = new Set(["card", "compare", "completion", "complete", "config", "help", "report"]);
/** Those of them that write into the run that they are given. */
const WRITES = new Set(["card", "report"]);
/** The command that asks the network and writes nothing here. */
const SENDS = new Set(["push"]);
/** Commands that start processes: a driver that fails must not end `tune`, and `view` has its page bundled by Deno. */
const RUNS = new Set(["tune", "view"]);

/**
 * What a command line gives back.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { givenBack } from "./permissions.ts";
 *
 * assert.deepEqual(givenBack(["compare", "runs/a", "runs/b"], false), ["run", "net", "write"]);
 * assert.deepEqual(givenBack(["--quiet", "report", "runs/a"], false), ["run", "net"]);
 * assert.deepEqual(givenBack(["train"], false), ["run"]);
 * assert.deepEqual(givenBack(["train"], true), ["run", "net"]);
 * assert.deepEqual(givenBack(["push", "runs/a", "me/gem"], false), ["run", "write"]);
 * ```
 */
export function givenBack(args: readonly string[], offline: boolean): ("run" | "net" | "write")[] {
  const command = args.find((arg) => !arg.startsWith("-"));
  const isLocal = command === undefined || LOCAL.has(command);
  return [
    ...command !== undefined && RUNS.has(command) ? [] : ["run" as const],
    ...isLocal || offline ? ["net" as const] : [],
    ...command === undefined || SENDS.has(command) || (isLocal && !WRITES.has(command))
      ? ["write" as const]
      : [],
  ];
}

/** Gives back what this command line does not need. */
export async function narrowPermissions(args: readonly string[]): Promise<void> {
  const { state } = await Deno.permissions.query({ name: "env", variable: "HF_HUB_OFFLINE" });
  const offline = state === "granted" && /^(1|on|yes|true)$/i.test(Deno.env.get("HF_HUB_OFFLINE") ?? "");
  for (const name of givenBack(args, offline)) await Deno.permissions.revoke({ name });
}

/** A disk that is full at any write of a run. `LAPIDARY_FAULTS=all` goes through it page by page. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { commandTest } from "../support/command.ts";
import { withDisk } from "../support/disk.ts";
import { sharedEngine } from "../support/engine.ts";
import { listening, outcomeOf, runSmall, smallConfig, wholeOutcome } from "../support/small_run.ts";

/** Bytes that a disk in memory gives out at a time. */
const PAGE = 4096;
/** Sizes tried without `LAPIDARY_FAULTS=all`. */
const FEW = 4;

/** Temporary files and directories anywhere below. */
async function halfWritten(directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    if (name.endsWith(".tmp")) found.push(name);
    else if (isDirectory) found.push(...await halfWritten(join(directory, name)));
  }
  return found;
}

commandTest(
  "a full disk at any write: told, nothing half written, and gone on with when there is room",
  async (directory) => {
    const engine = await sharedEngine(), config = await smallConfig(directory);
    const disk = join(directory, "disk");
    const expected = await wholeOutcome(engine);
    const failures = new Map<string, number>(), all = Deno.env.get("LAPIDARY_FAULTS") === "all";
    const step = all ? PAGE : PAGE * 110;
    let tried = 0;
    for (let size = PAGE, full = true; full && (all || tried < FEW); size += step) {
      await withDisk(disk, `size=${size}`, async ({ remount }) => {
        const run = join(disk, "run");
        try {
          await runSmall(engine, config, run, listening());
          full = false;
        } catch (error) {
          const { name, message } = error as Error;
          assert.equal(name, "DataError", message);
          const [, path] =
            /^Cannot write (.*): the disk is full; free some space and run again$/.exec(message) ??
              assert.fail(message);
          const what = path!.slice(run.length + 1).replace(/-\d{6}/, "-N");
          failures.set(what, (failures.get(what) ?? 0) + 1);
          tried++;
          assert.deepEqual(await halfWritten(disk), []);
          await remount("size=64m");
          await runSmall(engine, config, run, listening(), true);
        }
        assert.deepEqual(await outcomeOf(run), expected);
      });
      if (await Deno.stat(join(disk, "run")).then(() => true, () => false)) assert.fail("the disk stays");
      if (tried === 0) return; // it could not be mounted
    }
    console.log(`${tried} full disks of ${PAGE} to ${PAGE + step * tried} bytes, by what was being written:`);
    for (const [what, count] of [...failures].sort()) console.log(`${String(count).padStart(6)}  ${what}`);
  },
);

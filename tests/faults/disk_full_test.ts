/** A disk that is full at any write of a run: it grows by a few pages whenever the run has failed of it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { isDirectory } from "../../model/files/mod.ts";
import { commandTest } from "../support/command.ts";
import { withDisk } from "../support/disk.ts";
import { sharedEngine } from "../support/engine.ts";
import { listening, outcomeOf, runSmall, smallConfig, wholeOutcome } from "../support/small_run.ts";

/** Bytes that a disk in memory gives out at a time. */
const PAGE = 4096;
/** Most pages that it grows by within one file; and always, where not all is tried. */
const MOST_PAGES = 16, FEW_PAGES = 60;

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
    const engine = await sharedEngine(),
      config = await smallConfig(directory),
      disk = join(directory, "disk");
    const expected = await wholeOutcome(engine),
      failures = new Map<string, number>(),
      run = join(disk, "run");
    const all = Deno.env.get("LAPIDARY_FAULTS") === "all";
    let size = PAGE, pages = 1, before = "";
    await withDisk(disk, `size=${size}`, async ({ remount }) => {
      for (let full = true; full;) {
        try {
          await runSmall(engine, config, run, listening(), await isDirectory(run));
          full = false;
        } catch (error) {
          const { name, message } = error as Error;
          assert.equal(name, "DataError", message);
          const [, path] =
            /^Cannot write (.*): the disk is full; free some space and run again$/.exec(message) ??
              assert.fail(message);
          const what = path!.slice(run.length + 1).replace(/-\d{6}/, "-N") || "the run itself";
          failures.set(what, (failures.get(what) ?? 0) + 1);
          assert.deepEqual(await halfWritten(disk), []);
          // A page for every new file, more within a large one.
          pages = what === before ? Math.min(2 * pages, MOST_PAGES) : 1;
          before = what;
          await remount(`size=${size += PAGE * (all ? pages : FEW_PAGES)}`);
        }
      }
      assert.deepEqual(await outcomeOf(run), expected);
      const times = [...failures.values()].reduce((sum, count) => sum + count);
      console.log(`the disk was full ${times} times, up to ${size / 1024} KiB, when this was written:`);
      for (const [what, count] of [...failures].sort()) console.log(`${String(count).padStart(6)}  ${what}`);
    });
  },
);

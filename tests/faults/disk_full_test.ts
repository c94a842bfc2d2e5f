/** A disk that is full at any write of a run: between stages it has room for little more, until the run has failed of it. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDirectory } from "../../model/files/mod.ts";
import { commandTest } from "../support/command.ts";
import { withDisk } from "../support/disk.ts";
import { sharedEngine } from "../support/engine.ts";
import { listening, outcomeOf, runSmall, smallConfig, wholeOutcome } from "../support/small_run.ts";

/** Pages that are free between two stages at least: with none, every file fails once; with so many, the large ones. */
const ALL = 0, FEW = 16;

/** Temporary files and directories anywhere below. */
async function halfWritten(directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    if (name.endsWith(".tmp")) found.push(name);
    else if (isDirectory) found.push(...await halfWritten(join(directory, name)));
  }
  return found;
}

/** How many stages of a run stand. */
function stagesIn(run: string): number {
  const directory = join(run, "stages");
  return existsSync(directory) ? [...Deno.readDirSync(directory)].length : 0;
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
    const least = Deno.env.get("LAPIDARY_FAULTS") === "all" ? ALL : FEW;
    // Pages that are free until a run has begun to work, and from then on; stages that stood when it failed last.
    let beginning = 0, pages = least, stood = 0, works = false;
    await withDisk(disk, "size=8192", async ({ leave }) => {
      await Deno.writeFile(join(disk, "filler"), new Uint8Array(4096)); // a size of 0 would have no limit
      const hear = () => {
        works = true;
        if (stagesIn(run) > stood) [pages, stood] = [least, stagesIn(run)];
        leave(pages);
      };
      const note = (text: string) => text.startsWith("What the run wrote") || hear();
      for (let full = true; full;) {
        try {
          works = false;
          leave(beginning);
          await runSmall(engine, config, run, { ...listening(hear), note }, await isDirectory(run));
          full = false;
        } catch (error) {
          const { name, message } = error as Error;
          assert.equal(name, "DataError", message);
          const [, path] =
            /^Cannot write (.*): the disk is full; free some space and run again$/.exec(message) ??
              assert.fail(message);
          const what = path!.slice(run.length + 1), times = failures.get(what) ?? 0;
          failures.set(what, times + 1);
          assert.deepEqual(await halfWritten(disk), []);
          assert.ok(times < 20, `no end with ${what}`);
          if (!works) beginning++;
          else if (stagesIn(run) > stood) [pages, stood] = [least, stagesIn(run)];
          else pages = Math.max(1, 2 * pages);
        }
      }
      assert.deepEqual(await outcomeOf(run), expected);
      const times = [...failures.values()].reduce((sum, count) => sum + count);
      console.log(`the disk was full ${times} times, when this was written:`);
      for (const [what, count] of [...failures].sort()) console.log(`${String(count).padStart(6)}  ${what}`);
    });
  },
);

/** Run directories that are read-only, links, gone or replaced. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { lapidaryShared } from "../support/cli.ts";
import { commandTest } from "../support/command.ts";
import { withDisk } from "../support/disk.ts";
import { sharedEngine } from "../support/engine.ts";
import {
  listening,
  outcomeOf,
  runSmall,
  smallArguments,
  smallConfig,
  wholeOutcome,
} from "../support/small_run.ts";
import { namesIn } from "../support/temporary.ts";

const STOPPED = new Error("stopped by the test");

/** Breaks off at the ninth training step, whose last checkpoint is that of the eighth. */
const breakingAtNine = () =>
  listening(({ stage, done }) => {
    if (stage === "train" && done >= 9) throw STOPPED;
  });

commandTest(
  "a read-only directory: refused, unchanged, and gone on with when it can be written",
  async (directory) => {
    const disk = join(directory, "disk"), run = join(disk, "run");
    await withDisk(disk, "size=64m", async ({ remount }) => {
      const engine = await sharedEngine(), config = await smallConfig(directory);
      await assert.rejects(runSmall(engine, config, run, breakingAtNine()), STOPPED);
      const before = await namesIn(join(run, "checkpoints"));
      await remount("ro");
      const { code, err } = await lapidaryShared("distill", "--run", run, "--resume", "--quiet");
      assert.deepEqual([code, err], [
        1,
        `error: Cannot write ${join(run, ".lock")}: the file system is read-only; give another place\n`,
      ]);
      const fresh = await lapidaryShared(
        ...[...await smallArguments(directory), "--run", join(disk, "new"), "--quiet"],
      );
      assert.deepEqual([fresh.code, fresh.err], [
        1,
        `error: Cannot write ${join(disk, "new")}: the file system is read-only; give another place\n`,
      ]);
      assert.deepEqual(await namesIn(join(run, "checkpoints")), before);
      await remount("rw");
      await runSmall(engine, config, run, listening(), true);
      assert.deepEqual(await outcomeOf(run), await wholeOutcome(engine));
    });
  },
);

commandTest(
  "a link to a run's directory is that run; a new run takes the place of no link",
  async (directory) => {
    const engine = await sharedEngine(), config = await smallConfig(directory);
    const [run, link, dangling] = ["run", "link", "dangling"].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    await assert.rejects(runSmall(engine, config, run, breakingAtNine()), STOPPED);
    await Deno.symlink(run, link);
    await Deno.symlink(join(directory, "nowhere"), dangling);
    const before = await namesIn(directory);
    for (const path of [link, dangling]) {
      const { code, err } = await lapidaryShared(
        ...[...await smallArguments(directory), "--run", path, "--quiet"],
      );
      assert.equal(code, 2);
      assert.match(err, /it exists already; go on with it by --resume, name another place with --run/);
    }
    assert.deepEqual(await namesIn(directory), before);
    await runSmall(engine, config, link, listening(), true);
    assert.deepEqual(await outcomeOf(run), await wholeOutcome(engine));
  },
);

commandTest(
  "a directory that vanishes or is replaced under a run: told, and nothing is made there",
  async (directory) => {
    const engine = await sharedEngine(), config = await smallConfig(directory), run = join(directory, "run");
    const aside = join(directory, "aside");
    const losing = (lose: () => void) => {
      let lost = false;
      return listening(({ stage, done }) => {
        if (lost || stage !== "train" || done < 9) return;
        lost = true;
        lose();
      });
    };
    const gone = {
      name: "DataError",
      message:
        `Cannot go on with ${run}: the directory was removed or replaced while the run was in it; begin again`,
    };
    await assert.rejects(
      runSmall(engine, config, run, losing(() => Deno.removeSync(run, { recursive: true }))),
      { name: "DataError", message: /^Cannot (go on with|write) .*(removed or replaced|does not exist)/ },
    );
    assert.ok(!(await namesIn(directory)).includes("run"));
    await assert.rejects(
      runSmall(
        engine,
        config,
        run,
        losing(() => {
          Deno.renameSync(run, aside);
          Deno.mkdirSync(run);
        }),
      ),
      gone,
    );
    assert.deepEqual(await namesIn(run), []);
    // What was moved away still stands, and is gone on with where it is.
    await runSmall(engine, config, aside, listening(), true);
    assert.deepEqual(await outcomeOf(aside), await wholeOutcome(engine));
  },
);

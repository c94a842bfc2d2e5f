/** Two processes on one run, and what a killed one leaves behind. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { lockFile } from "../../model/files/mod.ts";
import { lapidaryShared } from "../support/cli.ts";
import { commandTest } from "../support/command.ts";
import { lapidaryProcess } from "../support/process.ts";
import { smallArguments } from "../support/small_run.ts";
import { inTemporaryDirectory, namesIn } from "../support/temporary.ts";

commandTest(
  "a second process is refused by number; a killed one's lock holds nobody up",
  async (directory) => {
    const run = join(directory, "run"), args = [...await smallArguments(directory), "--run", run];
    const endless = [...args, "--set", "train.epochs=1000000"];
    const process = (await lapidaryProcess(endless)).spawn(), out = new Response(process.stdout).text();
    let err = "";
    for await (const text of process.stderr.pipeThrough(new TextDecoderStream())) {
      err += text;
      if (err.includes('"stage":"train"')) break;
    }
    const { code, err: refused } = await lapidaryShared(...endless, "--resume", "--quiet");
    assert.equal(code, 2);
    assert.match(
      refused,
      new RegExp(
        `^error: Cannot write to ${run}: process ${process.pid} \\(since [\\dT:.-]+Z\\) is at work there; wait until it ends, ` +
          "or name another place\n$",
      ),
    );
    process.kill("SIGKILL");
    await Promise.all([process.status, out]);
    assert.ok((await namesIn(run)).includes(".lock"));
    const other = await lapidaryShared(...args, "--resume", "--quiet");
    assert.match(
      other.err,
      /^error: Cannot resume .* with other settings: train.epochs was 1000000 and is 3; /,
    );
    await Deno.writeTextFile(
      join(run, "config.resolved.json"),
      (await Deno.readTextFile(join(run, "config.resolved.json"))).replace(
        '"epochs": 1000000',
        '"epochs": 3',
      ),
    );
    // Its lock was held by the one that was refused, so it is given back.
    const last = await lapidaryShared("distill", "--run", run, "--resume");
    assert.equal(last.code, 0, last.err);
    assert.ok(!(await namesIn(run)).includes(".lock"));
  },
);

Deno.test("a lock: held once, told by whom, given back, and taken over from who left it behind", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "lock"), first = await lockFile(path);
    assert.ok(!("heldBy" in first) && first.stale === undefined);
    const second = await lockFile(path);
    assert.ok("heldBy" in second && second.heldBy?.pid === Deno.pid);
    first[Symbol.dispose]();
    assert.deepEqual(await namesIn(directory), []);
    await Deno.writeTextFile(path, '{"pid":4711,"since":"2026-01-31T12:00:00.000Z"}');
    const third = await lockFile(path);
    assert.ok(!("heldBy" in third));
    assert.deepEqual(third.stale, { pid: 4711, since: "2026-01-31T12:00:00.000Z" });
    third[Symbol.dispose]();
    await Deno.writeTextFile(path, "no JSON");
    const fourth = await lockFile(path);
    assert.ok(!("heldBy" in fourth) && fourth.stale === undefined);
    fourth[Symbol.dispose]();
  }));

/** What stops a command from outside: Ctrl-C, a machine without an adapter, a full disk. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { lapidary, lapidaryShared } from "../support/cli.ts";
import { answerOf, commandTest, goldenPath, settings } from "../support/command.ts";
import { lapidaryProcess, outputOf } from "../support/process.ts";
import { inTemporaryDirectory, namesIn } from "../support/temporary.ts";

const A = goldenPath("tiny_a"), ROWS = goldenPath("tiny_a_golden/rows.jsonl");
const ENDLESS = settings("train.epochs=1000000", "train.micro_batch=2", "prune.count=1");

/** Runs a command, sends SIGINT once it trains, and gives exit code and output. */
async function interrupted(...args: string[]): Promise<{ code: number; out: string; notes: string[] }> {
  const process = (await lapidaryProcess(args)).spawn();
  const out = new Response(process.stdout).text();
  let err = "", sent = false;
  for await (const text of process.stderr.pipeThrough(new TextDecoderStream())) {
    err += text;
    if (!sent && err.includes('"stage":"train"')) {
      process.kill("SIGINT");
      sent = true;
    }
  }
  const notes = err.trimEnd().split("\n").filter((line) => !line.includes('"stage"'));
  return { code: (await process.status).code, out: await out, notes };
}

const STOPPING = '{"note":"Interrupted: stopping; press Ctrl-C again to stop at once"}';
const STOPPED = "error: Interrupted; nothing was left half written";
const onPosix = { ignore: Deno.build.os === "windows" };

Deno.test(
  "Ctrl-C in train: exit 130, no model, the log of whole steps beside it",
  onPosix,
  () =>
    inTemporaryDirectory(async (directory) => {
      const out = join(directory, "healed"), log = `${out}.log.jsonl`;
      const { code, out: printed, notes } = await interrupted(
        ...["train", "--teacher", A, "--student", A, "--data", ROWS, "--out", out, "--json", ...ENDLESS],
      );
      assert.deepEqual([code, printed], [130, ""]);
      assert.deepEqual(notes, [
        STOPPING,
        `{"note":"The log of the steps so far is in ${log}; --resume goes on from ${out}.checkpoints"}`,
        STOPPED,
      ]);
      assert.deepEqual(await namesIn(directory), ["healed.checkpoints", "healed.log.jsonl"]);
      const steps = (await Deno.readTextFile(log)).trimEnd().split("\n").map((line) => JSON.parse(line).step);
      assert.deepEqual(steps, steps.map((_, i) => i + 1));
    }),
);

Deno.test(
  "Ctrl-C in distill: exit 130, configuration and log stay",
  onPosix,
  () =>
    inTemporaryDirectory(async (directory) => {
      const run = join(directory, "run");
      const { code, out, notes } = await interrupted(
        ...[
          "distill",
          "--teacher",
          A,
          "--data",
          ROWS,
          "--run",
          run,
          ...ENDLESS,
          "--set",
          "train.max_steps=null",
        ],
      );
      assert.deepEqual([code, out], [130, ""]);
      assert.deepEqual(notes.slice(-3), [
        STOPPING,
        `{"note":"What the run wrote before it stopped is in ${run}; --resume goes on with it"}`,
        STOPPED,
      ]);
      assert.deepEqual(await namesIn(run), [
        "checkpoints",
        "config.resolved.json",
        "kernels.json",
        "log.jsonl",
        "stages",
      ]);
    }),
);

Deno.test("no adapter: exit 3 and how to get one; what needs none works", {
  ignore: Deno.build.os !== "linux",
}, () =>
  inTemporaryDirectory(async (directory) => {
    const nowhere = join(directory, "nothing.json"), out = join(directory, "pruned");
    const env = { VK_ICD_FILENAMES: nowhere, VK_DRIVER_FILES: nowhere, DENO_WEBGPU_BACKEND: "vulkan" };
    const run = async (...args: string[]) => await outputOf(await lapidaryProcess(args, env));
    assert.deepEqual(await run("perplexity", "--model", A, "--data", ROWS, "--json"), {
      code: 3,
      out: "",
      err:
        "error: Cannot open a GPU as no WebGPU adapter answered: the Vulkan loader or driver is missing; on Debian " +
        "or Ubuntu run `sudo apt install libvulkan1 mesa-vulkan-drivers`, then `./lapidary doctor`\n",
    });
    const { code, out: printed } = await run("prune", "--model", A, "--drop", "1", "--out", out, "--json");
    assert.deepEqual([code, JSON.parse(printed).layers], [0, 2]);
  }));

/** Runs a shell command; whether it succeeded. */
const shell = async (command: string) =>
  (await new Deno.Command("sh", { args: ["-c", command] }).output()).success;

commandTest("a full disk: nothing half written", async (directory) => {
  const disk = join(directory, "disk");
  await Deno.mkdir(disk);
  // 64 KiB, half of the model.
  if (!await shell(`mount -t tmpfs -o size=64k tmpfs '${disk}'`)) {
    console.log("skipped: a small disk cannot be mounted here, which takes Linux and root");
    return;
  }
  try {
    const out = join(disk, "out"), full = "the disk is full; free some space and run again";
    assert.deepEqual(await lapidaryShared("prune", "--model", A, "--drop", "1", "--out", out), {
      code: 1,
      out: "",
      err: `error: Cannot write ${join(out, "model.safetensors")}: ${full}\n`,
    });
    assert.deepEqual(await namesIn(disk), []);
    const { code, err } = await lapidaryShared(
      ...["distill", "--teacher", A, "--data", ROWS, "--run", out, "--quiet"],
      ...settings("prune.count=1", "train.max_steps=1"),
    );
    assert.deepEqual([code, err], [
      1,
      `error: Cannot write ${join(out, "checkpoints", "student-000001.safetensors")}: ${full}\n`,
    ]);
    assert.deepEqual(await namesIn(join(out, "checkpoints")), []);
  } finally {
    assert.ok(await shell(`umount '${disk}'`));
  }
});

commandTest("TRACE shows ops, then kernels with their times, on standard error", async () => {
  const M = goldenPath("tiny_micro"), rows = goldenPath("tiny_micro_golden/rows.jsonl");
  const command = ["perplexity", "--model", M, "--data", rows, "--quiet", "--json"];
  const traced = async (level: string) => {
    Deno.env.set("TRACE", level);
    try {
      return await lapidary(...command);
    } finally {
      Deno.env.delete("TRACE");
    }
  };
  const answer = await answerOf(...command.slice(0, 5));
  const [ops, kernels, unknown] = [await traced("1"), await traced("2"), await traced("6")];
  assert.match(
    ops.err,
    /^\[token losses 8x19\] 0 embedding table \[41, 12\], ids \[8, 19\] -> y \[8, 19, 12\] in embedding\n/,
  );
  assert.match(
    kernels.err,
    /\] 1 rms_norm ops\/rms_norm\/forward\S* .* [\d.]+ ms [\d.]+ GB\/s [\d.]+ GFLOP\/s \d+ % of (memory|arithmetic)\n/,
  );
  assert.match(
    kernels.err,
    /^\[limits\] arithmetic [\d.]+ GFLOP\/s of multiply-adds, memory [\d.]+ GB\/s of copies\n/,
  );
  assert.deepEqual([JSON.parse(ops.out), JSON.parse(kernels.out)], [answer, answer]);
  assert.deepEqual(unknown, {
    code: 2,
    out: "",
    err:
      "error: Cannot trace at level TRACE=6; give 0 (off), 1 (ops and shapes), 2 (kernels and their times), " +
      "3 (memory by slot), 4 (the WGSL that runs) or 5 (sampled values); each shows what those below it show\n",
  });
});

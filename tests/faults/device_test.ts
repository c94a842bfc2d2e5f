/** A device that fails in the middle of a command, or has no memory left: what is said, and what is left behind. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../cli/run.ts";
import { listen, openEngine } from "../../engine/mod.ts";
import { captureIo } from "../support/cli.ts";
import { commandTest, goldenPath, settings } from "../support/command.ts";
import { namesIn } from "../support/temporary.ts";

const A = goldenPath("tiny_a"), ROWS = goldenPath("tiny_a_golden/rows.jsonl");

/** Runs a command whose device is destroyed when it has submitted so many Programs. */
async function losing(after: number, ...args: string[]) {
  const io = captureIo(), engine = await openEngine();
  let left = after;
  const stop = listen((event) => {
    if (event.kind === "submit" && --left === 0) engine.device.gpu.destroy();
  });
  try {
    const code = await run([...args, "--quiet"], io, () => Promise.resolve(engine));
    return { code, out: io.out.join(""), err: io.err.join("") };
  } finally {
    stop();
  }
}

const LOST =
  /^error: The GPU device was lost \(destroyed\): device was lost; its latest work was .+ \(\d+ dispatch(es)?\); start again, /;

commandTest(
  "a device lost in the middle of a command is told with its latest work; nothing is half written",
  async (directory) => {
    const out = join(directory, "out");
    const commands: [after: number, args: string[]][] = [
      [1, ["perplexity", "--model", A, "--data", ROWS]],
      [1, ["importance", "--model", A, "--data", ROWS]],
      [2, ["generate", "--model", A, "--input-ids", "2,3"]],
      [3, [
        "train",
        "--teacher",
        A,
        "--student",
        A,
        "--data",
        ROWS,
        "--out",
        out,
        ...settings("train.micro_batch=2"),
      ]],
    ];
    for (const [after, args] of commands) {
      const { code, out: printed, err } = await losing(after, ...args);
      assert.deepEqual([code, printed], [1, ""], args[0]);
      assert.match(err, LOST, args[0]);
      // What --resume goes on from.
      const kept = ["out.log.jsonl", "out.checkpoints"];
      const left = (await namesIn(directory)).filter((name) => !kept.includes(name));
      assert.deepEqual(left, [], args[0]);
    }
  },
);

/** Asks for more device memory than the address space has; prints what is said, or that the adapter is no software. */
const GREEDY = `
  import { createTensor, openEngine, output, record, rows, scale } from "./engine/mod.ts";
  const engine = await openEngine();
  if (!engine.device.software) console.log("hardware");
  else {
    const tables = Array.from({ length: 40 }, (_, i) => createTensor("table " + i, "parameter", [7e6, 64]));
    const { program } = record("step", engine.target, () =>
      tables.forEach((table, i) => output("y" + i, scale(rows(table, 0, 4), 2))));
    await engine.prepare(program).then(() => console.log("fits"), (error) => console.log(error.name + ": " + error.message));
    const y = createTensor("y", "parameter", [4]);
    await engine.write(y, Float32Array.of(1, 2, 3, 4));
    console.log((await engine.read(y)).join());
  }
  Deno.exit();`;

commandTest(
  "no memory left on the device: tensor, bytes, plan and cure are told, and the device goes on",
  async () => {
    if (Deno.build.os !== "linux") return console.log("skipped: no limit of the address space here");
    const process = new Deno.Command("sh", {
      // Up to 16 GiB V8 itself gives up, at 48 now and then; at 64 the driver does.
      args: [
        "-c",
        "ulimit -v 67108864 && exec deno run --quiet --no-check --no-prompt --allow-env --allow-read -",
      ],
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(GREEDY));
    await writer.close();
    const lines = new TextDecoder().decode((await process.output()).stdout).trimEnd().split("\n");
    if (lines[0] === "hardware") return console.log("skipped: a driver of hardware maps more than it has");
    assert.match(
      lines[0]!,
      /^DeviceError: Cannot allocate table \d+ as the device has no 1709\.0 MiB left: not enough memory left; step takes 683\d\d\.\d MiB: parameter .*; use a smaller micro-batch or a shorter max_length$/,
    );
    assert.equal(lines[1], "1,2,3,4");
  },
);

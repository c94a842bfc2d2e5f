import assert from "node:assert/strict";
import { createProgress } from "../../cli/progress.ts";
import { stepProgress } from "../../pipeline/reporter.ts";
import { captureIo } from "../support/cli.ts";

const event = (done: number) => ({
  stage: "train",
  done,
  total: 4,
  unit: "steps",
  loss: 2,
  tokensPerSecond: 10,
});

Deno.test("terminal: one line, drawn again, ended by a new stage", () => {
  const io = captureIo({ isTerminal: true, columns: 40 });
  let time = 0;
  const progress = createProgress(io, { now: () => time });
  progress.update(event(0));
  time = 50;
  progress.update(event(1));
  time = 1000;
  progress.update(event(2));
  progress.note("warning");
  progress.update(event(4));
  progress.update({ stage: "perplexity", done: 1, total: 2, unit: "rows", memoryBytes: 2048 });
  progress.end();
  progress.end();
  assert.deepEqual(io.err, [
    "train  0/4 steps  0%  loss 2.0000  10 t",
    "\r\x1b[K",
    "train  2/4 steps  50%  loss 2.0000  10 ",
    "\r\x1b[K",
    "warning\n",
    "train  4/4 steps  100%  loss 2.0000  10",
    "\n",
    "perplexity  1/2 rows  50%  2.0 KiB",
    "\n",
  ]);
  assert.deepEqual(io.out, []);
});

Deno.test("elsewhere: JSON lines every few seconds, the first and the last always", () => {
  const io = captureIo();
  let time = 0;
  const progress = createProgress(io, { now: () => time });
  for (time of [0, 1000, 6000, 7000]) progress.update(event([0, 1000, 6000, 7000].indexOf(time) + 1));
  progress.note("done");
  progress.end();
  const lines = io.err.map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((line) => line.done ?? line.note), [1, 3, 4, "done"]);
  assert.deepEqual(lines[1], {
    stage: "train",
    done: 3,
    total: 4,
    unit: "steps",
    loss: 2,
    tokens_per_second: 10,
    seconds: 6,
    eta_seconds: 2,
  });
});

Deno.test("--quiet shows nothing", () => {
  const io = captureIo();
  const progress = createProgress(io, { quiet: true });
  progress.update(event(1));
  progress.note("x");
  progress.end();
  assert.deepEqual(io.err, []);
});

Deno.test("a step of the log as progress", () => {
  const record = {
    step: 3,
    epoch: 0,
    losses: { cross_entropy: 3, total: 1.5 },
    gradient_norm: 1,
    lr: 1e-4,
    tokens: 100,
    tokens_per_second: 50,
    memory_bytes: 2048,
    seconds: 6,
  };
  assert.deepEqual(stepProgress(record, 12), {
    stage: "train",
    done: 3,
    total: 12,
    unit: "steps",
    loss: 1.5,
    tokensPerSecond: 50,
    memoryBytes: 2048,
  });
});

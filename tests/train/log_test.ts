import assert from "node:assert/strict";
import { join } from "node:path";
import { DataError } from "../../engine/mod.ts";
import { openLog, type StepRecord } from "../../train/log.ts";
import { throwsWith } from "../support/errors.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";

const record: StepRecord = {
  step: 1,
  epoch: 0,
  losses: { cross_entropy: 3.25, forward_kl: 1.5, total: 2.375 },
  gradient_norm: 0.75,
  lr: 4e-5,
  tokens: 1022,
  tokens_per_second: 4700,
  memory_bytes: 1e9,
  seconds: 0.5,
};

Deno.test("a log holds a line a step and begins with what it is given", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "log.jsonl");
    let before = "";
    for (const step of [1, 2]) {
      const log = openLog(path, before);
      log.write({ ...record, step });
      log.close();
      before = log.text();
    }
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines, [record, { ...record, step: 2 }]);
  }));

Deno.test("refuses a log in a directory that is not there", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "none", "log.jsonl");
    await Promise.resolve();
    throwsWith(() => openLog(path), DataError, `Cannot write ${path}: it does not exist; check the path`);
  }));

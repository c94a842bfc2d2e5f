/** What requests that cannot be met get: one sentence, an exit code, and nothing written. */
import { join } from "node:path";
import { commandTest, goldenPath, settings, writeRows } from "../support/command.ts";
import { sharedEngine } from "../support/engine.ts";
import { refused } from "../support/refused.ts";

const A = goldenPath("tiny_a"), ROWS = goldenPath("tiny_a_golden/rows.jsonl");

commandTest("rows too long for the device, by every command, before anything runs", async (directory) => {
  const ids = (length: number) => Array.from({ length }, (_, i) => 2 + i % 90);
  // Attention scores of four heads: WebGPU promises that a binding may cover 128 MiB, and adapters offer up to 4 GiB.
  const engine = await sharedEngine(), limit = engine.target.maxBinding;
  const length = Math.floor(Math.sqrt(limit / 16)) + 1;
  const data = await writeRows(join(directory, "long.jsonl"), [ids(length), ids(length), [2, 3, 4]]);
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const message = (rows: number, tokens: number, settings: string) =>
    `Cannot compute ${
      rows === 1 ? "1 row" : `${rows} rows`
    } of ${tokens} tokens at once: the attention scores take ${
      mebibytes(16 * rows * tokens ** 2)
    } and this device binds at most ${mebibytes(limit)}; lower ${settings}`;
  await refused(
    directory,
    ["perplexity", "--model", A, "--data", data, "--batch-size", "1"],
    message(1, length, "evaluate.batch_size (--batch-size) or data.max_length (--max-length)"),
  );
  await refused(
    directory,
    ["importance", "--model", A, "--data", data],
    message(3, length, "importance.batch_size (--batch-size) or data.max_length (--max-length)"),
  );
  const training = message(2, length, "train.micro_batch or data.max_length");
  await refused(
    directory,
    [
      ...["train", "--student", A, "--teacher", A, "--data", data, "--out", join(directory, "out")],
      ...settings("train.micro_batch=2"),
    ],
    training,
  );
  const distill = [
    ...["distill", "--teacher", A, "--data", data, "--run", join(directory, "run")],
    ...settings("train.micro_batch=2", "data.validation=0", "data.max_length=100000", "prune.count=1"),
  ];
  await refused(directory, distill, training);
  await refused(directory, [...distill, "--dry-run"], training);
});

commandTest("blocks that cannot go, runs that exist, unknown keys and presets", async (directory) => {
  const out = ["--out", join(directory, "out")], run = join(directory, "run");
  const prune = (...args: string[]) => ["prune", "--model", A, ...args, ...out];
  const distill = (...args: string[]) => ["distill", "--teacher", A, "--data", ROWS, ...args];
  const exists = (path: string, flag: string) =>
    `Cannot write to ${path}: it exists already; name another place with ${flag} or remove it`;
  const log = join(directory, "healed.log.jsonl");
  await Deno.writeTextFile(log, "");
  const cases: [args: string[], message: string][] = [
    [prune("--drop", "3"), "Cannot drop layer 3: the model has layers 0 to 2; choose among them"],
    [prune("--drop", "0,1,2"), "Cannot drop all 3 layers: nothing would be left; keep at least one"],
    [
      prune("--count", "3", "--data", ROWS),
      "Cannot drop 3 of 3 layers: one at least must go and one stay; choose 1 to 2",
    ],
    [
      distill("--run", run, ...settings("prune.count=0")),
      "Cannot drop 0 of 3 layers: one at least must go and one stay; choose 1 to 2",
    ],
    [distill("--run", directory), exists(directory, "--run")],
    [
      ["train", "--student", A, "--teacher", A, "--data", ROWS, "--out", join(directory, "healed")],
      exists(log, "--out"),
    ],
    [distill("--run", run, "--preset", "pebbles"), 'Unknown preset "pebbles"; did you mean "pebble"?'],
    [
      distill("--run", run, ...settings("train.lrr=1")),
      'Unknown key "train.lrr" (--set); did you mean "train.lr"?',
    ],
    [
      distill("--run", run, ...settings("train.lr=-1")),
      "Cannot use train.lr=-1 (--set): it is too small; give more than 0",
    ],
    [
      ["generate", "--model", A, "--input-ids", "2,101"],
      "Cannot generate from token id 101: it is outside the vocabulary; give ids from 0 to 100",
    ],
    [
      ["generate", "--model", A, "hello"],
      `Cannot turn text into tokens for ${A} as it has no tokenizer.json; name its directory with --tokenizer`,
    ],
  ];
  for (const [args, message] of cases) await refused(directory, args, message, 2);
});

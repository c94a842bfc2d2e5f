/** What requests that cannot be met get: one sentence, an exit code, and nothing written. */
import { join } from "node:path";
import { commandTest, goldenPath, settings, writeRows } from "../support/command.ts";
import { sharedEngine } from "../support/engine.ts";
import { refused } from "../support/refused.ts";

const A = goldenPath("tiny_a"), ROWS = goldenPath("tiny_a_golden/rows.jsonl");

commandTest("rows too many for the device, by every command, before anything runs", async (directory) => {
  // The inside of tiny_a's MLP, its widest activation, has 53 numbers a token. WebGPU promises bindings of 128 MiB.
  const { target: { maxBinding } } = await sharedEngine(), tokens = 512, bytes = 4 * 53 * tokens;
  const rows = Math.floor(maxBinding / bytes) + 1;
  const row = Array.from({ length: tokens }, (_, i) => 2 + i % 90);
  const data = await writeRows(join(directory, "many.jsonl"), Array(rows).fill(row));
  const mebibytes = (count: number) => `${(count / 2 ** 20).toFixed(1)} MiB`;
  const message = (settings: string) =>
    `Cannot compute ${rows} rows of ${tokens} tokens at once: the activations of a layer take ${
      mebibytes(rows * bytes)
    } and this device binds at most ${mebibytes(maxBinding)}; lower ${settings}`;
  const batch = ["--batch-size", String(rows)], microBatch = `train.micro_batch=${rows}`;
  await refused(
    directory,
    ["perplexity", "--model", A, "--data", data, ...batch],
    message("evaluate.batch_size (--batch-size) or data.max_length (--max-length)"),
  );
  await refused(
    directory,
    ["importance", "--model", A, "--data", data, ...batch],
    message("importance.batch_size (--batch-size) or data.max_length (--max-length)"),
  );
  const training = message("train.micro_batch or data.max_length");
  await refused(
    directory,
    [
      ...["train", "--student", A, "--teacher", A, "--data", data, "--out", join(directory, "out")],
      ...settings(microBatch),
    ],
    training,
  );
  const distill = [
    ...["distill", "--teacher", A, "--data", data, "--run", join(directory, "run")],
    ...settings(
      microBatch,
      "data.max_length=512",
      `data.limit=${rows}`,
      "data.validation=0",
      "prune.count=1",
    ),
  ];
  await refused(directory, distill, training);
  await refused(directory, [...distill, "--dry-run"], training);
});

commandTest("blocks that cannot go, runs that exist, unknown keys and presets", async (directory) => {
  const out = ["--out", join(directory, "out")], run = join(directory, "run");
  const prune = (...args: string[]) => ["prune", "--model", A, ...args, ...out];
  const distill = (...args: string[]) => ["distill", "--teacher", A, "--data", ROWS, ...args];
  const exists = (path: string, flag: string) =>
    `Cannot write to ${path}: it exists already; ${
      flag === "--run" ? "go on with it by --resume, " : ""
    }name another place with ${flag} or remove it`;
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
      `Cannot write to ${log}: it exists already; go on with that training by --resume, name another place with --out or remove it`,
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

/** What each command makes of its flags. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { CommanderError } from "@commander-js/extra-typings";
import { addDistill } from "../../cli/distill.ts";
import { addGenerate } from "../../cli/generate.ts";
import { addImportance, METHODS } from "../../cli/importance.ts";
import { addPerplexity } from "../../cli/perplexity.ts";
import { addPretrain } from "../../cli/pretrain.ts";
import { addPrune } from "../../cli/prune.ts";
import { addTrain } from "../../cli/train.ts";
import { addTune } from "../../cli/tune.ts";
import { UsageError } from "../../engine/mod.ts";
import { configSchema } from "../../train/config/schema.ts";
import { requestOf } from "../support/cli.ts";
import { rejectsWith } from "../support/errors.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";

Deno.test("distill: preset, flags, --set, a fresh run", async () => {
  const request = await requestOf(addDistill, "distill");
  assert.match(request.run, /^runs\/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-pebble$/);
  assert.deepEqual([request.config.teacher, request.dryRun, request.json], ["pebble", false, false]);
  const line =
    "--preset gem-3-mini --teacher g.gguf --tokenizer t --data a.txt b.jsonl --run r --seed 7 --dry-run";
  const other = await requestOf(
    addDistill,
    ...["distill", ...line.split(" "), "--set", "train.lr=1", "dtype=float16", "--set", "seed=9"],
  );
  assert.deepEqual([other.run, other.dryRun, other.config.train.lr, other.config.seed], ["r", true, 1, 9]);
  assert.deepEqual([other.config.teacher, other.config.tokenizer], ["g.gguf", "t"]);
  assert.equal(other.config.dtype, "float16");
  assert.deepEqual(other.config.data.files, ["a.txt", "b.jsonl"]);
  assert.equal(other.config.data.max_length, 512);
});

Deno.test("nothing is overwritten", () =>
  inTemporaryDirectory(async (directory) => {
    const taken = (flag: string, path = directory) =>
      `Cannot write to ${path}: it exists already; name another place with ${flag} or remove it`;
    const model = ["--model", "m"];
    const data = ["--data", "a.txt"];
    await rejectsWith(
      requestOf(addDistill, "distill", "--run", directory),
      UsageError,
      taken("--run").replace("already; ", "already; go on with it by --resume, "),
    );
    await rejectsWith(
      requestOf(addPrune, "prune", ...model, "--drop", "1", "--out", directory),
      UsageError,
      taken("--out"),
    );
    await rejectsWith(
      requestOf(addTrain, "train", "--teacher", "t", "--student", "s", ...data, "--out", directory),
      UsageError,
      taken("--out"),
    );
    await rejectsWith(requestOf(addPretrain, "pretrain", "--out", directory), UsageError, taken("--out"));
    const losses = join(directory, "losses.jsonl");
    await Deno.symlink(join(directory, "nowhere"), losses);
    await rejectsWith(
      requestOf(addPerplexity, "perplexity", ...model, ...data, "--token-losses", losses),
      UsageError,
      taken("--token-losses", losses),
    );
  }));

Deno.test("importance: rows in full, settings of its own", async () => {
  const plain = await requestOf(addImportance, "importance", "--model", "m", "--data", "a.txt");
  assert.equal(plain.config.data.max_length, 32768);
  assert.deepEqual(plain.config.importance, {
    method: "optipfair-0.2",
    batch_size: 16,
    padding_side: "left",
    padding: "longest",
    rows: null,
  });
  const line = "--method block-influence --batch-size 2 --max-length 9 --padding-side right --json";
  const other = await requestOf(
    addImportance,
    "importance",
    "--model",
    "m",
    "--data",
    "a.txt",
    ...line.split(" "),
  );
  const { method, batch_size, padding_side } = other.config.importance;
  assert.deepEqual([method, batch_size, padding_side], ["block-influence", 2, "right"]);
  assert.deepEqual([other.config.data.max_length, other.json], [9, true]);
});

Deno.test("the methods of the flags are those of the schema", () => {
  const schema = configSchema.shape.importance.unwrap().shape.method.unwrap();
  assert.deepEqual(schema.options, [...METHODS]);
});

Deno.test("prune: by name or by number", async () => {
  const named = await requestOf(addPrune, "prune", "--model", "m", "--drop", "9,8,14,16", "--out", "new");
  assert.deepEqual([named.model, named.out, named.config.prune.drop], ["m", "new", [9, 8, 14, 16]]);
  const line = "--model m --count 3 --method optipfair-0.4 --data a.txt --out new";
  const counted = await requestOf(addPrune, "prune", ...line.split(" "));
  assert.deepEqual([counted.config.prune, counted.config.importance.method], [
    { count: 3, drop: null, keep_pattern: false },
    "optipfair-0.4",
  ]);
  await rejectsWith(
    requestOf(addPrune, "prune", "--model", "m", "--out", "new"),
    UsageError,
    "Cannot prune: neither --drop nor --count says which blocks go; give --drop 9,8,14,16 or --count 4",
  );
  await rejectsWith(
    requestOf(addPrune, "prune", "--model", "m", "--out", "new", "--count", "2"),
    UsageError,
    "Cannot find the least important blocks: there is no data; name a file with --data",
  );
  await rejectsWith(
    requestOf(addPrune, "prune", "--model", "m", "--out", "new", "--count", "2", "--drop", "1"),
    CommanderError,
    "error: option '--count <n>' cannot be used with option '--drop <blocks>'",
  );
});

Deno.test("--keep-pattern in importance, prune and distill", async () => {
  const importance = ["importance", "--model", "m", "--data", "a.txt"];
  const asked = await requestOf(addImportance, ...importance, "--keep-pattern", "--count", "3");
  assert.deepEqual([asked.choose, asked.config.prune], [true, { count: 3, drop: null, keep_pattern: true }]);
  assert.equal((await requestOf(addImportance, ...importance)).choose, false);
  await rejectsWith(
    requestOf(addImportance, ...importance, "--count", "3"),
    UsageError,
    "Cannot use --count alone: it says how many blocks --keep-pattern chooses; add that",
  );
  const prune = ["prune", "--model", "m", "--out", "new", "--keep-pattern"];
  const counted = await requestOf(addPrune, ...prune, "--count", "3", "--data", "a.txt");
  assert.equal(counted.config.prune.keep_pattern, true);
  await rejectsWith(
    requestOf(addPrune, ...prune, "--drop", "1"),
    CommanderError,
    "error: option '--keep-pattern' cannot be used with option '--drop <blocks>'",
  );
  const distill = await requestOf(addDistill, "distill", "--run", "new", "--keep-pattern");
  assert.equal(distill.config.prune.keep_pattern, true);
});

Deno.test("train: every row in full; a teacher where a loss needs one", async () => {
  const line = "--student s --data a.txt --out new --set data.validation=0.1";
  const request = await requestOf(addTrain, "train", "--teacher", "t", ...line.split(" "));
  assert.deepEqual([request.student, request.out, request.config.teacher], ["s", "new", "t"]);
  assert.deepEqual([request.config.data.validation, request.config.data.max_length], [0.1, 32768]);
  await rejectsWith(
    requestOf(addTrain, "train", ...line.split(" ")),
    UsageError,
    "Cannot train with loss.kind=forward_kl: there is no teacher; name one with --teacher or set loss.kind=cross_entropy",
  );
  const alone = await requestOf(addTrain, "train", ...line.split(" "), "--set", "loss.kind=cross_entropy");
  assert.equal(alone.config.teacher, null);
});

Deno.test("perplexity", async () => {
  const request = await requestOf(
    addPerplexity,
    "perplexity",
    "--model",
    "m",
    "--data",
    "a.txt",
    "--batch-size",
    "3",
  );
  assert.deepEqual([request.model, request.tokenLosses, request.json], ["m", undefined, false]);
  assert.deepEqual([request.config.evaluate.batch_size, request.config.data.files], [3, ["a.txt"]]);
});

Deno.test("generate: a prompt or ids, and transformers' options", async () => {
  const plain = await requestOf(addGenerate, "generate", "--model", "m", "Once upon");
  assert.deepEqual(plain, {
    model: "m",
    opening: { tokenizer: null, repair: false },
    prompt: "Once upon",
    options: {},
    json: false,
  });
  const line = "--model m --input-ids 2,15,7 --max-new-tokens 5 --num-beams 3 --no-repeat-ngram-size 2 " +
    "--repetition-penalty 1.2 --do-sample --temperature 0.5 --top-k 4 --top-p 0.9 --seed 1 --length-penalty 0 --json";
  const full = await requestOf(addGenerate, "generate", ...line.split(" "));
  assert.deepEqual(full.prompt, [2, 15, 7]);
  assert.equal(full.json, true);
  assert.deepEqual(full.options, {
    maxNewTokens: 5,
    numBeams: 3,
    noRepeatNgramSize: 2,
    repetitionPenalty: 1.2,
    lengthPenalty: 0,
    doSample: true,
    temperature: 0.5,
    topK: 4,
    topP: 0.9,
    seed: 1,
  });
  await rejectsWith(
    requestOf(addGenerate, "generate", "--model", "m"),
    UsageError,
    "Cannot generate: there is no prompt; give a text or --input-ids 2,15,7",
  );
  await rejectsWith(
    requestOf(addGenerate, "generate", "--model", "m", "--input-ids", "2", "hello"),
    UsageError,
    "Cannot generate: a prompt and --input-ids exclude each other; give a text or --input-ids 2,15,7",
  );
});

Deno.test("pretrain", async () => {
  const request = await requestOf(addPretrain, "pretrain", "--out", "new", "--steps", "10");
  assert.deepEqual(request, { out: "new", seed: undefined, steps: 10, resume: false, json: false });
  const { out } = await requestOf(addPretrain, "pretrain") as { out: string };
  assert.match(out, /^runs\/\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-pretrain$/);
});

const model = "a model directory, .gguf file or name on the hub";
const out = "a directory that does not exist yet";
const missing: [add: Parameters<typeof requestOf>[0], args: string, message: string][] = [
  [addImportance, "importance --data a.txt", `Missing --model; name ${model}`],
  [
    addImportance,
    "importance --model m",
    "Missing --data; name a .txt, .jsonl or .parquet file or a data set of the hub",
  ],
  [addPrune, "prune --drop 1 --out o", `Missing --model; name ${model}`],
  [addPrune, "prune --drop 1 --model m", `Missing --out; name ${out}`],
  [addTrain, "train --data a.txt --out o", `Missing --student; name ${model}`],
  [addTrain, "train --data a.txt --student s", `Missing --out; name ${out}`],
  [
    addTrain,
    "train --out o --student s",
    "Missing --data; name a .txt, .jsonl or .parquet file or a data set of the hub",
  ],
  [addPerplexity, "perplexity --data a.txt", `Missing --model; name ${model}`],
  [
    addPerplexity,
    "perplexity --model m",
    "Missing --data; name a .txt, .jsonl or .parquet file or a data set of the hub",
  ],
  [addGenerate, "generate hello", `Missing --model; name ${model}`],
  [
    addDistill,
    "distill --preset gem-3-mini --data a.txt",
    "Cannot distil with the preset gem-3-mini: it names no teacher; name a model directory, .gguf file or name on the hub with --teacher",
  ],
];

for (const [add, args, message] of missing) {
  Deno.test(`refuses: ${args}`, () => rejectsWith(requestOf(add, ...args.split(" ")), UsageError, message));
}

const invalid: [add: Parameters<typeof requestOf>[0], args: string, message: string][] = [
  [
    addImportance,
    "importance --method shortgpt",
    "error: option '--method <name>' argument 'shortgpt' is invalid. Allowed choices are optipfair-0.2, optipfair-0.4, block-influence.",
  ],
  [
    addImportance,
    "importance --batch-size 0",
    "error: option '--batch-size <n>' argument '0' is invalid. Give a whole number of 1 or more.",
  ],
  [
    addPrune,
    "prune --drop 9,8,9",
    "error: option '--drop <blocks>' argument '9,8,9' is invalid. Name each block once, such as 9,8,14,16.",
  ],
  [
    addGenerate,
    "generate --input-ids 2,x",
    "error: option '--input-ids <ids>' argument '2,x' is invalid. Give whole numbers with commas between, such as 2,15,7.",
  ],
  [
    addGenerate,
    "generate --temperature warm",
    "error: option '--temperature <x>' argument 'warm' is invalid. Give a number, such as 0.7.",
  ],
  [addDistill, "distill --presett x", "error: unknown option '--presett'\n(Did you mean --preset?)"],
];

for (const [add, args, message] of invalid) {
  Deno.test(`refuses: ${args}`, () =>
    rejectsWith(requestOf(add, ...args.split(" ")), CommanderError, message));
}

Deno.test("tune: how long", async () => {
  assert.deepEqual(await requestOf(addTune, "tune"), { seconds: 120, json: false });
  assert.deepEqual(await requestOf(addTune, "tune", "--seconds", "5", "--json"), { seconds: 5, json: true });
});

/** What bad files get: one sentence that names the thing, the cause and the cure; an exit code; nothing written. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { lapidaryShared } from "../support/cli.ts";
import { commandTest, goldenPath, settings, writeRows } from "../support/command.ts";
import { refused } from "../support/refused.ts";
import { safetensorsBytes } from "../support/safetensors.ts";
import { namesIn } from "../support/temporary.ts";
import { smallTokenizer } from "../support/tokenizer.ts";

const A = goldenPath("tiny_a"), ROWS = goldenPath("tiny_a_golden/rows.jsonl");

/** A copy of tiny_a whose files `change` may damage. */
async function copyOf(directory: string, name: string): Promise<string> {
  const copy = join(directory, name);
  await Deno.mkdir(copy);
  for (const file of await namesIn(A)) await Deno.copyFile(join(A, file), join(copy, file));
  return copy;
}

/** Header and data of a safetensors file. */
function openBytes(
  bytes: Uint8Array<ArrayBuffer>,
): { header: Record<string, { data_offsets: [number, number] }>; data: Uint8Array<ArrayBuffer> } {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  return {
    header: JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))),
    data: bytes.subarray(8 + length),
  };
}

const perplexity = (model: string, data: string) => ["perplexity", "--model", model, "--data", data];

commandTest("data files", async (directory) => {
  const file = async (name: string, content: string | Uint8Array) => {
    const path = join(directory, name);
    await (typeof content === "string" ? Deno.writeTextFile(path, content) : Deno.writeFile(path, content));
    return path;
  };
  const empty = await file("empty.txt", "\n\n"), blank = await file("blank.jsonl", "");
  const latin = await file(
    "latin.jsonl",
    new Uint8Array([...new TextEncoder().encode('{"text": "a"}\n{"text": "'), 0xe9]),
  );
  const broken = await file("broken.jsonl", '{"input_ids": [2, 3]}\n\n{"input_ids": [2, 3\n');
  const other = await file("other.jsonl", '{"input_ids": [2, 3]}\n{"content": "x"}\n');
  const outside = await file("outside.jsonl", '{"input_ids": [2, 3]}\n{"input_ids": [2, 101]}\n');
  const text = await file("text.txt", "Hello\n"), short = await file("short.jsonl", '{"input_ids": [2]}\n');
  const missing = join(directory, "missing.txt");
  const cases: [path: string, message: string][] = [
    [empty, `Cannot read ${empty}: it has no document; give a file with text`],
    [blank, `Cannot read ${blank}: it has no document; give a file with text`],
    [latin, `Cannot read ${latin}: line 2 is not UTF-8; save the file as UTF-8`],
    [broken, `Cannot read ${broken}: line 3 is not JSON; write one object on each line`],
    [other, `Cannot read ${other}: line 2 has no "text" or "input_ids" field; give one of them on each line`],
    [
      outside,
      `Cannot use ${outside}: line 2 has the id 101, outside the model's vocabulary of 101; ` +
      "tokenise the file with this model's tokenizer",
    ],
    [
      text,
      `Cannot use ${text}: line 1 is text, but the model has no tokenizer; name one with --tokenizer or give "input_ids"`,
    ],
    [missing, `Cannot read ${missing}: it does not exist; check the path`],
    [
      short,
      "Cannot measure perplexity: no row has a second token to predict; give rows of two tokens or more",
    ],
    [
      directory,
      `Cannot read ${directory}: its name ends neither in .txt (one document a blank-line block) nor in .jsonl ` +
      '("text" or "input_ids" on each line) nor in .parquet (a column "text"); convert or rename it',
    ],
  ];
  for (const [path, message] of cases) await refused(directory, perplexity(A, path), message);
  await refused(
    directory,
    ["train", "--student", A, "--teacher", A, "--data", short, "--out", join(directory, "out")],
    "Cannot train: no row has a second token to predict; give rows of two tokens or more",
    2,
  );
});

commandTest("weights that are cut short, too long, or overlap", async (directory) => {
  const bytes = await Deno.readFile(join(A, "model.safetensors")), { header, data } = openBytes(bytes);
  const damage = "it is damaged or not safetensors, fetch or export it again";
  const [cut, long, overlap] = await Promise.all(
    ["cut", "long", "overlap"].map((name) => copyOf(directory, name)),
  );
  const file = (model: string) => join(model, "model.safetensors");
  await Deno.truncate(file(cut!), bytes.length - 4);
  await Deno.writeFile(file(long!), new Uint8Array(4), { append: true });
  const second = "model.layers.1.input_layernorm.weight", first = "model.layers.0.input_layernorm.weight";
  const [start] = header[first]!.data_offsets, [end] = header[second]!.data_offsets;
  header[second] = { ...header[second]!, data_offsets: header[first]!.data_offsets };
  await Deno.writeFile(file(overlap!), safetensorsBytes(JSON.stringify(header), data));
  const out = ["--drop", "1", "--out", join(directory, "out")];
  for (const [model, follow] of [[cut!, data.length - 4], [long!, data.length + 4]] as const) {
    const message = `Cannot read ${
      file(model)
    }: its tensors take ${data.length} bytes and ${follow} follow the header; ${damage}`;
    await refused(directory, perplexity(model, ROWS), message);
    await refused(directory, ["prune", "--model", model, ...out], message);
  }
  assert.ok(start < end);
  const { err, code } = await lapidaryShared("prune", "--model", overlap!, ...out);
  assert.equal(code, 1);
  assert.ok(err.startsWith(`error: Cannot read ${file(overlap!)}: tensor "${second}" begins at byte `), err);
  assert.ok(err.endsWith(`; ${damage}\n`), err);
});

commandTest(
  "a configuration whose layer types disagree, or that names fewer blocks than the weights",
  async (directory) => {
    const model = await copyOf(directory, "model"), path = join(model, "config.json");
    const config = JSON.parse(await Deno.readTextFile(path)), layer_types = config.layer_types.slice(1);
    await Deno.writeTextFile(path, JSON.stringify({ ...config, layer_types }));
    await refused(
      directory,
      perplexity(model, ROWS),
      `Cannot use ${path}: layer_types has 2 entries and num_hidden_layers is 3; they must be equal, correct the wrong one`,
    );
    await Deno.writeTextFile(path, JSON.stringify({ ...config, num_hidden_layers: 2, layer_types }));
    await refused(
      directory,
      perplexity(model, ROWS),
      `Cannot use ${path}: it says 2 layers and the weights hold 3, as when layer_types was popped twice on saving; ` +
        "correct it, or ask for its repair (--repair)",
    );
  },
);

const UP = "model.layers.0.mlp.up_proj.weight";

/** A copy of tiny_a in which one matrix holds other values. */
async function withWeights(directory: string, values: (i: number) => number | undefined): Promise<string> {
  const bytes = await Deno.readFile(join(A, "model.safetensors")), { header, data } = openBytes(bytes);
  const model = await copyOf(directory, "model"), [start, end] = header[UP]!.data_offsets;
  const view = new DataView(data.buffer, data.byteOffset);
  for (let at = start; at < end; at += 4) {
    const value = values((at - start) / 4);
    if (value !== undefined) view.setFloat32(at, value, true);
  }
  await Deno.writeFile(join(model, "model.safetensors"), bytes);
  return model;
}

commandTest("weights that are not numbers are named by every command that reads them", async (directory) => {
  const model = await withWeights(directory, (i) => i === 5 ? NaN : undefined), out = join(directory, "out");
  const message = new RegExp(
    `^error: Cannot use .*/model: tensor "${UP}" holds NaN at value 5 \\(from 0\\) of \\d+; it is damaged, fetch or export it again\n$`,
  );
  const commands = [
    ["train", "--student", model, "--teacher", A, "--data", ROWS, "--out", out],
    ["train", "--student", A, "--teacher", model, "--data", ROWS, "--out", out],
    perplexity(model, ROWS),
    ["generate", "--model", model, "--input-ids", "2,3"],
    ["importance", "--model", model, "--data", ROWS],
    ["prune", "--model", model, "--drop", "1", "--out", out],
    ["distill", "--teacher", model, "--data", ROWS, "--run", out, ...settings("prune.drop=1")],
  ];
  for (const command of commands) {
    const { code, out: printed, err } = await lapidaryShared(...command, "--quiet");
    assert.deepEqual([code, printed], [1, ""], command[0]);
    assert.match(err, message, command[0]);
    if (command[0] !== "distill") assert.deepEqual(await namesIn(directory), ["model"], command[0]);
  }
});

commandTest("weights that overflow stop every command that computes with them", async (directory) => {
  const model = await withWeights(directory, () => 3e38), out = join(directory, "out");
  const training = ["--data", ROWS, "--out", out];
  const notFinite = (what: string) =>
    new RegExp(
      `^error: Cannot go on training as the ${what} is NaN at step 1; .*lower train.lr, or look for damaged`,
    );
  for (
    const [student, teacher, what] of [[model, A, "cross-entropy"], [A, model, "distillation loss"]] as const
  ) {
    const { code, err } = await lapidaryShared(
      ...["train", "--student", student, "--teacher", teacher, ...training, "--quiet"],
    );
    assert.equal(code, 1);
    assert.match(err, notFinite(what));
    assert.deepEqual(await namesIn(directory), ["model"]);
  }
  await refused(
    directory,
    perplexity(model, ROWS),
    "Cannot measure perplexity: the loss of row 0 (from 0) is not finite; look for damaged weights",
  );
  await refused(
    directory,
    ["generate", "--model", model, "--input-ids", "2,3"],
    "Cannot choose the next token: the model's logits hold NaN or infinity; check its weights",
  );
  const measured = await lapidaryShared("importance", "--model", model, "--data", ROWS);
  assert.match(
    measured.err,
    /"note":"Importance is exactly 0 for blocks 0, 1, 2: identity, or values that are not finite; look for damaged weights"/,
  );
});

commandTest("a generation_config.json that is none", async (directory) => {
  const model = await copyOf(directory, "model"), path = join(model, "generation_config.json");
  for (
    const [content, reason] of [
      ["[]", "it is not a JSON object"],
      ['{"eos_token_id": "1"}', "its eos_token_id is neither an id nor a list of ids"],
      ['{"eos_token_id": [1, -1]}', "its eos_token_id is neither an id nor a list of ids"],
    ] as const
  ) {
    await Deno.writeTextFile(path, content);
    await refused(
      directory,
      perplexity(model, ROWS),
      `Cannot use ${path}: ${reason}; restore it or remove it`,
    );
  }
});

commandTest("a teacher and a student that do not share a vocabulary", async (directory) => {
  const other = goldenPath("tiny_micro"), out = join(directory, "out");
  const train = (
    student: string,
  ) => ["train", "--teacher", A, "--student", student, "--data", ROWS, "--out", out];
  const cure = "take a student that was pruned from this teacher";
  await refused(
    directory,
    train(other),
    `Cannot distil ${A} into ${other} as they do not share a vocabulary: 101 and 41 tokens; ${cure}`,
    2,
  );
  const [teacher, student] = [await copyOf(directory, "teacher"), await copyOf(directory, "student")];
  const tokenizer = smallTokenizer(), changed = smallTokenizer();
  const { vocab } = changed.model, swap: [string, string] = ["<0x25>", "<0x26>"];
  [vocab[swap[0]], vocab[swap[1]]] = [vocab[swap[1]]!, vocab[swap[0]]!];
  await Deno.writeTextFile(join(teacher, "tokenizer.json"), JSON.stringify(tokenizer));
  await Deno.writeTextFile(join(student, "tokenizer.json"), JSON.stringify(changed));
  await refused(
    directory,
    ["train", "--teacher", teacher, "--student", student, "--data", ROWS, "--out", out],
    `Cannot distil ${teacher} into ${student} as they do not share a vocabulary: token 41 of the data is "<0x25>" and ` +
      `"<0x26>"; ${cure}`,
    2,
  );
  // Ids that the data does not use may differ: here 41 and 42, which the swap exchanged.
  const data = await writeRows(join(directory, "rows.jsonl"), [[2, 5, 6, 7]]);
  const { code } = await lapidaryShared(
    ...["train", "--teacher", teacher, "--student", student, "--data", data, "--out", out],
    ...settings("train.max_steps=1"),
  );
  assert.equal(code, 0);
});

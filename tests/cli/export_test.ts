/** `export` through the command line: the file opens again and is the model. No engine is opened. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { addExport } from "../../cli/export.ts";
import { UsageError } from "../../engine/mod.ts";
import { openGguf } from "../../model/gguf/mod.ts";
import { tokenizerOf } from "../../model/tokenizer/mod.ts";
import { type OpenedModel, openModel, savePretrained } from "../../model/weights/mod.ts";
import { lapidary, requestOf } from "../support/cli.ts";
import { goldenPath } from "../support/command.ts";
import { rejectsWith } from "../support/errors.ts";
import { inTemporaryDirectory, namesIn } from "../support/temporary.ts";
import { tinyModel } from "../support/tiny_weights.ts";
import { smallTokenizer } from "../support/tokenizer.ts";

const TASKS = goldenPath("tiny_tasks");
const bitsOf = (values: Float32Array<ArrayBuffer>) => new Uint32Array(values.buffer);

/** A tiny model in bfloat16 with a tokenizer, its matrices' rows whole blocks of 32, in a new directory. */
async function tinyDirectory(directory: string, changes: Record<string, unknown> = {}): Promise<string> {
  const model = join(directory, "tiny"), tokenizerDir = join(directory, "tokenizer"), layers = 7;
  await Deno.mkdir(tokenizerDir, { recursive: true });
  const tokenizer = smallTokenizer();
  await Deno.writeTextFile(join(tokenizerDir, "tokenizer.json"), JSON.stringify(tokenizer));
  await Deno.writeTextFile(join(tokenizerDir, "chat_template.jinja"), "{{ messages }}");
  const sizes = { hidden_size: 64, intermediate_size: 96, vocab_size: 272, head_dim: 32 };
  const { config, tensors } = tinyModel(layers, { ...sizes, query_pre_attn_scalar: 32, ...changes });
  await savePretrained(model, { config, tensors, dtype: "bfloat16", tokenizerDir });
  return model;
}

/** Both models hold the same bits; with `norms`, those of norms as 1 + w rounds them. */
async function assertSameWeights(actual: OpenedModel, expected: OpenedModel, dtype: string): Promise<void> {
  assert.deepEqual(actual.weights.names().sort(), expected.weights.names().sort());
  for (const name of expected.weights.names()) {
    const values = await expected.weights.readF32(name), isNorm = name.endsWith("norm.weight");
    assert.equal(actual.weights.info(name).dtype, isNorm ? "F32" : dtype, name);
    assert.deepEqual(bitsOf(await actual.weights.readF32(name)), bitsOf(values), name);
  }
}

for (
  const [type, dtype] of [[undefined, "BF16"], ["f32", "F32"], ["bf16", "BF16"], ["f16", "F16"]] as const
) {
  Deno.test(`export --type ${type}: configuration, ids and every bit come back`, () =>
    inTemporaryDirectory(async (directory) => {
      const model = await tinyDirectory(directory), out = join(directory, "deep", "tiny.gguf");
      const { code, out: said, err } = await lapidary(
        ...["export", model, "--format", "gguf", "--out", out, "--json", "--quiet"],
        ...type ? ["--type", type] : [],
      );
      assert.deepEqual([code, err], [0, ""]);
      const { size: bytes } = await Deno.stat(out);
      assert.deepEqual(JSON.parse(said), { file: out, type: dtype, tensors: 7 * 13 + 2, bytes });
      const before = await openModel(model), after = await openModel(out);
      // Values of the tiny model are exact in every type.
      await assertSameWeights(after, before, dtype);
      const { raw: _, dtype: __, eosTokenId: ___, ...config } = before.config;
      const { raw: _raw, dtype: _dtype, eosTokenId, ...read } = after.config;
      assert.deepEqual(read, config);
      assert.equal(eosTokenId, 1);
      assert.equal(after.metadata?.get("tokenizer.chat_template"), "{{ messages }}");
      const tokenizers = [(await tokenizerOf(before))!, (await tokenizerOf(after))!];
      const [own, restored] = tokenizers.map((tokenizer) => [...tokenizer.encode("hello  lo é")]);
      assert.deepEqual(restored, own);
      before.weights.close();
      after.weights.close();
    }));
}

Deno.test("export --type q8_0: what is read again is written again to the same bytes", () =>
  inTemporaryDirectory(async (directory) => {
    const model = await tinyDirectory(directory),
      [first, second] = ["a", "b"].map((name) => join(directory, name));
    const q8 = ["--format", "gguf", "--type", "q8_0", "--quiet"];
    assert.equal((await lapidary("export", model, ...q8, "--out", first!)).code, 0);
    const file = await openGguf(first!);
    assert.equal(file.info("model.embed_tokens.weight").dtype, "Q8_0");
    assert.equal(file.info("model.norm.weight").dtype, "F32");
    file.close();
    const again = ["export", first!, ...q8, "--out", second!, "--tokenizer", join(directory, "tokenizer")];
    assert.equal((await lapidary(...again)).code, 0);
    const [a, b] = await Promise.all([first!, second!].map((path) => openModel(path)));
    for (const name of a!.weights.names()) {
      assert.deepEqual(bitsOf(await b!.weights.readF32(name)), bitsOf(await a!.weights.readF32(name)), name);
    }
    a!.weights.close();
    b!.weights.close();
  }));

Deno.test("a run's student goes beside it; what other runtimes may not do is told", () =>
  inTemporaryDirectory(async (directory) => {
    const run = join(directory, "run"),
      pattern = ["sliding_attention", "full_attention", "sliding_attention"];
    const layer_types = [...pattern, ...pattern, "full_attention"];
    const changes = { layer_types, query_pre_attn_scalar: 8, rope_local_base_freq: 5000 };
    await Deno.mkdir(run);
    await Deno.rename(await tinyDirectory(directory, changes), join(run, "student"));
    const { code, out, err } = await lapidary("export", run, "--format", "gguf");
    const file = join(run, "student.gguf"), { size } = await Deno.stat(file);
    assert.deepEqual([code, out], [
      0,
      `Written to ${file}: 93 tensors, ${(size / 1024).toFixed(1)} KiB, BF16\n`,
    ]);
    for (
      const told of [
        "Gemma 3's pattern (every 6th block full) is not this model's: blocks 1, 4, 5, 6 have the other type. The file " +
        "lists the types, which llama.cpp v0.5.0 reads; versions that do not read a list compute these blocks wrongly " +
        "and say nothing. prune --keep-pattern chooses blocks for them",
        "The rotary base of sliding blocks is 5000: versions of llama.cpp that do not read rope.freq_base_swa take 10000",
        "query_pre_attn_scalar is 8, which GGUF does not say: the weights of the queries' norms are multiplied by 2 in",
      ]
    ) assert.ok(err.includes(told), err);
    const read = await openGguf(file), student = await openModel(join(run, "student"));
    assert.deepEqual(read.config.layerTypes, layer_types);
    assert.deepEqual([read.config.queryPreAttnScalar, read.config.ropeLocalBaseFreq], [32, 5000]);
    const name = "model.layers.3.self_attn.q_norm.weight", norm = await student.weights.readF32(name);
    assert.deepEqual(await read.readF32(name), norm.map((w) => 2 * (1 + w) - 1));
    read.close();
    student.weights.close();
    const taken = await lapidary("export", run, "--format", "gguf");
    assert.deepEqual([taken.code, taken.out], [2, ""]);
    assert.equal(
      taken.err,
      `error: Cannot write to ${file}: it exists already; name another place with --out or remove it\n`,
    );
  }));

Deno.test("rows that are no whole blocks stay float32; merges that no scores can say are told", () =>
  inTemporaryDirectory(async (directory) => {
    const out = join(directory, "m.gguf");
    const changes = { hidden_size: 24, intermediate_size: 32 };
    const model = await tinyDirectory(directory, changes);
    const tiny = await lapidary("export", model, "--format", "gguf", "--type", "q8_0", "--out", out);
    assert.match(tiny.err, /36 matrices have rows that are no whole blocks of Q8_0: they stay F32/);
    const tasks = await lapidary("export", TASKS, "--format", "gguf", "--out", `${out}2`);
    assert.equal(tasks.code, 0);
    assert.match(tasks.err, /GGUF keeps a score for each token in place of merges/);
  }));

Deno.test("what cannot be exported is refused, and nothing is left", () =>
  inTemporaryDirectory(async (directory) => {
    const out = ["--out", join(directory, "m.gguf")], gguf = ["--format", "gguf"];
    const refused = async (message: string, ...args: string[]) => {
      const { code, out: said, err } = await lapidary("export", ...args, "--quiet");
      assert.deepEqual([code === 0, said, err], [false, "", `error: ${message}\n`]);
      assert.equal((await namesIn(directory)).some((name) => name.includes("m.gguf")), false);
    };
    const bare = goldenPath("tiny_a");
    await refused(
      `Cannot export ${bare}: it has no tokenizer, and a GGUF file needs one; name its directory with --tokenizer`,
      ...[bare, ...gguf, ...out],
    );
    const missing = join(directory, "none");
    await refused(
      `Cannot open ${missing}: it is neither a model directory nor a .gguf file; check the path`,
      ...[missing, ...gguf, ...out],
    );
    const model = await tinyDirectory(directory), weights = join(model, "model.safetensors");
    const bytes = await Deno.readFile(weights);
    bytes.set([0x80, 0x7f], bytes.length - 2); // infinity, in bfloat16, as the last value of the last tensor
    await Deno.writeFile(weights, bytes);
    await refused(
      'Cannot write tensor "output_norm.weight" as F32: it has a value that is not finite; export a model whose ' +
        "training did not diverge",
      ...[model, ...gguf, ...out],
    );
  }));

Deno.test("export: what is missing is named; a .gguf file needs a place to go", async () => {
  await rejectsWith(
    requestOf(addExport, "export", "--format", "gguf"),
    UsageError,
    "Missing a run; name the directory of a finished run, or a model",
  );
  await rejectsWith(requestOf(addExport, "export", "r"), UsageError, "Missing --format; name gguf");
  await rejectsWith(
    requestOf(addExport, "export", "m.gguf", "--format", "gguf"),
    UsageError,
    "Cannot export m.gguf to a place of its own: it is a .gguf file already; name one with --out",
  );
  const request = await requestOf(
    addExport,
    ..."export dir/ --format gguf --type q8_0 --tokenizer t".split(" "),
  );
  assert.deepEqual([request.out, request.type, request.opening], ["dir.gguf", "Q8_0", {
    tokenizer: "t",
    repair: false,
  }]);
});

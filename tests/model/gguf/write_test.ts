/** Written GGUF against the PyPI package gguf: bytes of a whole file, and of quantised blocks. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DataError } from "../../../engine/mod.ts";
import { encodeBlocks, type WrittenType } from "../../../model/gguf/encode.ts";
import { openGguf, type WritableMetadata, type WritableValue, writeGguf } from "../../../model/gguf/mod.ts";
import { goldenPath } from "../../support/command.ts";
import { rejectsWith, throwsWith } from "../../support/errors.ts";
import { inTemporaryDirectory, namesIn } from "../../support/temporary.ts";
import { tinyModel } from "../../support/tiny_weights.ts";

const json = async (name: string) => JSON.parse(await Deno.readTextFile(goldenPath(`gguf/${name}`)));
const floats = (base64: string) => new Float32Array(Uint8Array.fromBase64(base64).buffer);

Deno.test("a written file is the gguf package's, byte for byte", () =>
  inTemporaryDirectory(async (directory) => {
    const metadata: WritableMetadata = new Map<string, WritableValue>([
      ["general.architecture", "gemma3"],
      ["gemma3.block_count", 14],
      ["gemma3.attention.layer_norm_rms_epsilon", { f32: 1e-6 }],
      ["tokenizer.ggml.add_bos_token", true],
      ["general.name", "žal 日本 🙂"],
      ["tokenizer.ggml.tokens", ["<pad>", "▁", "", "🙂"]],
      ["gemma3.attention.sliding_window_pattern", [true, false, true]],
      ["tokenizer.ggml.scores", Float32Array.of(0, -1.5, -1000)],
      ["tokenizer.ggml.token_type", Int32Array.of(3, 1, 6, -1)],
    ]);
    const golden: Record<WrittenType, { shape: number[]; values: string }> = await json("written.json");
    const path = join(directory, "written.gguf"), heard: number[] = [];
    await writeGguf(
      path,
      metadata,
      Object.entries(golden).map(([name, { shape, values }]) => ({
        ...{ name, shape, type: name as WrittenType },
        read: () => Promise.resolve(floats(values)),
      })),
      (written) => void heard.push(written),
    );
    assert.deepEqual(heard, [0, 1, 2, 3, 4]);
    assert.deepEqual(await Deno.readFile(path), await Deno.readFile(goldenPath("gguf/written.gguf")));
  }));

Deno.test("blocks are quantised to the bytes of the gguf package", async () => {
  const golden = await json("quantized.json"), values = floats(golden.values);
  assert.equal(values.length, 128 * 32);
  for (const type of ["Q8_0", "BF16"] as const) {
    assert.deepEqual(encodeBlocks(values, type, "t"), Uint8Array.fromBase64(golden[type]), type);
  }
});

Deno.test("values that a type cannot hold are refused, not written as infinity", () => {
  const block = (value: number) => new Float32Array(32).fill(value);
  const refused: [number, WrittenType, string][] = [
    [NaN, "F32", "it has a value that is not finite; export a model whose training did not diverge"],
    [-Infinity, "Q8_0", "it has a value that is not finite; export a model whose training did not diverge"],
    [70000, "F16", "it has a value beyond 65,504; take bf16"],
    [1e7, "Q8_0", "it has a value beyond 8.3 million; take bf16"],
  ];
  for (const [value, type, problem] of refused) {
    throwsWith(
      () => encodeBlocks(block(value), type, 'tensor "x"'),
      DataError,
      `Cannot write tensor "x" as ${type}: ${problem}`,
    );
  }
});

Deno.test("after a failure nothing is left, and what stood there stands", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "m.gguf");
    await Deno.writeTextFile(path, "before");
    const tensor = { name: "t", shape: [4], type: "F32" } as const, short = new Float32Array(3);
    await assert.rejects(writeGguf(path, new Map(), [{ ...tensor, read: () => Promise.resolve(short) }]));
    assert.deepEqual(await namesIn(directory), ["m.gguf"]);
    assert.equal(await Deno.readTextFile(path), "before");
    const nowhere = join(directory, "none", "m.gguf");
    await rejectsWith(
      writeGguf(nowhere, new Map(), []),
      DataError,
      `Cannot write ${nowhere}: it does not exist; check the path`,
    );
  }));

Deno.test("lists and numbers of the pattern are read; others are refused", () =>
  inTemporaryDirectory(async (directory) => {
    const { config, tensors } = tinyModel(3);
    const { configToMetadata, ggufTensors } = await import("../../../model/gguf/mod.ts");
    const read = (name: string) => tensors.find((tensor) => tensor.name === name)!.read();
    const layerTypes = async (pattern: boolean[] | number | string | undefined) => {
      const { metadata } = configToMetadata(config, "tiny", "F32"), path = join(directory, "m.gguf");
      if (pattern !== undefined) metadata.set("gemma3.attention.sliding_window_pattern", pattern);
      await writeGguf(path, metadata, ggufTensors(config, read, "F32"));
      const file = await openGguf(path);
      file.close();
      return file.config.layerTypes.map((type) => type[0]).join("");
    };
    assert.equal(await layerTypes([false, true, false]), "fsf");
    assert.equal(await layerTypes(2), "sfs");
    const path = join(directory, "m.gguf");
    await rejectsWith(
      layerTypes([true]),
      DataError,
      `Cannot use ${path}: layer_types has 1 entries and num_hidden_layers is 3; they must be equal, correct the wrong one`,
    );
    await assert.rejects(layerTypes(0), DataError);
    await assert.rejects(layerTypes("sss"), DataError);
  }));

import assert from "node:assert/strict";
import { join } from "node:path";
import { DataError } from "../../../engine/mod.ts";
import { modelTensors, PUBLISHED_DROP } from "../../../model/config/mod.ts";
import { openModel, savePretrained } from "../../../model/weights/mod.ts";
import { errorWith } from "../../support/errors.ts";
import { inTemporaryDirectory, namesIn } from "../../support/temporary.ts";
import { tinyModel, tinyValues } from "../../support/tiny_weights.ts";

for (const dtype of ["bfloat16", "float16", "float32"] as const) {
  Deno.test(`a model saved as ${dtype} opens with the same configuration and values`, () =>
    inTemporaryDirectory(async (directory) => {
      const { config, tensors } = tinyModel();
      const path = join(directory, "model");
      await savePretrained(path, { config, dtype, tensors });
      const model = await openModel(path);
      const { raw: _a, ...opened } = model.config;
      const { raw: _b, ...saved } = config;
      assert.deepEqual(opened, { ...saved, dtype });
      assert.equal(model.storedDtype, dtype);
      assert.equal(model.tokenizerDir, undefined);
      assert.deepEqual(model.notes, []);
      assert.equal(model.generationConfig?.eos_token_id, 1);
      for (const spec of modelTensors(config)) {
        assert.deepEqual(await model.weights.readF32(spec.name), tinyValues(spec), spec.name);
      }
      model.weights.close();
    }));
}

Deno.test("the tokenizer's files go with the model, and another tokenizer can be named", () =>
  inTemporaryDirectory(async (directory) => {
    const tokenizer = join(directory, "tokenizer");
    await Deno.mkdir(tokenizer);
    for (const name of ["tokenizer.json", "chat_template.jinja", "unrelated.txt"]) {
      await Deno.writeTextFile(join(tokenizer, name), name);
    }
    const path = join(directory, "model");
    const generationConfig = { top_k: 64 };
    await savePretrained(path, {
      ...tinyModel(),
      dtype: "float32",
      tokenizerDir: tokenizer,
      generationConfig,
    });
    assert.deepEqual(await namesIn(path), [
      "chat_template.jinja",
      "config.json",
      "generation_config.json",
      "model.safetensors",
      "tokenizer.json",
    ]);
    const own = await openModel(path);
    assert.equal(own.tokenizerDir, path);
    assert.deepEqual(own.generationConfig, generationConfig);
    own.weights.close();
    const other = await openModel(path, { tokenizer });
    assert.equal(other.tokenizerDir, tokenizer);
    other.weights.close();
    await assert.rejects(
      openModel(path, { tokenizer: directory }),
      errorWith(
        DataError,
        `Cannot read the tokenizer of ${directory}: it has no tokenizer.json; give the directory of one`,
      ),
    );
  }));

Deno.test("a failing tensor leaves no model directory", () =>
  inTemporaryDirectory(async (directory) => {
    const { config, tensors } = tinyModel();
    const failing = tensors.map((tensor, i) => ({
      ...tensor,
      read: i < 20 ? tensor.read : () => Promise.reject(new RangeError("stop")),
    }));
    await assert.rejects(
      savePretrained(join(directory, "model"), { config, dtype: "float32", tensors: failing }),
      RangeError,
    );
    assert.deepEqual(await namesIn(directory), []);
  }));

Deno.test("tensors that do not fit the configuration are named in one error", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "model");
    const { config, tensors } = tinyModel();
    const wrong = tensors.filter(({ name }) => !name.includes("layers.1.")).map((tensor) =>
      tensor.name === "model.norm.weight" ? { ...tensor, shape: [3, 2] } : tensor
    );
    wrong.push({ name: "extra", shape: [1], read: () => Promise.resolve(new Float32Array(1)) });
    await savePretrained(path, { config, dtype: "float32", tensors: wrong });
    await assert.rejects(
      openModel(path),
      errorWith(
        DataError,
        `Cannot use ${path}: its tensors do not fit its configuration, 13 missing: ` +
          "model.layers.1.input_layernorm.weight, model.layers.1.self_attn.q_proj.weight, " +
          "model.layers.1.self_attn.k_proj.weight, model.layers.1.self_attn.v_proj.weight and 9 more; " +
          "1 unexpected: extra; 1 of another shape: model.norm.weight [3, 2] not [6]; " +
          "give the configuration that belongs to the weights",
      ),
    );
    await assert.rejects(
      openModel(directory + "/none"),
      errorWith(
        DataError,
        `Cannot open ${directory}/none: it is neither a model directory nor a .gguf file; check the path`,
      ),
    );
  }));

Deno.test("a head of its own is refused, and accepted where it equals the embedding", () =>
  inTemporaryDirectory(async (directory) => {
    const save = async (name: string, change: number, tie_word_embeddings: boolean, head: boolean) => {
      const { config, tensors } = tinyModel(2, { tie_word_embeddings });
      const [embedding] = tensors;
      if (head) {
        tensors.push({
          name: "lm_head.weight",
          shape: embedding!.shape,
          read: async () => (await embedding!.read()).map((value) => value + change),
        });
      }
      const path = join(directory, name);
      await savePretrained(path, { config, dtype: "float32", tensors });
      return path;
    };
    const tied = await openModel(await save("tied", 0, false, true));
    assert.equal(tied.config.tieWordEmbeddings, true);
    assert.equal(tied.weights.names().includes("lm_head.weight"), false);
    tied.weights.close();
    const cure =
      "and only models whose output head is the embedding are supported; give a model with a tied head";
    const untied = await save("untied", 1, true, true);
    await assert.rejects(
      openModel(untied),
      errorWith(
        DataError,
        `Cannot use ${untied}: lm_head.weight differs from model.embed_tokens.weight, ${cure}`,
      ),
    );
    const headless = await save("headless", 1, false, false);
    await assert.rejects(
      openModel(headless),
      errorWith(DataError, `Cannot use ${headless}: tie_word_embeddings is false, ${cure}`),
    );
  }));

Deno.test("a checkpoint with the double pop is refused with the cure, and repaired when asked", () =>
  inTemporaryDirectory(async (directory) => {
    const { config, tensors } = tinyModel(14);
    const types = Array.from(
      { length: 12 },
      (_, i) => i === 5 || i === 11 ? "full_attention" : "sliding_attention",
    );
    const broken = { ...config, numHiddenLayers: 12, layerTypes: types as typeof config.layerTypes };
    const path = join(directory, "model");
    await savePretrained(path, { config: broken, dtype: "bfloat16", tensors });
    const configPath = join(path, "config.json");
    await assert.rejects(
      openModel(path),
      errorWith(
        DataError,
        `Cannot use ${configPath}: it says 12 layers and the weights hold 14, as when layer_types was popped twice ` +
          "on saving; correct it, or ask for its repair (--repair)",
      ),
    );
    const model = await openModel(path, { repair: true });
    assert.equal(model.config.numHiddenLayers, 14);
    assert.deepEqual(
      model.config.layerTypes.flatMap((type, i) => type === "full_attention" ? [i] : []),
      [5, 9, 13],
    );
    assert.match(model.notes.join(), new RegExp(`layers ${PUBLISHED_DROP.join(", ")} of 18 were dropped`));
    model.weights.close();
  }));

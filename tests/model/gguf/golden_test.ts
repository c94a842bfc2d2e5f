import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { openGguf } from "../../../model/gguf/mod.ts";
import { openSafetensors } from "../../../model/safetensors/mod.ts";
import { openModel } from "../../../model/weights/mod.ts";

const golden = (name: string) => fileURLToPath(new URL(`../../golden/data/gguf/${name}`, import.meta.url));
const bitsOf = (values: Float32Array<ArrayBuffer>) => new Uint32Array(values.buffer);

Deno.test("every storage type dequantises to the bits of the gguf package", async () => {
  const file = await openGguf(golden("blocks.gguf"));
  const expected = await openSafetensors(golden("blocks_expected.safetensors"));
  assert.equal(expected.names().length, 11);
  for (const name of expected.names()) {
    assert.deepEqual(file.info(name), { dtype: name, shape: [4, 256] });
    assert.deepEqual(bitsOf(await file.readF32(name)), bitsOf(await expected.readF32(name)), name);
  }
  file.close();
  expected.close();
});

Deno.test("a GGUF model opens with the names, shapes, norms and configuration of transformers", async () => {
  const expected = JSON.parse(await Deno.readTextFile(golden("model_expected.json")));
  const model = await openModel(golden("model.gguf"));
  assert.deepEqual(model.weights.names().sort(), Object.keys(expected).sort());
  for (const name of model.weights.names()) {
    const values = await model.weights.readF32(name);
    assert.equal(
      createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex"),
      expected[name],
      name,
    );
  }
  model.weights.close();
  const { raw: _raw, ...config } = model.config;
  assert.deepEqual(config, {
    vocabSize: 40,
    hiddenSize: 256,
    intermediateSize: 32,
    numHiddenLayers: 1,
    numAttentionHeads: 2,
    numKeyValueHeads: 1,
    headDim: 32,
    queryPreAttnScalar: 32,
    slidingWindow: 16,
    layerTypes: ["sliding_attention"],
    rmsNormEps: 1e-6,
    ropeTheta: 1e6,
    ropeLocalBaseFreq: 1e4,
    ropeScalingFactor: 1,
    attnLogitSoftcapping: null,
    finalLogitSoftcapping: null,
    maxPositionEmbeddings: 512,
    tieWordEmbeddings: true,
    padTokenId: 0,
    bosTokenId: 2,
    eosTokenId: 1,
    dtype: "float32",
  });
  assert.equal(model.storedDtype, "float32");
  assert.equal(model.tokenizerDir, undefined);
  assert.deepEqual(model.metadata?.get("tokenizer.ggml.tokens"), ["<pad>", "<eos>", "<bos>"]);
});

import assert from "node:assert/strict";
import { DataError, UsageError } from "../../../engine/mod.ts";
import {
  configToJson,
  configToText,
  modelTensors,
  parameterCount,
  parseConfig,
  pruneConfig,
  repairDoublePop,
} from "../../../model/config/mod.ts";
import { gemma270mJson } from "../../support/configs.ts";
import { errorWith } from "../../support/errors.ts";
import { sharedPath } from "../../support/shared.ts";

const full = (layerTypes: string[]) => layerTypes.flatMap((type, i) => type === "full_attention" ? [i] : []);
const parse = (changes: Record<string, unknown>) => parseConfig(gemma270mJson(changes), "config.json");

Deno.test("the 270M configuration has the published parameter and tensor counts, before and after pruning", () => {
  const teacher = parse({});
  assert.equal(parameterCount(teacher), 268_098_176);
  assert.equal(modelTensors(teacher).length, 236);
  const student = pruneConfig(teacher, [9, 8, 14, 16]);
  assert.equal(parameterCount(student), 245_803_648);
  assert.equal(modelTensors(student).length, 184);
  assert.deepEqual(full(teacher.layerTypes), [5, 11, 17]);
  assert.deepEqual(full(student.layerTypes), [5, 9, 13]);
});

const published = sharedPath("data/gemma3/config.json");
Deno.test({
  name: "a published 270M config.json parses (skipped where the test file is absent)",
  ignore: published === undefined,
  fn: async () => {
    const config = parseConfig(JSON.parse(await Deno.readTextFile(published ?? "")), "config.json");
    assert.equal(parameterCount(config), 268_098_176);
    assert.deepEqual(full(config.layerTypes), [5, 11, 17]);
  },
});

Deno.test("the spelling of transformers 5 reads the same as the old one", () => {
  const { raw: _old, ...old } = parse({ rope_scaling: { rope_type: "linear", factor: 8 } });
  const { raw: _new, ...now } = parse({
    torch_dtype: undefined,
    rope_theta: undefined,
    rope_local_base_freq: undefined,
    rope_scaling: undefined,
    dtype: "bfloat16",
    rope_parameters: {
      full_attention: { rope_theta: 1e6, rope_type: "linear", factor: 8 },
      sliding_attention: { rope_theta: 1e4, rope_type: "default" },
    },
  });
  assert.deepEqual(now, old);
  assert.equal(now.ropeScalingFactor, 8);
});

Deno.test("writing keeps unknown keys, drops a pattern that no longer holds and reads back the same", () => {
  const config = parse({ use_cache: false, my_key: { a: [1] }, dtype: "bfloat16", torch_dtype: undefined });
  const json = configToJson(config);
  assert.deepEqual(json.my_key, { a: [1] });
  assert.equal(json._sliding_window_pattern, 6);
  assert.equal("dtype" in json, false);
  const student = pruneConfig({ ...config, ropeScalingFactor: 8, dtype: "float32" }, [9, 8, 14, 16]);
  const written = JSON.parse(JSON.stringify(configToJson(student)));
  assert.equal("_sliding_window_pattern" in written, false);
  const { raw: _a, ...again } = parseConfig(written, "config.json");
  const { raw: _b, ...before } = student;
  assert.deepEqual(again, before);
});

Deno.test("pruning refuses layers that are not there, named twice, or all of them", () => {
  const config = parse({});
  const cases: [number[], string][] = [
    [[18], "Cannot drop layer 18: the model has layers 0 to 17; choose among them"],
    [[-1], "Cannot drop layer -1: the model has layers 0 to 17; choose among them"],
    [[1.5], "Cannot drop layer 1.5: the model has layers 0 to 17; choose among them"],
    [[3, 3], "Cannot drop layer 3 twice; name each layer once"],
    [
      config.layerTypes.map((_, i) => i),
      "Cannot drop all 18 layers: nothing would be left; keep at least one",
    ],
  ];
  for (const [drop, message] of cases) {
    assert.throws(() => pruneConfig(config, drop), errorWith(UsageError, message));
  }
});

Deno.test("the published double pop is undone, and only where it explains the file", () => {
  // The pruned model has full attention at 5, 9, 13; popping 9 and 8 again leaves 12 types with full at 5 and 11.
  const broken = parse({
    num_hidden_layers: 12,
    layer_types: Array.from(
      { length: 12 },
      (_, i) => i === 5 || i === 11 ? "full_attention" : "sliding_attention",
    ),
  });
  const { config, explanation } = repairDoublePop(broken, 14, "config.json");
  assert.equal(config.numHiddenLayers, 14);
  assert.deepEqual(full(config.layerTypes), [5, 9, 13]);
  assert.equal(
    explanation,
    "config.json says 12 layers and the weights hold 14: layer_types was popped twice on saving. Repaired on the " +
      "assumption that layers 9, 8, 14, 16 of 18 were dropped, which explains the file: full attention at 5, 9, 13",
  );
  // Another choice of layers gives the same damage and other types: the file alone does not decide.
  assert.deepEqual(full(repairDoublePop(broken, 14, "config.json", [11, 12, 14, 15]).config.layerTypes), [
    5,
    13,
  ]);
  assert.throws(
    () => repairDoublePop(broken, 14, "config.json", [0, 1, 2, 3]),
    errorWith(
      DataError,
      "Cannot repair config.json: dropping layers 0, 1, 2, 3 of 18 and popping layer_types twice does not give the " +
        "12 types of the file; correct layer_types by hand",
    ),
  );
});

Deno.test("what is not supported is refused by name", () => {
  const cases: [Record<string, unknown>, string][] = [
    [
      { model_type: "llama" },
      'model_type is "llama" and only "gemma3_text" is supported; give a Gemma 3 text model',
    ],
    [
      { model_type: undefined },
      'model_type is missing and only "gemma3_text" is supported; give a Gemma 3 text model',
    ],
    [
      { architectures: ["Gemma3TextModel"] },
      'architectures is ["Gemma3TextModel"] and only "Gemma3ForCausalLM" is supported; ' +
      "give a Gemma 3 text model with its language-model head",
    ],
    [{ attention_bias: true }, "attention_bias true is not supported, only false; give a model without it"],
    [
      { use_bidirectional_attention: true },
      "use_bidirectional_attention true is not supported, only false; give a model without it",
    ],
    [
      { hidden_activation: "silu" },
      'hidden_activation "silu" is not supported, only "gelu_pytorch_tanh"; give a model without it',
    ],
    [
      { quantization_config: { bits: 4 } },
      'quantization_config {"bits":4} is not supported, only null; give a model without it',
    ],
    [
      { rope_scaling: { rope_type: "yarn", factor: 4 } },
      'rope_scaling has rope_type "yarn" and only "default" or "linear" is supported; give a model without it',
    ],
    [
      { rope_parameters: { sliding_attention: { rope_type: "linear", factor: 2 } } },
      'rope_parameters.sliding_attention has rope_type "linear" and only "default" is supported; give a model without it',
    ],
    [{ rope_scaling: { type: "linear" } }, "rope_scaling is linear without a factor; give one"],
    [
      { rope_parameters: { full_attention: { rope_theta: 5 } } },
      "rope_theta is 1000000 and rope_parameters says 5; remove the wrong one",
    ],
    [{ dtype: "float32" }, "torch_dtype is bfloat16 and dtype is float32; remove the wrong one"],
    [
      { num_key_value_heads: 3 },
      "num_attention_heads 4 is not a multiple of num_key_value_heads 3; correct one of them",
    ],
    [{ head_dim: 7 }, "head_dim 7 is odd, and rotary embedding turns pairs; give an even one"],
    [
      { num_hidden_layers: 2, layer_types: ["full_attention"] },
      "layer_types has 1 entries and num_hidden_layers is 2; they must be equal, correct the wrong one",
    ],
    [
      { hidden_size: undefined },
      "hidden_size is wrong (Invalid input: expected number, received undefined); correct it",
    ],
    [
      { vocab_size: 1.5 },
      "vocab_size is wrong (Invalid input: expected int, received number); correct it",
    ],
  ];
  for (const [changes, reason] of cases) {
    assert.throws(() => parse(changes), errorWith(DataError, `Cannot use config.json: ${reason}`));
  }
  for (const json of [null, [], 3, "x"]) {
    assert.throws(
      () => parseConfig(json, "config.json"),
      errorWith(
        DataError,
        "Cannot use config.json: it is not a JSON object; give the config.json of a Gemma 3 text model",
      ),
    );
  }
});

Deno.test("whole floats are written as floats, which transformers 5 insists on, and whole numbers are not", () => {
  const text = configToText({
    ...parse({ final_logit_softcapping: 30, attention_dropout: 0 }),
    ropeScalingFactor: 8,
  });
  assert.match(text, /"final_logit_softcapping": 30\.0,\n/);
  assert.match(text, /"attention_dropout": 0\.0,\n/);
  assert.match(text, /"rope_theta": 1000000\.0\n/);
  assert.match(text, /"factor": 8\.0,\n/);
  assert.match(text, /"rms_norm_eps": 0\.000001,\n/);
  assert.match(text, /"hidden_size": 640,\n/);
  assert.equal(JSON.parse(text).rope_scaling.factor, 8);
});

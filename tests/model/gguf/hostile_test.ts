import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { DataError } from "../../../engine/mod.ts";
import { openGguf } from "../../../model/gguf/mod.ts";
import { errorWith } from "../../support/errors.ts";
import { bytes, ggufFile, keyText, keyU32, tensor, text, u32, u64 } from "../../support/gguf.ts";
import { inTemporaryDirectory } from "../../support/temporary.ts";

const start = (version: number, tensors: bigint | number, keys: bigint | number) =>
  bytes(new TextEncoder().encode("GGUF"), u32(version), u64(tensors), u64(keys));
const huge = 2n ** 60n;
const floats = (count: number) => new Uint8Array(4 * count);

/** Bytes and the reason they are refused for. */
const MALFORMED: [Uint8Array, string][] = [
  [new Uint8Array(0), "the header goes past the end of the file"],
  [new TextEncoder().encode("GGML1234"), 'it does not begin with "GGUF"'],
  [start(1, 0, 0), "its version is 1, and 2 and 3 are read"],
  [start(0x03000000, 0, 0), "its version is 50331648, and 2 and 3 are read"],
  [start(3, huge, 0), "the number of tensors is 1152921504606846976, past any file"],
  [start(3, 1, 0), "the name of tensor 0 goes past the end of the file"],
  [start(3, 0, 2 ** 40), "key 0 of the metadata goes past the end of the file"],
  [bytes(start(3, 0, 1), u64(2 ** 40)), "key 0 of the metadata goes past the end of the file"],
  [bytes(start(3, 0, 1), u64(1), new Uint8Array([0xff])), "key 0 of the metadata is not UTF-8"],
  [ggufFile([bytes(text("k"), u32(99))], []), '"k" has the unknown type 99'],
  [ggufFile([bytes(text("k"), u32(9), u32(9), u64(1))], []), '"k" has the unknown type 9'],
  [ggufFile([bytes(text("k"), u32(9), u32(8), u64(2 ** 40))], []), '"k" goes past the end of the file'],
  [ggufFile([bytes(text("k"), u32(9), u32(6), u64(2 ** 40))], []), '"k" goes past the end of the file'],
  [ggufFile([keyU32("k", 1), keyU32("k", 1)], []), 'the metadata repeats the key "k"'],
  [ggufFile([keyU32("general.alignment", 12)], []), "general.alignment is 12, no power of two"],
  [ggufFile([keyU32("general.alignment", 0)], []), "general.alignment is 0, no power of two"],
  [ggufFile([], [tensor("a", [1, 1, 1, 1, 1], 0, 0)]), 'tensor "a" has 5 dimensions, over 4'],
  [
    ggufFile([], [tensor("a", [256], 10, 0)]),
    'tensor "a" has storage type 10, which is none of F32, F16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K, BF16',
  ],
  [ggufFile([], [tensor("a", [48], 8, 0)]), 'tensor "a" has rows of 48 values, no multiple of Q8_0\'s 32'],
  [ggufFile([], [tensor("a", [2n ** 40n, 2n ** 40n], 0, 0)]), 'tensor "a" is too large to count'],
  [ggufFile([], [tensor("a", [huge], 0, 0)]), 'a size of tensor "a" is 1152921504606846976, past any file'],
  [ggufFile([], [tensor("a", [8], 0, 0)], floats(7)), 'tensor "a" goes past the end of the file'],
  [ggufFile([], [tensor("a", [2 ** 30], 0, 0)]), 'tensor "a" goes past the end of the file'],
  [ggufFile([], [tensor("a", [8], 0, 4)], floats(16)), 'tensor "a" is not aligned to 32 bytes'],
  [
    ggufFile([], [tensor("a", [9], 0, 0), tensor("b", [8], 0, 32)], floats(16)),
    'tensor "b" overlaps another',
  ],
  [ggufFile([], [tensor("a", [8], 0, 0), tensor("a", [8], 0, 32)], floats(16)), 'tensor "a" is listed twice'],
];

const embedding = tensor("token_embd.weight", [8, 4], 0, 0);
const gemma = [
  keyText("general.architecture", "gemma3"),
  keyU32("gemma3.embedding_length", 8),
  keyU32("gemma3.block_count", 1),
  keyU32("gemma3.feed_forward_length", 8),
  keyU32("gemma3.attention.head_count", 2),
];

/** Well-formed files that hold no model of ours. */
const UNUSABLE: [Uint8Array, string][] = [
  [ggufFile(gemma, []), 'it has no tensor "token_embd.weight"; give a Gemma 3 text model'],
  [
    ggufFile([], [embedding], floats(32)),
    'general.architecture is missing and only "gemma3" is supported; give a Gemma 3 text model',
  ],
  [
    ggufFile([keyText("general.architecture", "llama")], [embedding], floats(32)),
    'general.architecture is "llama" and only "gemma3" is supported; give a Gemma 3 text model',
  ],
  [
    ggufFile(gemma.slice(0, 4), [embedding], floats(32)),
    "num_attention_heads is wrong (Invalid input: expected number, received undefined); correct it",
  ],
  [
    ggufFile(
      [...gemma, keyU32("gemma3.attention.key_length", 4), keyU32("gemma3.attention.value_length", 6)],
      [embedding],
      floats(32),
    ),
    "its key heads have 4 values and its value heads 6, and only equal ones are supported; give a Gemma 3 text model",
  ],
];

Deno.test("malformed and foreign GGUF files are refused, each with its reason", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "x.gguf");
    const refuse = async (content: Uint8Array, message: string) => {
      await Deno.writeFile(path, content);
      await assert.rejects(openGguf(path), errorWith(DataError, message));
    };
    const cure = "it is damaged or not a GGUF file of a supported kind, fetch or convert it again";
    for (const [content, reason] of MALFORMED) {
      await refuse(content, `Cannot read ${path}: ${reason}; ${cure}`);
    }
    for (const [content, reason] of UNUSABLE) await refuse(content, `Cannot use ${path}: ${reason}`);
  }));

Deno.test("a hand-written file opens: heads of 256, as many key heads as query heads, linear scaling, eps as meant", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "x.gguf");
    const f32 = (key: string, value: number) =>
      bytes(text(key), u32(6), new Uint8Array(new Float32Array([value]).buffer));
    const more = [
      f32("gemma3.attention.layer_norm_rms_epsilon", 1e-6),
      keyText("gemma3.rope.scaling.type", "linear"),
      f32("gemma3.rope.scaling.factor", 8),
      keyText("general.name", "\ufeffname"), // no byte order mark: Gemma has tokens that begin with it
    ];
    await Deno.writeFile(path, ggufFile([...gemma, ...more], [embedding], floats(32)));
    const file = await openGguf(path);
    file.close();
    assert.equal(file.config.headDim, 256);
    assert.equal(file.config.numKeyValueHeads, 2);
    assert.equal(file.config.vocabSize, 4);
    assert.equal(file.config.rmsNormEps, 1e-6);
    assert.equal(file.config.ropeScalingFactor, 8);
    assert.equal(file.metadata.get("general.architecture"), "gemma3");
    assert.equal(file.metadata.get("general.name"), "\ufeffname");
  }));

Deno.test("any mutation or truncation of a good file is read or refused with a data error", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "x.gguf");
    const good = await Deno.readFile(
      fileURLToPath(new URL("../../golden/data/gguf/model.gguf", import.meta.url)),
    );
    const headerBytes = 2000;
    let read = 0;
    let refused = 0;
    const mutation = fc.record({ at: fc.nat(headerBytes), byte: fc.integer({ min: 0, max: 255 }) });
    const cut = fc.option(fc.nat(headerBytes), { nil: good.length, freq: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 2 }), cut, async (mutations, keep) => {
        const mutated = good.slice(0, keep);
        for (const { at, byte } of mutations) if (at < keep) mutated[at] = byte;
        await Deno.writeFile(path, mutated);
        try {
          (await openGguf(path)).close();
          read++;
        } catch (error) {
          assert.ok(error instanceof DataError, String(error));
          refused++;
        }
      }),
      { seed: 11, numRuns: 1500 },
    );
    assert.ok(read > 30 && refused > 300, `${read} read, ${refused} refused`);
  }));

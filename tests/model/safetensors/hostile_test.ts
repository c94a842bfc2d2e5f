import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { DataError } from "../../../engine/mod.ts";
import { openSafetensors } from "../../../model/safetensors/mod.ts";
import { errorWith } from "../../support/errors.ts";
import { safetensorsBytes } from "../../support/safetensors.ts";
import { sharedPath } from "../../support/shared.ts";
import { inTemporaryDirectory } from "../../support/temporary.ts";

const entry = (changes: Record<string, unknown> = {}) => ({
  dtype: "F32",
  shape: [2],
  data_offsets: [0, 8],
  ...changes,
});
const one = (changes: Record<string, unknown>) => JSON.stringify({ a: entry(changes) });
const eight = new Uint8Array(8);
const length = (value: bigint, rest = 0) => {
  const bytes = new Uint8Array(8 + rest);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
};

/** Name, bytes, reason. */
const CASES: [string, Uint8Array, string][] = [
  ["empty file", new Uint8Array(0), "it has 0 bytes and a header length takes 8"],
  ["cut length", new Uint8Array(7), "it has 7 bytes and a header length takes 8"],
  ["no header", length(0n), 'its header does not begin with "{"'],
  ["header past the end", length(100n, 10), "its header claims 100 bytes and the file has 18"],
  [
    "huge header",
    length(2n ** 64n - 1n),
    "its header claims 18446744073709551615 bytes, over the limit of 100000000",
  ],
  [
    "just over the limit",
    length(100_000_001n),
    "its header claims 100000001 bytes, over the limit of 100000000",
  ],
  ["at the limit, absent", length(100_000_000n), "its header claims 100000000 bytes and the file has 8"],
  ["leading space", safetensorsBytes(" {}"), 'its header does not begin with "{"'],
  ["array", safetensorsBytes("[]"), 'its header does not begin with "{"'],
  ["not UTF-8", safetensorsBytes(new Uint8Array([0x7b, 0xff, 0x7d])), "its header is not UTF-8"],
  ["not JSON", safetensorsBytes("{x}"), "its header is not a JSON object"],
  ["two objects", safetensorsBytes("{}{}"), "its header is not a JSON object"],
  ["NUL padding", safetensorsBytes("{}\0\0"), "its header is not a JSON object"],
  [
    "deep nesting",
    safetensorsBytes(`{"a":${"[".repeat(1e5)}${"]".repeat(1e5)}}`),
    'tensor "a" is not described by an object',
  ],
  [
    "repeated name",
    safetensorsBytes(`{"a":${JSON.stringify(entry())},"a":${JSON.stringify(entry())}}`, eight),
    'its header repeats the key "a"',
  ],
  [
    "repeated, escaped",
    safetensorsBytes(`{"a":${JSON.stringify(entry())},"\\u0061":${JSON.stringify(entry())}}`, eight),
    'its header repeats the key "a"',
  ],
  [
    "repeated field",
    safetensorsBytes('{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}', eight),
    'its header repeats the key "dtype"',
  ],
  [
    "metadata a list",
    safetensorsBytes('{"__metadata__":["x"]}'),
    "its __metadata__ is not an object of strings",
  ],
  [
    "metadata a number",
    safetensorsBytes('{"__metadata__":{"x":1}}'),
    "its __metadata__ is not an object of strings",
  ],
  ["entry null", safetensorsBytes('{"a":null}'), 'tensor "a" is not described by an object'],
  ["unknown type", safetensorsBytes(one({ dtype: "F31" }), eight), 'tensor "a" has the unknown type "F31"'],
  [
    "type of an object's method",
    safetensorsBytes(one({ dtype: "toString" }), eight),
    'tensor "a" has the unknown type "toString"',
  ],
  ["no type", safetensorsBytes(one({ dtype: undefined }), eight), 'tensor "a" has the unknown type (none)'],
  [
    "negative size",
    safetensorsBytes(one({ shape: [-2] }), eight),
    'tensor "a" has a shape that is not a list of whole numbers',
  ],
  [
    "fractional size",
    safetensorsBytes(one({ shape: [2.5] }), eight),
    'tensor "a" has a shape that is not a list of whole numbers',
  ],
  [
    "size above 2^53",
    safetensorsBytes(one({ shape: [9007199254740993] }), eight),
    'tensor "a" has a shape that is not a list of whole numbers',
  ],
  [
    "product overflow",
    safetensorsBytes(one({ shape: [2 ** 40, 2 ** 40] }), eight),
    'tensor "a" has a shape too large to count',
  ],
  [
    "overflow hidden by zero",
    safetensorsBytes(one({ shape: [2 ** 40, 2 ** 40, 0], data_offsets: [0, 0] })),
    'tensor "a" has a shape too large to count',
  ],
  [
    "half a byte",
    safetensorsBytes(one({ dtype: "F4", shape: [3], data_offsets: [0, 1] }), new Uint8Array(1)),
    'tensor "a" does not fill whole bytes',
  ],
  [
    "one offset",
    safetensorsBytes(one({ data_offsets: [0] }), eight),
    'tensor "a" has data_offsets that are not two whole numbers',
  ],
  [
    "offsets reversed",
    safetensorsBytes(one({ data_offsets: [8, 0] }), eight),
    'tensor "a" has -8 bytes where its shape and type need 8',
  ],
  [
    "wrong size",
    safetensorsBytes(one({ shape: [3] }), eight),
    'tensor "a" has 8 bytes where its shape and type need 12',
  ],
  [
    "past the end",
    safetensorsBytes(one({}), new Uint8Array(7)),
    "its tensors take 8 bytes and 7 follow the header",
  ],
  [
    "bytes left over",
    safetensorsBytes(one({}), new Uint8Array(9)),
    "its tensors take 8 bytes and 9 follow the header",
  ],
  [
    "hole at the start",
    safetensorsBytes(one({ data_offsets: [8, 16] }), new Uint8Array(16)),
    'tensor "a" begins at byte 8 of the data and not at 0',
  ],
  [
    "overlap",
    safetensorsBytes(JSON.stringify({ a: entry(), b: entry({ data_offsets: [4, 12] }) }), new Uint8Array(12)),
    'tensor "b" begins at byte 4 of the data and not at 8',
  ],
  [
    "hole between",
    safetensorsBytes(
      JSON.stringify({ a: entry(), b: entry({ data_offsets: [12, 20] }) }),
      new Uint8Array(20),
    ),
    'tensor "b" begins at byte 12 of the data and not at 8',
  ],
  [
    "prototype as a name, wrong",
    safetensorsBytes('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}', eight),
    'tensor "__proto__" has 8 bytes where its shape and type need 4',
  ],
];

Deno.test(`${CASES.length} malformed safetensors files are refused, each with its reason`, () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "x.safetensors");
    for (const [, bytes, reason] of CASES) {
      await Deno.writeFile(path, bytes);
      const message =
        `Cannot read ${path}: ${reason}; it is damaged or not safetensors, fetch or export it again`;
      await assert.rejects(openSafetensors(path), errorWith(DataError, message));
    }
  }));

Deno.test("any mutation of a good file is read or refused with a data error", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "x.safetensors");
    const good = safetensorsBytes(
      JSON.stringify({
        __metadata__: { format: "pt" },
        a: entry(),
        b: entry({ dtype: "BF16", shape: [2, 1], data_offsets: [8, 12] }),
      }),
      new Uint8Array(12),
    );
    const mutation = fc.record({
      at: fc.nat(good.length - 1),
      byte: fc.integer({ min: 0, max: 255 }),
      keep: fc.integer({ min: 0, max: good.length }),
    });
    let read = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (mutations, cut) => {
          let bytes = good.slice();
          for (const { at, byte, keep } of mutations) {
            if (at < bytes.length) bytes[at] = byte;
            if (cut) bytes = bytes.slice(0, keep);
          }
          await Deno.writeFile(path, bytes);
          try {
            const file = await openSafetensors(path);
            file.close();
            read++;
          } catch (error) {
            assert.ok(error instanceof DataError, String(error));
            refused++;
          }
        },
      ),
      { seed: 7, numRuns: 3000 },
    );
    assert.ok(read > 30 && refused > 1000, `${read} read, ${refused} refused`);
  }));

const samples = sharedPath("data/safetensors");
Deno.test({
  name: "published good and bad samples are accepted and refused (skipped where absent)",
  ignore: samples === undefined,
  fn: async () => {
    const names = (await Array.fromAsync(Deno.readDir(samples ?? ""))).map((entry) => entry.name);
    assert.equal(names.length, 8);
    for (const name of names) {
      const opening = openSafetensors(join(samples ?? "", name));
      if (name.startsWith("bad_")) await assert.rejects(opening, DataError, name);
      else (await opening).close();
    }
  },
});

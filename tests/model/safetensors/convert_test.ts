import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeInto, encode } from "../../../model/safetensors/mod.ts";

const decode = (stored: Uint16Array<ArrayBuffer>, dtype: "BF16" | "F16") => {
  const values = new Float32Array(stored.length);
  decodeInto(values, new Uint8Array(stored.buffer), dtype);
  return values;
};
const allPatterns = Uint16Array.from({ length: 65536 }, (_, i) => i);

/** The value of a 16-bit pattern with `exponentBits`, by the definition of IEEE 754. */
function valueOf(pattern: number, exponentBits: number): number {
  const fractionBits = 15 - exponentBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  const exponent = (pattern & 0x7fff) >> fractionBits;
  const fraction = (pattern & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  const sign = pattern & 0x8000 ? -1 : 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias));
}

for (const [dtype, exponentBits] of [["BF16", 8], ["F16", 5]] as const) {
  Deno.test(`all 65,536 patterns of ${dtype} decode exactly and encode back to themselves`, () => {
    const values = decode(allPatterns, dtype);
    const back = new Uint16Array(encode(values, dtype).buffer);
    for (const pattern of allPatterns) {
      const expected = valueOf(pattern, exponentBits);
      assert.ok(
        Object.is(values[pattern], expected),
        `${dtype} ${pattern}: ${values[pattern]} is not ${expected}`,
      );
      if (!Number.isNaN(expected)) assert.equal(back[pattern], pattern);
      else assert.ok(Number.isNaN(valueOf(back[pattern]!, exponentBits)));
    }
  });

  Deno.test(`encoding to ${dtype} takes the nearest value, and the even one on a tie`, () => {
    const finite = [...allPatterns.slice(0, 0x8000)].filter((p) => Number.isFinite(valueOf(p, exponentBits)));
    fc.assert(
      fc.property(
        fc.nat(finite.length - 2),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        (p, t, half) => {
          const [low, high] = [valueOf(p, exponentBits), valueOf(p + 1, exponentBits)];
          const x = Math.fround(half ? (low + high) / 2 : low + t * (high - low));
          const [got] = new Uint16Array(encode(new Float32Array([x, 0]), dtype).buffer);
          const [below, above] = [x - low, high - x];
          const expected = below < above ? p : above < below ? p + 1 : p + p % 2;
          assert.equal(got, expected);
          const [negative] = new Uint16Array(encode(new Float32Array([-x, 0]), dtype).buffer);
          assert.equal(negative, expected | 0x8000);
        },
      ),
      { seed: 3, numRuns: 5000 },
    );
  });
}

Deno.test("values above the range become infinite from the half-way point on", () => {
  const f16 = new Uint16Array(encode(new Float32Array([65519.996, 65520, 1e9, -1e9]), "F16").buffer);
  assert.deepEqual([...f16], [0x7bff, 0x7c00, 0x7c00, 0xfc00]);
  const bf16 = new Uint16Array(
    encode(new Float32Array([3.3895e38, 3.4e38, Infinity, -Infinity]), "BF16").buffer,
  );
  assert.deepEqual([...bf16], [0x7f7f, 0x7f80, 0x7f80, 0xff80]);
});

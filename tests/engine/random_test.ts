import assert from "node:assert/strict";
import { createRandom, philox } from "../../engine/mod.ts";

Deno.test("Philox gives the known answers of its authors", () => {
  const ones = 0xffffffff;
  assert.deepEqual(
    philox([ones, ones, ones, ones], [ones, ones]),
    Uint32Array.of(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd),
  );
  assert.deepEqual(
    philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
    Uint32Array.of(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1),
  );
});

Deno.test("seeds that differ above 2^32 alone give different streams", () => {
  assert.notEqual(createRandom(5).word(), createRandom(5 + 2 ** 40).word());
});

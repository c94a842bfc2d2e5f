import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { documentsSha256, rowsSha256 } from "../../pipeline/fingerprint.ts";

Deno.test("the hash of rows is that of lengths and ids, low byte first, whatever the machine", () => {
  const bytes = [2, 0, 0, 0, 5, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 255, 255, 3, 0];
  assert.equal(
    rowsSha256([Uint32Array.of(5, 256), Uint32Array.of(0x3ffff)]),
    createHash("sha256").update(Uint8Array.from(bytes)).digest("hex"),
  );
});

Deno.test("rows in another order, cut elsewhere or with another id have another hash", () => {
  const hashes = [[[1, 2], [3]], [[3], [1, 2]], [[1], [2, 3]], [[1, 2], [4]], []].map((rows) =>
    rowsSha256(rows.map((ids) => Uint32Array.from(ids)))
  );
  assert.equal(new Set(hashes).size, hashes.length);
});

Deno.test("the hash of a task's rows is that of their columns, in order", () => {
  const text = '{"a":1,"b":"ü"}\n{"a":2}\n';
  assert.equal(
    documentsSha256([{ a: 1, b: "ü" }, { a: 2 }]),
    createHash("sha256").update(text).digest("hex"),
  );
  assert.notEqual(
    documentsSha256([{ a: 2 }, { a: 1, b: "ü" }]),
    documentsSha256([{ a: 1, b: "ü" }, { a: 2 }]),
  );
});

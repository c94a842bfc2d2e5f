import assert from "node:assert/strict";
import { join } from "node:path";
import { DataError, ShapeError } from "../../../engine/mod.ts";
import {
  openSafetensors,
  openSafetensorsDirectory,
  writeSafetensors,
} from "../../../model/safetensors/mod.ts";
import { errorWith } from "../../support/errors.ts";
import { safetensorsBytes } from "../../support/safetensors.ts";
import { sharedPath } from "../../support/shared.ts";
import { inTemporaryDirectory, namesIn } from "../../support/temporary.ts";

const tensor = (name: string, shape: number[], values: number[]) => ({
  name,
  shape,
  read: () => Promise.resolve(new Float32Array(values)),
});
const small = [
  tensor("b", [2, 3], [1, -2, 0.5, 0, 3, 65504]),
  tensor("empty", [0, 4], []),
  tensor("a", [], [7]),
];

for (const dtype of ["BF16", "F16", "F32"] as const) {
  Deno.test(`what is written as ${dtype} is read back, with names, shapes and the metadata transformers needs`, () =>
    inTemporaryDirectory(async (directory) => {
      const path = join(directory, "x.safetensors");
      await writeSafetensors(path, small, dtype);
      const file = await openSafetensors(path);
      assert.deepEqual(file.names(), ["b", "empty", "a"]);
      assert.deepEqual(file.metadata, { format: "pt" });
      assert.deepEqual(file.info("b"), { dtype, shape: [2, 3] });
      assert.deepEqual([...await file.readF32("b")], [1, -2, 0.5, 0, 3, dtype === "BF16" ? 65536 : 65504]);
      assert.deepEqual([...await file.readF32("empty")], []);
      assert.deepEqual([...await file.readF32("a")], [7]);
      await assert.rejects(
        file.readF32("c"),
        errorWith(
          DataError,
          `Cannot read tensor "c" of ${path}: there is none of that name; check the model`,
        ),
      );
      file.close();
    }));
}

Deno.test("a tensor larger than one piece is read and written whole", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "x.safetensors");
    const count = 9_000_001;
    const values = Float32Array.from({ length: count }, (_, i) => i % 251 - 125);
    await writeSafetensors(
      path,
      [{ name: "big", shape: [count], read: () => Promise.resolve(values) }],
      "BF16",
    );
    assert.equal((await Deno.stat(path)).size % 8, (count * 2) % 8);
    const file = await openSafetensors(path);
    const read = await file.readF32("big");
    file.close();
    assert.equal(read.length, count);
    assert.equal(read.findIndex((value, i) => value !== values[i]), -1);
  }));

Deno.test("a tensor whose values do not fit its shape is refused and nothing is left", () =>
  inTemporaryDirectory(async (directory) => {
    await assert.rejects(
      writeSafetensors(join(directory, "x.safetensors"), [tensor("a", [2, 2], [1, 2, 3])], "F32"),
      errorWith(ShapeError, 'Cannot write tensor "a": its shape is [2, 2] and 3 values were given'),
    );
    assert.deepEqual(await namesIn(directory), []);
  }));

Deno.test("integer tensors are listed and refused on reading", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "x.safetensors");
    const header = { ids: { dtype: "I64", shape: [1], data_offsets: [0, 8] } };
    await Deno.writeFile(path, safetensorsBytes(JSON.stringify(header), new Uint8Array(8)));
    const file = await openSafetensors(path);
    assert.deepEqual(file.info("ids"), { dtype: "I64", shape: [1] });
    await assert.rejects(
      file.readF32("ids"),
      errorWith(
        DataError,
        `Cannot read tensor "ids" of ${path}: its type is I64, and only BF16, F16 and F32 are read; ` +
          `convert the model to one of them`,
      ),
    );
    file.close();
  }));

Deno.test("shards are read through their index, and a wrong index is refused", () =>
  inTemporaryDirectory(async (directory) => {
    const index = join(directory, "model.safetensors.index.json");
    const place = (map: unknown) =>
      Deno.writeTextFile(index, JSON.stringify({ metadata: {}, weight_map: map }));
    await assert.rejects(
      openSafetensorsDirectory(directory),
      errorWith(
        DataError,
        `Cannot read the weights of ${directory}: it has no model.safetensors and no model.safetensors.index.json; ` +
          `give the directory of a model saved as safetensors`,
      ),
    );
    await writeSafetensors(join(directory, "1.safetensors"), [tensor("a", [1], [1])], "F32");
    await writeSafetensors(join(directory, "2.safetensors"), [tensor("b", [2], [2, 3])], "F16");
    await place({ a: "1.safetensors", b: "2.safetensors" });
    const source = await openSafetensorsDirectory(directory);
    assert.deepEqual(source.names(), ["a", "b"]);
    assert.deepEqual(source.info("b"), { dtype: "F16", shape: [2] });
    assert.deepEqual([...await source.readF32("b")], [2, 3]);
    source.close();

    const cases: [unknown, string][] = [
      [["a"], "it has no weight_map of tensor names to file names"],
      [{ a: "../1.safetensors" }, '"../1.safetensors" is not the name of a safetensors file beside it'],
      [{ a: "1.bin" }, '"1.bin" is not the name of a safetensors file beside it'],
      [{ a: "1.safetensors", c: "1.safetensors" }, '1.safetensors does not hold tensor "c"'],
      [{ c: "1.safetensors" }, '1.safetensors holds tensor "a", which the index does not place there'],
    ];
    for (const [map, reason] of cases) {
      await place(map);
      const message = `Cannot read ${index}: ${reason}; fetch or export the model again`;
      await assert.rejects(openSafetensorsDirectory(directory), errorWith(DataError, message));
    }
  }));

const multiLayer = sharedPath("data/safetensors/multi_layer.safetensors");
Deno.test({
  name: "a file written by PyTorch reads (skipped where the test file is absent)",
  ignore: multiLayer === undefined,
  fn: async () => {
    const file = await openSafetensors(multiLayer ?? "");
    for (const name of file.names()) {
      const { dtype, shape } = file.info(name);
      if (dtype !== "F32") continue;
      const values = await file.readF32(name);
      assert.equal(values.length, shape.reduce((product, size) => product * size, 1));
      assert.ok(values.every((value) => Number.isFinite(value) && Math.abs(value) < 100));
    }
    file.close();
  },
});

/** Names in files of a model that point elsewhere, and links. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DataError } from "../../engine/mod.ts";
import { openModel, savePretrained } from "../../model/weights/mod.ts";
import { goldenPath } from "../support/command.ts";
import { rejectsWith } from "../support/errors.ts";
import { smallTokenizer } from "../support/tokenizer.ts";
import { inTemporaryDirectory, namesIn } from "../support/temporary.ts";

async function copyOf(name: string, to: string): Promise<string> {
  await Deno.mkdir(to, { recursive: true });
  for (const file of await namesIn(goldenPath(name))) {
    await Deno.copyFile(join(goldenPath(name), file), join(to, file));
  }
  return to;
}

Deno.test("an index that names files elsewhere is refused, each name by itself", () =>
  inTemporaryDirectory(async (directory) => {
    const model = await copyOf("tiny_d", join(directory, "model")),
      outside = join(directory, "x.safetensors");
    await Deno.copyFile(goldenPath("tiny_micro/model.safetensors"), outside);
    const path = join(model, "model.safetensors.index.json"),
      index = JSON.parse(await Deno.readTextFile(path));
    const names = [
      ...["../x.safetensors", outside, "./../x.safetensors", "..\\x.safetensors", "a/../../x.safetensors"],
      ...["", ".", "..", "config.json", "/etc/passwd", "C:\\x.safetensors", "file:///x.safetensors"],
    ];
    for (const name of names) {
      const [tensor] = Object.keys(index.weight_map);
      const weight_map = { ...index.weight_map, [tensor!]: name };
      await Deno.writeTextFile(path, JSON.stringify({ ...index, weight_map }));
      await rejectsWith(
        openModel(model),
        DataError,
        `Cannot read ${path}: "${name}" is not the name of a safetensors file beside it; fetch or export the model again`,
      );
    }
  }));

Deno.test("a tensor that claims 100 GB is refused before anything of its size exists", () =>
  inTemporaryDirectory(async (directory) => {
    const model = await copyOf("tiny_micro", join(directory, "model")),
      path = join(model, "model.safetensors");
    const bytes = 100e9,
      header = new TextEncoder().encode(
        JSON.stringify({ a: { dtype: "F32", shape: [bytes / 4], data_offsets: [0, bytes] } }),
      );
    const file = new Uint8Array(8 + header.length);
    new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
    file.set(header, 8);
    await Deno.writeFile(path, file);
    const before = Deno.memoryUsage().rss;
    await assert.rejects(openModel(model), {
      name: "DataError",
      message: /take 100000000000 bytes and 0 follow/,
    });
    assert.ok(Deno.memoryUsage().rss - before < 64e6);
  }));

Deno.test({
  name: "links are followed as the hub's cache needs it, but nothing outside is copied",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inTemporaryDirectory(async (directory) => {
      const blobs = await copyOf("tiny_micro", join(directory, "models--a--b/blobs"));
      const snapshot = join(directory, "models--a--b/snapshots/c0ffee");
      await Deno.writeTextFile(join(blobs, "tokenizer.json"), JSON.stringify(smallTokenizer()));
      await Deno.mkdir(snapshot, { recursive: true });
      for (const name of await namesIn(blobs)) {
        await Deno.symlink(`../../blobs/${name}`, join(snapshot, name));
      }
      const save = async (out: string) => {
        const { config, weights, tokenizerDir } = await openModel(snapshot);
        const tensors = weights.names().map((name) => ({
          ...{ name, shape: weights.info(name).shape, read: () => weights.readF32(name) },
        }));
        try {
          await savePretrained(join(directory, out), { config, dtype: "float32", tensors, tokenizerDir });
        } finally {
          weights.close();
        }
      };
      await save("good");
      assert.ok(!(await Deno.lstat(join(directory, "good/tokenizer.json"))).isSymlink);

      const secret = join(directory, "secret"), link = join(snapshot, "chat_template.jinja");
      await Deno.writeTextFile(secret, "the token");
      await Deno.symlink(secret, link);
      const real = await Deno.realPath(secret);
      await rejectsWith(
        save("bad"),
        DataError,
        `Cannot copy ${link}: it is a link to ${real}, outside the model; put the file itself in its place`,
      );
      assert.deepEqual(await namesIn(directory), ["good", "models--a--b", "secret"]);
    }),
});

import assert from "node:assert/strict";
import { join } from "node:path";
import { DataError } from "../../../engine/mod.ts";
import {
  openRandomAccess,
  readJson,
  readText,
  removeUnfinished,
  sha256File,
  streamFileAtomic,
  writeDirectoryAtomic,
  writeFileAtomic,
} from "../../../model/files/mod.ts";
import { errorWith } from "../../support/errors.ts";
import { inTemporaryDirectory, namesIn } from "../../support/temporary.ts";

const dataError = (message: string) => errorWith(DataError, message);

Deno.test("readText drops a byte order mark and names the first line that is not UTF-8", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "text.txt");
    await Deno.writeFile(path, new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xc3, 0xa9]));
    assert.equal(await readText(path), "aé");
    await Deno.writeFile(path, new Uint8Array([0x61, 0x0a, 0xc3, 0xa9, 0x0a, 0xff, 0x0a]));
    await assert.rejects(
      readText(path),
      dataError(`Cannot read ${path}: line 3 is not UTF-8; save the file as UTF-8`),
    );
  }));

Deno.test("reading what is missing, a directory, or not JSON says so", () =>
  inTemporaryDirectory(async (directory) => {
    const missing = join(directory, "none.json");
    const nothing = dataError(`Cannot read ${missing}: it does not exist; check the path`);
    await assert.rejects(readText(missing), nothing);
    await assert.rejects(openRandomAccess(missing), nothing);
    await assert.rejects(sha256File(missing), nothing);
    await assert.rejects(
      readText(directory),
      dataError(`Cannot read ${directory}: it is a directory; give a file`),
    );
    await assert.rejects(
      openRandomAccess(directory),
      dataError(`Cannot read ${directory}: it is not a file; give a file`),
    );
    const path = join(directory, "bad.json");
    await Deno.writeTextFile(path, "{");
    await assert.rejects(
      readJson(path),
      /^DataError: Cannot read .*bad\.json: it is not JSON \(.*\); correct or/,
    );
  }));

Deno.test("random access reads any range and refuses one past the end", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "bytes");
    await Deno.writeFile(path, new Uint8Array([0, 1, 2, 3, 4]));
    const file = await openRandomAccess(path);
    const target = new Uint8Array(2);
    file.readInto(target, 2);
    assert.deepEqual([...target], [2, 3]);
    assert.throws(
      () => file.readInto(target, 4),
      dataError(
        `Cannot read ${path}: it ends at byte 5, before byte 6; it changed while it was read, run again`,
      ),
    );
    file.close();
  }));

Deno.test("writeFileAtomic replaces a file, and a failing producer leaves the old one and nothing else", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "file.txt");
    await writeFileAtomic(path, "one");
    await writeFileAtomic(path, new TextEncoder().encode("two"));
    assert.equal(await readText(path), "two");
    const failing = streamFileAtomic(path, async (write) => {
      await write(new Uint8Array(1000));
      throw new RangeError("stop");
    });
    await assert.rejects(failing, RangeError);
    assert.equal(await readText(path), "two");
    assert.deepEqual(await namesIn(directory), ["file.txt"]);
    const nowhere = join(directory, "none", "file.txt");
    await assert.rejects(
      writeFileAtomic(nowhere, "x"),
      dataError(`Cannot write ${nowhere}: it does not exist; check the path`),
    );
  }));

Deno.test("a full disk is named and leaves no temporary file", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "file.txt");
    const full = streamFileAtomic(path, async (write) => {
      await write(new Uint8Array(1));
      throw Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
    });
    await assert.rejects(
      full,
      dataError(`Cannot write ${path}: the disk is full; free some space and run again`),
    );
    assert.deepEqual(await namesIn(directory), []);
  }));

Deno.test("writeDirectoryAtomic makes parents, refuses what exists and removes its unfinished work", () =>
  inTemporaryDirectory(async (directory) => {
    const target = join(directory, "a", "model");
    const fill = (text: string) => async (temporary: string) => {
      await Deno.mkdir(join(temporary, "inner"));
      await Deno.writeTextFile(join(temporary, "inner", "file"), text);
    };
    await writeDirectoryAtomic(target, fill("first"));
    await assert.rejects(
      writeDirectoryAtomic(target, fill("second")),
      dataError(`Cannot write ${target}: it exists already; give another name or remove it first`),
    );
    assert.equal(await readText(join(target, "inner", "file")), "first");
    const failing = writeDirectoryAtomic(join(directory, "b"), async (temporary) => {
      await fill("third")(temporary);
      throw new RangeError("stop");
    });
    await assert.rejects(failing, RangeError);
    assert.deepEqual(await namesIn(directory), ["a"]);
  }));

Deno.test("removeUnfinished clears the temporary file of a write in progress", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "file");
    const interrupted = streamFileAtomic(path, async (write) => {
      await write(new Uint8Array(10));
      assert.equal((await namesIn(directory)).length, 1);
      removeUnfinished();
      assert.deepEqual(await namesIn(directory), []);
    });
    await assert.rejects(interrupted, DataError);
    assert.deepEqual(await namesIn(directory), []);
  }));

Deno.test("sha256File agrees with the published value for abc", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "abc");
    await Deno.writeTextFile(path, "abc");
    // FIPS 180-2, appendix B.1
    assert.equal(
      await sha256File(path),
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  }));

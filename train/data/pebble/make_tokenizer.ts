/** Writes Pebble's tokenizer files again: `deno run --allow-write=train/data/pebble/files train/data/pebble/make_tokenizer.ts`. */
import { mkdir, rename, writeFile } from "node:fs/promises";
import { makeTokenizerFiles } from "./tokenizer_files.ts";

const folder = new URL("./files/", import.meta.url);
await mkdir(folder, { recursive: true });
for (const [name, text] of Object.entries(makeTokenizerFiles())) {
  const unfinished = new URL(`${name}.part`, folder);
  await writeFile(unfinished, text);
  await rename(unfinished, new URL(name, folder));
}

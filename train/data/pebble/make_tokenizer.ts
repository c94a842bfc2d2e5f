import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../../model/files/mod.ts";
import { makeTokenizerFiles } from "./tokenizer_files.ts";

if (import.meta.main) {
  const folder = join(import.meta.dirname!, "files");
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(makeTokenizerFiles())) {
    await writeFileAtomic(join(folder, name), text);
  }
}

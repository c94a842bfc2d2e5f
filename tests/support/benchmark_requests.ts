import type { LikelihoodRequest } from "../../eval/likelihood/mod.ts";
import { encodeRows, readTaskRows, TASKS } from "../../eval/tasks/mod.ts";
import { createTokenizer, type Tokenizer } from "../../model/tokenizer/mod.ts";
import { readGzip } from "./gunzip.ts";
import { sharedPath } from "./shared.ts";
import { writePublishedRows } from "./tasks.ts";
import { inTemporaryDirectory } from "./temporary.ts";

/** Gemma's tokenizer, or undefined where it is absent. */
export async function gemmaTokenizer(): Promise<Tokenizer | undefined> {
  if (!sharedPath("data/gemma3/tokenizer.json.gz")) return undefined;
  const read = async (name: string) => JSON.parse(await readGzip(sharedPath(`data/gemma3/${name}.json.gz`)!));
  return createTokenizer(await read("tokenizer"), await read("tokenizer_config"), { path: "tokenizer.json" });
}

/** Requests of the published rows of each task. */
export function benchmarkRequests(tokenizer: Tokenizer): Promise<Map<string, LikelihoodRequest[]>> {
  return inTemporaryDirectory(async (directory) => {
    await writePublishedRows(directory);
    const requests = new Map<string, LikelihoodRequest[]>();
    for (const task of TASKS) {
      requests.set(task.name, encodeRows(tokenizer, await readTaskRows(task, directory)).requests.flat());
    }
    return requests;
  });
}

/** What is fuzzed: each target damages a good file by a seed and has it read as the commands do. */
import { join } from "node:path";
import { createRandom, type Random } from "../../../engine/mod.ts";
import { readTaskRows, TASKS } from "../../../eval/tasks/mod.ts";
import { openGguf } from "../../../model/gguf/mod.ts";
import { openSafetensors } from "../../../model/safetensors/mod.ts";
import { loadTokenizer, tokenizerFromGguf } from "../../../model/tokenizer/mod.ts";
import { openModel, type WeightSource } from "../../../model/weights/mod.ts";
import { makeCard } from "../../../pipeline/card/mod.ts";
import { compareRuns } from "../../../pipeline/compare.ts";
import { readResults } from "../../../pipeline/results.ts";
import { loadRows } from "../../../train/data/mod.ts";
import { measuredResults } from "../../support/measured_run.ts";
import { OWN_ROWS } from "../../support/tasks.ts";
import { smallTokenizer } from "../../support/tokenizer.ts";
import { goldenFile } from "./golden_file.ts";
import { mutateBytes, mutateJson, mutateSafetensors, pick } from "./mutate.ts";

/** Reads one damaged file in a directory of the target's own; throws what the reader throws. */
type Read = (random: Random) => Promise<void>;

/** A target: `prepare` writes what stands beside the damaged file. */
export interface Target {
  /** Cases of a whole run of the fuzzer, and of the tests. */
  readonly cases: { readonly all: number; readonly few: number };
  prepare(directory: string): Promise<Read>;
}

const cases = (all: number, few: number) => ({ all, few });
const bytesOf = (name: string) => Deno.readFile(goldenFile(name));
const jsonOf = async (name: string) => JSON.parse(await Deno.readTextFile(goldenFile(name)));

/** Targets by name. */
export const TARGETS: Readonly<Record<string, Target>> = {
  safetensors: {
    cases: cases(200_000, 2000),
    async prepare(directory) {
      const path = join(directory, "x.safetensors"), good = await bytesOf("tiny_micro/model.safetensors");
      return async (random) => {
        await Deno.writeFile(path, mutateSafetensors(random, good));
        await readAll(await openSafetensors(path));
      };
    },
  },
  gguf: {
    cases: cases(20_000, 500),
    async prepare(directory) {
      const path = join(directory, "x.gguf"), good = await bytesOf("gguf/model.gguf");
      return async (random) => {
        await Deno.writeFile(path, mutateBytes(random, good, 3000));
        const file = await openGguf(path);
        if (file.metadata.has("tokenizer.ggml.model")) tokenizerFromGguf(file.metadata, path);
        await readAll(file);
      };
    },
  },
  "a model directory": {
    cases: cases(20_000, 500),
    async prepare(directory) {
      const names = ["config.json", "generation_config.json", "model.safetensors.index.json"];
      const good = await Promise.all(names.map((name) => jsonOf(`tiny_d/${name}`)));
      const { layer_types: _, ...shorter } = good[0]; // so that the number of layers alone says how many there are
      for (const shard of ["00001", "00002", "00003"]) {
        const name = `model-${shard}-of-00003.safetensors`;
        await Deno.copyFile(goldenFile(`tiny_d/${name}`), join(directory, name));
      }
      return async (random) => {
        const damaged = random.integer(names.length);
        for (const [i, name] of names.entries()) {
          const value = i === 0 && random.integer(2) ? shorter : good[i];
          const text = i === damaged ? mutateJson(random, value) : JSON.stringify(value);
          await Deno.writeTextFile(join(directory, name), text);
        }
        await readAll((await openModel(directory)).weights);
      };
    },
  },
  tokenizer: {
    cases: cases(20_000, 500),
    prepare(directory) {
      const good = smallTokenizer(),
        config = { bos_token: "<bos>", eos_token: { content: "<eos>" }, pad_token: null };
      return Promise.resolve(async (random) => {
        const isConfig = random.integer(5) === 0;
        await Deno.writeTextFile(
          join(directory, "tokenizer.json"),
          isConfig ? JSON.stringify(good) : mutateJson(random, good),
        );
        const beside = isConfig ? mutateJson(random, config) : JSON.stringify(config);
        await Deno.writeTextFile(join(directory, "tokenizer_config.json"), beside);
        const tokenizer = await loadTokenizer(directory);
        tokenizer.decode(tokenizer.encode("hello wörld <eos> "), { skipSpecial: true });
      });
    },
  },
  "rows of tasks": {
    cases: cases(20_000, 500),
    async prepare(directory) {
      const rows = new Map<string, unknown[]>();
      for (const { name } of TASKS) {
        const text = await Deno.readTextFile(join(OWN_ROWS, `${name}.jsonl`));
        rows.set(name, text.trim().split("\n").slice(0, 3).map((line) => JSON.parse(line)));
      }
      return async (random) => {
        const task = pick(random, TASKS), path = join(directory, `${task.name}.jsonl`);
        const lines = rows.get(task.name)!.map((row) =>
          random.integer(2) ? JSON.stringify(row) : mutateJson(random, row)
        );
        await Deno.writeTextFile(path, lines.join("\n"));
        await readTaskRows(task, directory);
      };
    },
  },
  parquet: {
    cases: cases(20_000, 500),
    async prepare(directory) {
      const [task] = TASKS.filter(({ name }) => name === "arc_easy"),
        path = join(directory, "arc_easy.parquet");
      const good = await bytesOf("tiny_tasks_golden/arc_easy.parquet");
      return async (random) => {
        await Deno.writeFile(path, mutateBytes(random, good, good.length));
        await readTaskRows(task!, directory);
      };
    },
  },
  documents: {
    cases: cases(20_000, 500),
    async prepare(directory) {
      await Deno.writeTextFile(join(directory, "tokenizer.json"), JSON.stringify(smallTokenizer()));
      const tokenizer = await loadTokenizer(directory),
        good = [{ text: "hello he" }, { input_ids: [2, 7, 8] }];
      return async (random) => {
        const path = join(directory, pick(random, ["x.jsonl", "x.txt"]));
        const text = good.map((row) => mutateJson(random, row)).join("\n");
        const bytes = new TextEncoder().encode(text);
        await Deno.writeFile(path, random.integer(2) ? bytes : mutateBytes(random, bytes, bytes.length));
        await loadRows([path], tokenizer, { vocabSize: 272, maxLength: 100 });
      };
    },
  },
  "results.json": {
    cases: cases(2000, 100),
    async prepare(directory) {
      const path = join(directory, "results.json"), good = await measuredResults();
      return async (random) => {
        await Deno.writeTextFile(path, mutateJson(random, good));
        const results = await readResults(path);
        await makeCard(results);
        compareRuns([{ name: "a", results }, { name: "b", results: good }]);
      };
    },
  },
};

/** The generator of a case. */
export const randomOf = (seed: number): Random => createRandom(seed, 0x46555a5a);

async function readAll(weights: WeightSource): Promise<void> {
  try {
    for (const name of weights.names()) await weights.readF32(name);
  } finally {
    weights.close();
  }
}

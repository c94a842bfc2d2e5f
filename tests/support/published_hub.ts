/** The repositories that gem-3-small reads, under their names and in their layouts, small. */
import { join } from "node:path";
import { createRandom } from "../../engine/mod.ts";
import { modelTensors, parseConfig } from "../../model/config/mod.ts";
import { type TensorToWrite, writeSafetensors } from "../../model/safetensors/mod.ts";
import { goldenPath } from "./command.ts";
import { readGzip } from "./gunzip.ts";
import type { ServedRepo } from "./loopback_hub.ts";
import { parquetOf } from "./parquet.ts";
import { sharedPath } from "./shared.ts";
import { TASK_MODEL, writeOwnRows } from "./tasks.ts";

export const TEACHER = "google/gemma-3-270m", COSMOPEDIA = "HuggingFaceTB/cosmopedia";

/** Texts of a configuration. */
export const textOf = (part: string, i: number): string =>
  `This is the ${i + 1}. text of ${part}. It tells of ${
    ["stars", "bread", "rivers", "machines"][i % 4]
  } and of what ` +
  `people make of them, again and again, in ${(i * 37) % 91 + 9} plain words.`;

/** The tokenizer's files: Gemma's own where it stands beside the repository, else Pebble's; and its words. */
export async function tokenizerFiles(
  own: boolean,
): Promise<{ files: Record<string, string>; words: number }> {
  const names = ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"];
  if (own && sharedPath("data/gemma3/tokenizer.json.gz")) {
    const at = (name: string) => sharedPath(`data/gemma3/${name}`)!;
    const files: Record<string, string> = {};
    for (const name of names) {
      files[name] = name.startsWith("tokenizer")
        ? await readGzip(at(`${name}.gz`))
        : await Deno.readTextFile(at(name));
    }
    return { files, words: 262144 };
  }
  const files = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await Deno.readTextFile(join(TASK_MODEL, name))])),
  );
  return { files, words: JSON.parse(await Deno.readTextFile(join(TASK_MODEL, "config.json"))).vocab_size };
}

/** config.json of google/gemma-3-270m with everything but its number of blocks made small. */
const configOf = (words: number) => ({
  ...{ architectures: ["Gemma3ForCausalLM"], model_type: "gemma3_text", vocab_size: words, hidden_size: 32 },
  ...{ intermediate_size: 64, num_hidden_layers: 18, num_attention_heads: 2, num_key_value_heads: 1 },
  ...{ head_dim: 16, query_pre_attn_scalar: 16, hidden_activation: "gelu_pytorch_tanh", rms_norm_eps: 1e-6 },
  ...{ max_position_embeddings: 32768, rope_theta: 1e6, rope_local_base_freq: 1e4, sliding_window: 512 },
  ...{ _sliding_window_pattern: 6, tie_word_embeddings: true, pad_token_id: 0, eos_token_id: 1 },
  ...{ bos_token_id: 2, torch_dtype: "bfloat16" },
});

/** A model of 18 blocks with random weights, under the teacher's name. @param shards files of weights */
async function teacher(directory: string, shards: number, own: boolean): Promise<ServedRepo> {
  const { files: tokenizer, words } = await tokenizerFiles(own), json = configOf(words);
  const config = parseConfig(json, "config.json"), random = createRandom(7, 0);
  const tensors = modelTensors(config).map(({ name, shape }): TensorToWrite => ({
    ...{ name, shape },
    read: () => {
      const count = shape.reduce((product, size) => product * size, 1), scale = shape.length > 1 ? 0.2 : 0;
      return Promise.resolve(Float32Array.from({ length: count }, () => scale * (random.uniform() - 0.5)));
    },
  }));
  const files: Record<string, { from: string } | string> = {
    ...tokenizer,
    "config.json": JSON.stringify(json),
    "generation_config.json": JSON.stringify({ eos_token_id: 1, do_sample: true, top_k: 64, top_p: 0.95 }),
    "README.md": "---\nlicense: gemma\n---\n# A small model in the place of a large one\n",
  };
  const places: Record<string, string> = {};
  for (let shard = 0; shard < shards; shard++) {
    const number = (n: number) => String(n).padStart(5, "0");
    const name = shards === 1
      ? "model.safetensors"
      : `model-${number(shard + 1)}-of-${number(shards)}.safetensors`;
    const own = tensors.filter((_, i) => Math.floor(i * shards / tensors.length) === shard);
    await writeSafetensors(join(directory, name), own, "BF16");
    for (const tensor of own) places[tensor.name] = name;
    files[name] = { from: join(directory, name) };
  }
  if (shards > 1) {
    files["model.safetensors.index.json"] = JSON.stringify({ metadata: {}, weight_map: places });
  }
  return { type: "model", id: TEACHER, files };
}

/** Cosmopedia: six columns of which one is read, two files of one configuration, and one that nobody asks for. */
export function cosmopedia(rows: number): ServedRepo {
  const random = createRandom(1, 0);
  const noise = () => Array.from({ length: 60 }, () => random.uniform().toString(36).slice(2)).join(" ");
  const table = (part: string, first: number, count: number) =>
    parquetOf(
      Array.from({ length: count }, (_, i) => ({
        ...{ prompt: noise(), text_token_length: 50n, text: textOf(part, first + i), seed_data: noise() },
        ...{ format: "story", audience: "general" },
      })),
      100,
    );
  const file = (part: string, i: number, of: number) =>
    `data/${part}/train-${String(i).padStart(5, "0")}-of-${String(of).padStart(5, "0")}.parquet`;
  const files: Record<string, Uint8Array<ArrayBuffer>> = {
    [file("stories", 0, 2)]: table("stories", 0, rows),
    [file("stories", 1, 2)]: table("stories", rows, rows),
    [file("khanacademy", 0, 1)]: table("khanacademy", 0, 3),
  };
  for (const part of ["wikihow", "openstax", "web_samples_v1"]) {
    files[file(part, 0, 1)] = table(part, 0, rows);
  }
  return { type: "dataset", id: COSMOPEDIA, files };
}

/** The five benchmarks: three layouts, and one set that the hub alone has converted. */
export async function benchmarks(directory: string): Promise<ServedRepo[]> {
  await writeOwnRows(directory);
  const table = async (task: string) => {
    const lines = (await Deno.readTextFile(join(directory, `${task}.jsonl`))).trim().split("\n");
    return parquetOf(lines.map((line) => JSON.parse(line)));
  };
  const arc = { from: goldenPath("tiny_tasks_golden/arc_easy.parquet") };
  const set = (id: string, files: ServedRepo["files"], branch?: string): ServedRepo => ({
    ...{ type: "dataset", id, files },
    ...branch !== undefined && { branch },
  });
  return [
    set("allenai/ai2_arc", {
      "ARC-Easy/test-00000-of-00001.parquet": arc,
      "ARC-Challenge/test-00000-of-00001.parquet": arc,
    }),
    set("allenai/winogrande", {
      "winogrande_xl/validation-00000-of-00001.parquet": await table("winogrande"),
      "winogrande_xs/validation-00000-of-00001.parquet": parquetOf([{ sentence: "none" }]),
    }),
    set("Rowan/hellaswag", { "data/validation-00000-of-00001.parquet": await table("hellaswag") }),
    set("EleutherAI/lambada_openai", { "data/lambada_test_en.jsonl": "{}", "lambada_openai.py": "" }),
    set(
      "EleutherAI/lambada_openai",
      { "default/test/0000.parquet": await table("lambada_openai") },
      "refs/convert/parquet",
    ),
    set("baber/piqa", { "plain_text/validation-00000-of-00001.parquet": await table("piqa") }),
  ];
}

/** All of it. @param own whether the teacher has Gemma's tokenizer, where that is here */
export async function publishedRepos(
  directory: string,
  { shards, rows, own }: { shards: number; rows: number; own: boolean },
): Promise<ServedRepo[]> {
  return [await teacher(directory, shards, own), cosmopedia(rows), ...await benchmarks(directory)];
}

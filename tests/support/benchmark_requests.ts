import type { LikelihoodRequest } from "../../eval/likelihood/mod.ts";
import { createTokenizer, type Tokenizer } from "../../model/tokenizer/mod.ts";
import { readGzip } from "./gunzip.ts";
import { sharedPath } from "./shared.ts";

// deno-lint-ignore no-explicit-any -- each file has fields of its own
type Item = any;

/** Hellaswag's own cleaning of its texts. */
const clean = (text: string) =>
  text.trim().replaceAll(" [title]", ". ").replaceAll(/\[.*?\]/g, "").replaceAll("  ", " ");

/** Pairs of context and continuation of each item. */
const PAIRS: Readonly<Record<string, (item: Item) => [string, string][]>> = {
  arc_easy_test_100: ({ query, choices }) =>
    choices.map((choice: string) => [`${query}\nAnswer:`, ` ${choice}`]),
  winogrande_dev_100: ({ sentence, option1, option2 }) => {
    const [before, after] = sentence.split("_");
    return [option1, option2].map((option) => [before + option, ` ${after.trim()}`]);
  },
  hellaswag_val_100: ({ activity_label, ctx_a, ctx_b, endings }) => {
    const text = `${activity_label}: ${ctx_a} ${ctx_b.slice(0, 1).toUpperCase()}${
      ctx_b.slice(1).toLowerCase()
    }`;
    return endings.map((ending: string) => [clean(text), ` ${clean(ending)}`]);
  },
  lambada_openai_test_100: ({ text }) => {
    const at = text.lastIndexOf(" ");
    return [[text.slice(0, at), text.slice(at)]];
  },
  piqa_valid_100: ({ goal, sol1, sol2 }) =>
    [sol1, sol2].map((solution) => [`Question: ${goal}\nAnswer:`, ` ${solution}`]),
};

/** Names of the files of benchmark items. */
export const BENCHMARKS = Object.keys(PAIRS);

/** Gemma's tokenizer, or undefined where it is absent. */
export async function gemmaTokenizer(): Promise<Tokenizer | undefined> {
  if (!sharedPath("data/gemma3/tokenizer.json.gz")) return undefined;
  const read = async (name: string) => JSON.parse(await readGzip(sharedPath(`data/gemma3/${name}.json.gz`)!));
  return createTokenizer(await read("tokenizer"), await read("tokenizer_config"), { path: "tokenizer.json" });
}

/** Requests of the first items of a file. */
export async function benchmarkRequests(
  tokenizer: Tokenizer,
  name: string,
  count = Infinity,
): Promise<LikelihoodRequest[]> {
  const lines = (await Deno.readTextFile(sharedPath(`data/benchmarks/${name}.jsonl`)!)).trim().split("\n");
  return lines.slice(0, count).flatMap((line) => PAIRS[name]!(JSON.parse(line))).map(([before, after]) => {
    const context = before.trimEnd(),
      whole = tokenizer.encode(before + after),
      ids = tokenizer.encode(context);
    return { context: [...whole.slice(0, ids.length)], continuation: [...whole.slice(ids.length)] };
  });
}

/** The real model, and two pruned students of it, as GGUF: read back here, and computed by llama.cpp. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { measurePerplexity } from "../../eval/perplexity.ts";
import { pruneConfig } from "../../model/config/mod.ts";
import { openGguf } from "../../model/gguf/mod.ts";
import { createDecoder, type Gemma3, loadGemma3, releaseGemma3 } from "../../model/gemma3/mod.ts";
import { generate } from "../../model/generate/mod.ts";
import { leastImportantKeepingPattern } from "../../model/pruning/mod.ts";
import { tokenizerOf } from "../../model/tokenizer/mod.ts";
import { openModel } from "../../model/weights/mod.ts";
import { runExport } from "../../pipeline/export.ts";
import { runPrune } from "../../pipeline/prune.ts";
import type { Reporter } from "../../pipeline/reporter.ts";
import { resolveConfig } from "../../train/config/mod.ts";
import { maxDifference } from "../support/close.ts";
import { readGzip } from "../support/gunzip.ts";
import { sharedPath } from "../support/shared.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";
import { golden } from "./golden.ts";
import { realEngine, realTest, report } from "./real_model.ts";

/** Of single losses, of 5 on average, and of perplexity as a share: ggml's CPU looks GELU up in half precision. */
const LOSS_TOLERANCE = 5e-2, PERPLEXITY_TOLERANCE = 2e-3;
/** WikiText-2's and TinyStories' first rows of golden.json. */
const ROWS = golden.documents.slice(0, 3), GREEDY_TOKENS = 12;

const FOLDER = Deno.env.get("LAPIDARY_LLAMA_CPP");
if (!FOLDER) console.log("skipped: llama.cpp; LAPIDARY_LLAMA_CPP=DIR names a folder that has node-llama-cpp");

interface Answer {
  readonly ids: number[][];
  readonly addsBos: boolean;
  readonly outputs: number[][];
  readonly losses: number[][];
}

/** What llama.cpp makes of a file; `llama_cpp.mjs` says what can be asked. */
async function llamaCpp(request: Record<string, unknown>): Promise<Answer> {
  const script = fileURLToPath(new URL("./llama_cpp.mjs", import.meta.url));
  const child = new Deno.Command("deno", {
    args: ["run", "--quiet", "--no-config", "--no-lock", "--node-modules-dir=manual", "--allow-all", script],
    ...{ cwd: FOLDER!, stdin: "piped", stdout: "piped", stderr: "inherit" },
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(request)));
  await writer.close();
  const { success, stdout } = await child.output();
  assert.ok(success, "llama.cpp failed");
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The published tokenizer's directory in `directory`; null where it is absent, and the file's own serves. */
async function publishedTokenizer(directory: string): Promise<string | null> {
  const packed = sharedPath("data/gemma3/tokenizer.json.gz");
  if (!packed) return null;
  const tokenizer = join(directory, "tokenizer");
  await Deno.mkdir(tokenizer);
  for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
    await Deno.writeTextFile(join(tokenizer, name), await readGzip(join(dirname(packed), `${name}.gz`)));
  }
  return tokenizer;
}

const bitsOf = (values: Float32Array<ArrayBuffer>) => new Uint32Array(values.buffer);

const notes: string[] = [];
const reporter: Reporter = {
  update: () => {},
  note: (text) => void notes.push(text),
  signal: new AbortController().signal,
};

realTest(
  "the whole model as GGUF: every bit, id and, in llama.cpp, token of the greedy text",
  (path) =>
    inTemporaryDirectory(async (directory) => {
      const out = join(directory, "whole.gguf"), tokenizer = await publishedTokenizer(directory);
      await runExport(path, { tokenizer, repair: false }, out, null, reporter);
      const before = await openModel(path), after = await openModel(out), published = before.metadata!;
      assert.equal(after.weights.info("model.embed_tokens.weight").dtype, "F32");
      for (const name of before.weights.names()) {
        const [a, b] = [await before.weights.readF32(name), await after.weights.readF32(name)].map(bitsOf);
        assert.ok(a!.length === b!.length && a!.every((bits, i) => bits === b![i]), name);
      }
      const { raw: _, ...config } = before.config, { raw: __, ...again } = after.config;
      assert.deepEqual(again, config);
      assert.deepEqual(after.metadata!.get("tokenizer.ggml.tokens"), published.get("tokenizer.ggml.tokens"));
      const texts = golden.prompts.map(({ text }) => text), tokens = (await tokenizerOf(after))!;
      const recorded = sharedPath("data/gemma3/expected_ids.json");
      const cases: { text: string; ids: number[] }[] = recorded
        ? JSON.parse(await Deno.readTextFile(recorded)).cases
        : [];
      // Id 262144 has no row. llama.cpp takes control tokens in a text for text.
      texts.push(...cases.filter(({ ids }) => ids.every((id) => id < 262144)).map(({ text }) => text));
      before.weights.close();
      after.weights.close();
      if (!FOLDER) return;
      const greedy = golden.continuations.find(({ settings }) => settings.num_beams === undefined)!;
      const plain = texts.filter((text) => !/<(?:bos|eos|pad|unk|mask|unused\d+|\w+_of_\w+)>/.test(text));
      const { input_ids: prompt, output_ids: output } = greedy;
      const answer = await llamaCpp({ model: out, texts: plain, prompts: [prompt], tokens: GREEDY_TOKENS });
      assert.equal(answer.addsBos, true);
      plain.forEach((text, i) => {
        assert.deepEqual(answer.ids[i], [...tokens.encode(text, { special: false })], text);
      });
      assert.deepEqual(answer.outputs[0], output.slice(prompt.length).slice(0, GREEDY_TOKENS));
      console.log(`llama.cpp: the ids of ${plain.length} texts and ${GREEDY_TOKENS} greedy tokens are equal`);
    }),
);

/** A pruned student as a directory in bfloat16 and as a GGUF file in float32, and what it gives here. */
async function student(path: string, directory: string, name: string, drop: readonly number[]) {
  const config = await resolveConfig({ set: [`prune.drop=[${drop}]`, "dtype=bfloat16"] });
  const model = join(directory, name), gguf = `${model}.gguf`, engine = await realEngine();
  const tokenizer = join(directory, "tokenizer");
  await runPrune(realEngine, path, model, { ...config, tokenizer }, reporter);
  await runExport(model, { tokenizer: null, repair: false }, gguf, "F32", reporter);
  const opened = await openModel(model),
    loaded: Gemma3 = await loadGemma3(
      ...[engine, opened.config, opened.weights.readF32, { label: name, positions: 128 }] as const,
    );
  opened.weights.close();
  const rows = ROWS.map((row) => Uint32Array.from(row));
  const measured = await measurePerplexity(engine, loaded, rows, { batchSize: 1, padId: 0 });
  const decoder = createDecoder(engine, loaded, { maxLength: 32, maxRows: 1 }),
    prompt = golden.prompts[0]!.input_ids;
  const { outputIds } = await generate(decoder, prompt, { maxNewTokens: GREEDY_TOKENS });
  decoder.close();
  releaseGemma3(engine, loaded);
  return { gguf, measured, prompt, greedy: outputIds.slice(prompt.length) };
}

/** A copy whose list of attention types no runtime finds: what one that reads no list computes. */
async function withoutList(gguf: string): Promise<string> {
  const key = new TextEncoder().encode("sliding_window_pattern"), copy = `${gguf}.old.gguf`;
  await Deno.copyFile(gguf, copy);
  using file = await Deno.open(copy, { read: true, write: true });
  const start = new Uint8Array(4096);
  await file.read(start);
  const at = start.findIndex((_, i) => key.every((byte, j) => start[i + j] === byte));
  assert.ok(at > 0);
  await file.seek(at, Deno.SeekMode.Start);
  await file.write(new TextEncoder().encode("S"));
  return copy;
}

const perplexity = (losses: readonly number[][]) =>
  Math.exp(losses.flat().reduce((sum, loss) => sum + loss, 0) / losses.flat().length);

realTest(
  "students by importance and by keep_pattern: llama.cpp's losses are ours",
  (path) =>
    inTemporaryDirectory(async (directory) => {
      if (!FOLDER || !await publishedTokenizer(directory)) {
        return console.log("skipped: llama.cpp or the tokenizer is absent");
      }
      const source = await openGguf(path), { layerTypes } = source.config;
      source.close();
      const { scores } = golden.importance.find(({ method }) => method === "optipfair-0.2")!;
      const keeping = leastImportantKeepingPattern(scores, layerTypes, 4);
      for (const [name, drop] of [["importance", golden.dropped], ["keep_pattern", keeping]] as const) {
        notes.length = 0;
        const { gguf, measured, prompt, greedy } = await student(path, directory, name, drop);
        const types = pruneConfig({ ...source.config }, drop).layerTypes, isKept = name === "keep_pattern";
        assert.equal(notes.some((note) => note.startsWith("Gemma 3's pattern")), !isKept, types.join());
        const request = { rows: ROWS, prompts: [prompt], tokens: GREEDY_TOKENS };
        const { losses, outputs } = await llamaCpp({ ...request, model: gguf });
        const error = Math.max(
          ...losses.map((row, i) => maxDifference(row, measured.tokenLosses[i]!)),
        );
        console.log(
          `${name}, without ${drop.join(", ")}: perplexity here ${
            measured.perplexity.toFixed(3)
          }, llama.cpp ${perplexity(losses).toFixed(3)} on ${measured.tokens} tokens`,
        );
        report(`${name}, token losses`, error, LOSS_TOLERANCE);
        assert.ok(error <= LOSS_TOLERANCE);
        const share = Math.abs(perplexity(losses) / measured.perplexity - 1);
        report(`${name}, perplexity`, share, PERPLEXITY_TOLERANCE);
        assert.ok(share <= PERPLEXITY_TOLERANCE);
        assert.deepEqual(outputs[0], greedy);
        if (isKept) continue;
        const old = await llamaCpp({ rows: ROWS, model: await withoutList(gguf) });
        console.log(
          `${name}, in a runtime that reads no list of types: perplexity ${
            perplexity(old.losses).toFixed(3)
          }`,
        );
        assert.ok(Math.abs(perplexity(old.losses) / measured.perplexity - 1) > 0.01);
      }
    }),
);

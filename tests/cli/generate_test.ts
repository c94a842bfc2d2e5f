/** `generate` through the command line: token for token what transformers' `generate` gives. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { answerOf, commandTest, goldenPath } from "../support/command.ts";
import { gpuTest } from "../support/engine.ts";
import { goldenJson } from "../support/golden_models.ts";
import { lapidaryShared } from "../support/cli.ts";
import { smallTokenizer } from "../support/tokenizer.ts";

interface Golden {
  settings: { max_new_tokens: number };
  runs: { case: string; settings: Record<string, number>; input_ids: number[]; output_ids: number[] }[];
}

/** `eos_token_id` has no flag: it comes from the model. */
const ofFlags = (settings: Record<string, number>) => !("eos_token_id" in settings);
const flags = (settings: Record<string, number>) =>
  Object.entries(settings).flatMap(([name, value]) => [`--${name.replaceAll("_", "-")}`, String(value)]);

// All prompts of all models are in tests/model/decoder_test.ts.
for (const name of ["tiny_a", "tiny_d"]) {
  gpuTest(`generate ${name}: greedy, beams and penalties`, async () => {
    const { settings, runs } = await goldenJson<Golden>(name, "generation.json");
    const cases = new Map(runs.filter((run) => ofFlags(run.settings)).map((run) => [run.case, run]));
    assert.deepEqual([...cases.keys()].slice(0, 4), [
      "greedy",
      "beam",
      "no_repeat_ngram",
      "repetition_penalty",
    ]);
    for (const run of cases.values()) {
      const answer = await answerOf<Record<string, unknown>>(
        ...["generate", "--model", goldenPath(name), "--input-ids", run.input_ids.join()],
        ...["--max-new-tokens", String(settings.max_new_tokens), ...flags(run.settings)],
      );
      const { input_ids, output_ids } = run;
      assert.deepEqual(answer, { input_ids, output_ids, text: null }, run.case);
    }
  });
}

commandTest("the model's own end of sequence ends a continuation", async (directory) => {
  const { runs } = await goldenJson<Golden>("tiny_a", "generation.json");
  const run = runs.find((run) => run.case === "greedy_eos")!;
  for (const file of ["config.json", "model.safetensors"]) {
    await Deno.copyFile(join(goldenPath("tiny_a"), file), join(directory, file));
  }
  const generation = { eos_token_id: [run.settings.eos_token_id, 1] };
  await Deno.writeTextFile(join(directory, "generation_config.json"), JSON.stringify(generation));
  const { output_ids } = await answerOf<{ output_ids: number[] }>(
    ...["generate", "--model", directory, "--input-ids", run.input_ids.join(), "--max-new-tokens", "12"],
  );
  assert.deepEqual(output_ids, run.output_ids);
});

commandTest(
  "text in, text out, with the tokenizer of --tokenizer; the same seed draws the same",
  async (directory) => {
    await Deno.writeTextFile(join(directory, "tokenizer.json"), JSON.stringify(smallTokenizer()));
    const args = [
      "generate",
      "--model",
      goldenPath("tiny_a"),
      "--tokenizer",
      directory,
      "--max-new-tokens",
      "3",
    ];
    const answer = await answerOf<{ input_ids: number[]; output_ids: number[]; text: string }>(
      ...args,
      "\u0001\u0002",
    );
    assert.deepEqual(answer.input_ids, [2, 5, 6]);
    assert.equal(answer.output_ids.length, 6);
    const { out, err } = await lapidaryShared(...args, "\u0001\u0002");
    assert.deepEqual([out, err], [`${answer.text}\n`, ""]);
    const drawn = ["--do-sample", "--temperature", "2", "--top-k", "0", "--seed", "7"];
    const first = await answerOf(...args, "\u0001\u0002", ...drawn);
    assert.deepEqual(await answerOf(...args, "\u0001\u0002", ...drawn), first);
    assert.notDeepEqual(first, answer);
  },
);

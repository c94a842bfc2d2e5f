import assert from "node:assert/strict";
import { addDistill } from "../../cli/distill.ts";
import { differingKeys, distillArguments, shellLine } from "../../pipeline/reproduce.ts";
import { resolveConfig } from "../../train/config/mod.ts";
import { requestOf } from "../support/cli.ts";

Deno.test("the arguments resolve to the configuration that they were made of, and are few", async () => {
  const cases = [
    { preset: "pebble" },
    {
      preset: "gem-3-small",
      set: ["train.lr=1e-3", "loss.kind=skew_kl", "loss.skew=0.3", "prune.drop=9,8,14,16"],
    },
    {
      preset: "gem-3-mini",
      flags: {
        teacher: "my models/gemma.gguf",
        tokenizer: "dir",
        data: { files: ["a b.txt", "c.jsonl"] },
        repair: true,
      },
      set: ["train.clip=null", "train.betas=0.8,0.9", 'sample.prompts=["It\'s", "a, b"]', "seed=3"],
    },
  ];
  for (const sources of cases) {
    const config = await resolveConfig(sources), [command, ...rest] = await distillArguments(config);
    assert.equal(command, "distill");
    assert.deepEqual(rest.slice(0, 2), ["--preset", sources.preset]);
    const request = await requestOf(
      addDistill,
      "distill",
      ...rest,
      ...config.teacher ? [] : ["--teacher", "x"],
    );
    assert.deepEqual({ ...request.config, teacher: config.teacher }, config);
  }
  assert.deepEqual(await distillArguments(await resolveConfig({ preset: "pebble" })), [
    "distill",
    "--preset",
    "pebble",
  ]);
});

Deno.test("words are quoted for a shell where they need it", async () => {
  const words = ["distill", "a b", "it's", "x=[1,2]", "$HOME", "", "plain/path-1.txt"];
  const { stdout } = await new Deno.Command("sh", { args: ["-c", shellLine("printf '%s\\n'", words)] })
    .output();
  assert.deepEqual(new TextDecoder().decode(stdout).split("\n").slice(0, -1), words);
});

Deno.test("keys that differ between two configurations, in the order of the schema", async () => {
  const a = await resolveConfig({}),
    b = await resolveConfig({ set: ["train.lr=1", "seed=7", "prune.drop=1"] });
  assert.deepEqual(differingKeys(a, b), ["seed", "prune.drop", "train.lr"]);
  assert.deepEqual(differingKeys(a, a), []);
});

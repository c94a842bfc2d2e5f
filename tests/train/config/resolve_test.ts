import assert from "node:assert/strict";
import { UsageError } from "../../../engine/mod.ts";
import { TASKS } from "../../../eval/tasks/mod.ts";
import { configJsonSchema, configKeys, nearest, presets, resolveConfig } from "../../../train/config/mod.ts";
import type { ConfigSources } from "../../../train/config/mod.ts";
import { KINDS } from "../../../train/losses/mod.ts";

Deno.test("every key has a description that states its default", () => {
  for (const { name, description } of configKeys.values()) {
    assert.match(description, /\. Default: \S+/, name);
  }
});

Deno.test("defaults are the published recipe", async () => {
  const { train, loss } = await resolveConfig({});
  assert.deepEqual(train, {
    order: "seeded",
    epochs: 5,
    max_steps: null,
    recompute: "none",
    metrics_every: 10,
    loss_chunk: null,
    keep_teacher_states: false,
    micro_batch: 16,
    accumulation: 4,
    padding: "none",
    remainder: "own",
    normalize: "step",
    lr: 4e-5,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weight_decay: 0.01,
    clip: 1,
    checkpoint_every: null,
    checkpoints_kept: 2,
    schedule: "constant",
    warmup_steps: 0,
    control: true,
  });
  assert.deepEqual(loss, { kind: "forward_kl", alpha: 0.5, beta: 0.5, temperature: 2, skew: 0 });
});

Deno.test("every preset resolves", async () => {
  for (const preset of Object.keys(presets)) await resolveConfig({ preset });
  const mini = await resolveConfig({ preset: "gem-3-mini" });
  assert.equal(mini.train.max_steps, 12);
  assert.equal(mini.train.micro_batch * mini.data.max_length, 1024);
});

Deno.test("gem-3-small is the card's recipe; its variants differ in nothing but what they are for", async () => {
  const { data, importance, prune, loss, train, evaluate, teacher, seed } = await resolveConfig({
    preset: "gem-3-small",
  });
  assert.deepEqual(
    [teacher, data.files, data.limit, data.validation, data.max_length, data.pack, seed],
    ["google/gemma-3-270m", ["HuggingFaceTB/cosmopedia"], 2000, 0.2, 512, false, 42],
  );
  assert.deepEqual(
    [prune, importance.method],
    [{ count: 4, drop: null, keep_pattern: false }, "optipfair-0.2"],
  );
  assert.deepEqual(loss, { kind: "forward_kl", alpha: 0.5, beta: 0.5, temperature: 2, skew: 0 });
  const { lr, epochs, micro_batch, accumulation, clip, normalize, padding, schedule, control } = train;
  assert.deepEqual([lr, epochs, micro_batch, accumulation, clip, control], [4e-5, 5, 16, 4, 1, false]);
  assert.deepEqual([normalize, padding, schedule], ["step", "none", "constant"]);
  assert.equal(evaluate.task_data, "hub");
  assert.deepEqual(evaluate.tasks, TASKS.map(({ name }) => name));
  const differences = async (preset: string) => {
    const keys = [...configKeys.keys()], card = await resolveConfig({ preset: "gem-3-small" });
    const other = await resolveConfig({ preset });
    const at = (config: object, key: string) =>
      key.split(".").reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], config);
    return Object.fromEntries(
      keys.filter((key) => JSON.stringify(at(card, key)) !== JSON.stringify(at(other, key)))
        .map((key) => [key, at(other, key)]),
    );
  };
  assert.deepEqual(await differences("gem-3-small-replay"), {
    "loss.kind": "legacy-v1",
    "train.padding": "left",
    "train.remainder": "accumulation",
    "train.normalize": "micro_batch",
  });
  assert.deepEqual(await differences("gem-3-small-15k"), {
    "data.validation": 0.1,
    "data.limit": 15000,
    "train.epochs": 3,
  });
  assert.deepEqual(await differences("gem-3-small-40k"), { "data.limit": 40000, "train.epochs": 3 });
});

Deno.test("defaults < command < preset < flags < --set", async () => {
  const command = { data: { validation: 0, limit: 3 }, seed: 1 };
  const sources = { command, preset: "gem-3-mini" };
  assert.equal((await resolveConfig({ command })).data.validation, 0);
  assert.equal((await resolveConfig(sources)).data.limit, 120);
  assert.equal((await resolveConfig({ ...sources, flags: { seed: 7 } })).seed, 7);
  const set = [
    "seed=8",
    "seed=9",
    "train.betas=0.8,0.9",
    "prune.drop=[9,8]",
    "train.clip=none",
    "data.pack=true",
  ];
  const config = await resolveConfig({ ...sources, flags: { seed: 7 }, set });
  assert.equal(config.seed, 9);
  assert.deepEqual(config.train.betas, [0.8, 0.9]);
  assert.deepEqual(config.prune.drop, [9, 8]);
  assert.equal(config.train.clip, null);
  assert.equal(config.data.pack, true);
});

Deno.test("layers stand between preset and flags, the later ones before the earlier", async () => {
  const layers = [
    { source: "the study's settings", content: { train: { lr: 1, epochs: 7 }, seed: 3 } },
    { source: "method KL", content: { "train.lr": 2 } },
  ];
  const { train, seed } = await resolveConfig({ preset: "gem-3-mini", layers, flags: { seed: 7 } });
  assert.deepEqual([train.lr, train.epochs, seed], [2, 7, 7]);
  await refuses(
    { layers: [{ source: "method KL", content: { train: { lr: 0 } } }] },
    "Cannot use train.lr=0 (method KL): it is too small; give more than 0",
  );
});

Deno.test("a preset file may name its $schema", async () => {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(file, JSON.stringify({ $schema: "x", train: { lr: 0.5 } }));
    assert.equal((await resolveConfig({ preset: file })).train.lr, 0.5);
    await Deno.writeTextFile(file, JSON.stringify({ train: { lrr: 0.5 } }));
    await refuses({ preset: file }, `Unknown key "train.lrr" (preset ${file}); did you mean "train.lr"?`);
    await Deno.writeTextFile(file, `{"__proto__": {"lr": 1}}`);
    await refuses(
      { preset: file },
      `Unknown key "__proto__" (preset ${file}); run "lapidary config keys" for the list`,
    );
    await Deno.writeTextFile(file, "[1]");
    await refuses(
      { preset: file },
      `Cannot read preset ${file}: it is not a JSON object; write {"train": {"lr": 1e-4}} or the like`,
    );
    await Deno.writeTextFile(file, "{");
    await assert.rejects(resolveConfig({ preset: file }), (error: Error) => {
      assert.ok(error.message.startsWith(`Cannot read preset ${file}: it is not JSON (`));
      return error instanceof UsageError;
    });
  } finally {
    await Deno.remove(file);
  }
});

const refused: [name: string, sources: ConfigSources, message: string][] = [
  ["unknown preset", { preset: "peble" }, 'Unknown preset "peble"; did you mean "pebble"?'],
  [
    "unknown preset, nothing near",
    { preset: "zzzzzzzz" },
    'Unknown preset "zzzzzzzz"; give pebble, pebble-quick, gem-3-mini, gem-3-small, gem-3-small-replay, gem-3-small-15k, gem-3-small-40k or the path of a .json file',
  ],
  [
    "missing file",
    { preset: "none.json" },
    "Cannot read preset none.json: there is no such file; check the path",
  ],
  ["unknown key", { set: ["train.lrr=1"] }, 'Unknown key "train.lrr" (--set); did you mean "train.lr"?'],
  ["far key", { set: ["zebra=1"] }, 'Unknown key "zebra" (--set); run "lapidary config keys" for the list'],
  [
    "a group",
    { set: ["train=1"] },
    'Cannot set "train" (--set): it is a group; set one of its keys, such as train.order',
  ],
  [
    "no equals sign",
    { set: ["train.lr"] },
    'Cannot read --set train.lr: there is no "="; write it as key=value, such as train.lr=1e-4',
  ],
  [
    "no number",
    { set: ["train.lr=fast"] },
    'Cannot use train.lr=fast (--set): "fast" is not a number; give one, such as 10 or 4e-5',
  ],
  [
    "no JSON list",
    { set: ["prune.drop=[9,"] },
    "Cannot use prune.drop=[9, (--set): it is not a JSON list; write it as [...] or with commas",
  ],
  ["too small", { set: ["train.lr=0"] }, "Cannot use train.lr=0 (--set): it is too small; give more than 0"],
  [
    "below 1",
    { set: ["train.epochs=0"] },
    "Cannot use train.epochs=0 (--set): it is too small; give at least 1",
  ],
  [
    "too large",
    { set: ["data.validation=1"] },
    "Cannot use data.validation=1 (--set): it is too large; give less than 1",
  ],
  [
    "too large, inclusive",
    { set: ["loss.skew=2"] },
    "Cannot use loss.skew=2 (--set): it is too large; give at most 1",
  ],
  [
    "no whole number",
    { set: ["train.epochs=1.5"] },
    "Cannot use train.epochs=1.5 (--set): it must be a whole number; give one",
  ],
  [
    "nullable",
    { set: ["train.max_steps=1.5"] },
    "Cannot use train.max_steps=1.5 (--set): it must be a whole number; give one or null",
  ],
  [
    "wrong type in a flag",
    { flags: { seed: "x" as unknown as number } },
    "Cannot use seed=x (the flags): it must be a number; give one",
  ],
  [
    "choice",
    { set: ["loss.kind=foward_kl"] },
    "Cannot use loss.kind=foward_kl (--set): it is not one of cross_entropy, forward_kl, reverse_kl, skew_kl, " +
    'skew_reverse_kl, jsd, tvd, legacy-v1, legacy-v3; did you mean "forward_kl"?',
  ],
  [
    "far choice",
    { set: ["dtype=int4"] },
    "Cannot use dtype=int4 (--set): it is not one of source, float32, bfloat16, float16; give one of these",
  ],
  [
    "short list",
    { set: ["train.betas=0.9"] },
    "Cannot use train.betas=[0.9] (--set): it has too few entries; give at least 2",
  ],
  [
    "long list",
    { set: ["train.betas=0.9,0.9,0.9"] },
    "Cannot use train.betas=[0.9,0.9,0.9] (--set): it has too many entries; give at most 2",
  ],
  [
    "item of a list",
    { set: ["prune.drop=1,-2"] },
    "Cannot use prune.drop=[1,-2] (--set): each item is too small; give at least 0",
  ],
  ["boolean", { set: ["data.pack=yes"] }, "Cannot use data.pack=yes (--set): it must be a boolean; give one"],
  [
    "no loss",
    { set: ["loss.alpha=0", "loss.beta=0"] },
    "Cannot use loss.alpha=0 (--set): no loss has a weight above 0; raise loss.alpha or loss.beta",
  ],
];

for (const [name, sources, message] of refused) {
  Deno.test(`refuses: ${name}`, () => refuses(sources, message));
}

Deno.test("the JSON schema allows any part of the keys and refuses others", () => {
  const schema = configJsonSchema() as { properties: Record<string, unknown>; additionalProperties: boolean };
  assert.equal(schema.additionalProperties, false);
  assert.ok("train" in schema.properties);
  assert.equal("required" in schema, false);
});

Deno.test("nearest prefers the smaller distance", () => {
  assert.equal(nearest("perplexty", ["importance", "perplexity"]), "perplexity");
  assert.equal(nearest("", ["importance"]), undefined);
});

async function refuses(sources: ConfigSources, message: string) {
  await assert.rejects(resolveConfig(sources), (error: Error) => {
    assert.ok(error instanceof UsageError, `${error.stack}`);
    assert.equal(error.message, message);
    return true;
  });
}

Deno.test("the configuration knows every task, and no other", async () => {
  const names = TASKS.map(({ name }) => name);
  assert.deepEqual((await resolveConfig({ set: [`evaluate.tasks=${names}`] })).evaluate.tasks, names);
  await assert.rejects(resolveConfig({ set: ["evaluate.tasks=piqq"] }), UsageError);
});

Deno.test("the configuration knows every loss, and no other", () => {
  assert.deepEqual((configKeys.get("loss.kind")!.type as { options?: unknown }).options, [...KINDS]);
});

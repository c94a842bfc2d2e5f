/** A checkpoint whose layer types were popped twice on saving: refused, and mended with `--repair`. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { savePretrained } from "../../model/weights/mod.ts";
import { lapidaryShared } from "../support/cli.ts";
import { commandTest, writeRows } from "../support/command.ts";
import { tinyModel } from "../support/tiny_weights.ts";

commandTest("--repair, by every command that opens a model", async (directory) => {
  const { config, tensors } = tinyModel(14),
    model = join(directory, "model"),
    out = join(directory, "mended");
  const layerTypes = config.layerTypes.slice(0, 12).map((_, i) =>
    i === 5 || i === 11 ? "full_attention" : "sliding_attention"
  );
  const broken = { ...config, numHiddenLayers: 12, layerTypes };
  await savePretrained(model, { config: broken, dtype: "bfloat16", tensors });
  const data = await writeRows(join(directory, "rows.jsonl"), [[2, 3, 4]]);
  const explanation =
    `${join(model, "config.json")} says 12 layers and the weights hold 14: layer_types was popped ` +
    "twice on saving. Repaired on the assumption that layers 9, 8, 14, 16 of 18 were dropped, which explains the " +
    "file: full attention at 5, 9, 13";
  const commands: string[][] = [
    ["importance", "--model", model, "--data", data],
    ["perplexity", "--model", model, "--data", data],
    ["generate", "--model", model, "--input-ids", "2,3", "--max-new-tokens", "1"],
    [
      "train",
      "--student",
      model,
      "--data",
      data,
      "--out",
      join(directory, "healed"),
      "--set",
      "loss.kind=cross_entropy",
    ],
    ["prune", "--model", model, "--drop", "0", "--out", out],
  ];
  for (const command of commands) {
    assert.equal((await lapidaryShared(...command)).code, 1, command[0]);
    const { code, err } = await lapidaryShared(...command, "--repair");
    assert.equal(code, 0, err);
    assert.deepEqual(JSON.parse(err.split("\n")[0]!), { note: explanation });
  }
  const mended = JSON.parse(await Deno.readTextFile(join(out, "config.json")));
  assert.deepEqual(
    mended.layer_types.flatMap((type: string, i: number) => type === "full_attention" ? [i] : []),
    [4, 8, 12],
  );
});

/**
 * Writes what `tests/golden/pebble_teacher.py` trains: a line of JSON with the recipe of `train/pretrain.ts`, then the ids
 * of every row as little-endian uint16.
 *
 *     deno run --allow-read tests/train/pebble_recipe.ts SEED STEPS [BLOCKS MLP]
 */
import { configToJson, layerTypesByPattern } from "../../model/config/mod.ts";
import { loadTokenizer } from "../../model/tokenizer/mod.ts";
import { PEBBLE_TOKENIZER } from "../../train/data/mod.ts";
import { growthStarts, pebbleConfig, PRETRAIN, pretrainRate, pretrainRows } from "../../train/pretrain.ts";

const [seed, steps, ...given] = Deno.args.map(Number) as [number, number, ...number[]];
const tokenizer = await loadTokenizer(PEBBLE_TOKENIZER);
const shipped = pebbleConfig(tokenizer.vocabSize);
const [numHiddenLayers = shipped.numHiddenLayers, intermediateSize = shipped.intermediateSize] = given;
const layerTypes = layerTypesByPattern(numHiddenLayers);
const config = { ...shipped, numHiddenLayers, intermediateSize, layerTypes };
const recipe = {
  ...PRETRAIN,
  config: configToJson(config),
  starts: Object.fromEntries(growthStarts(config, PRETRAIN.growth)),
  rates: Array.from({ length: steps }, (_, step) => pretrainRate(step + 1, steps)),
};
const out = Deno.stdout.writable.getWriter();
await out.write(new TextEncoder().encode(`${JSON.stringify(recipe)}\n`));
const rows = pretrainRows(seed, (text) => tokenizer.encode(text, { special: false }));
for (let step = 0; step < steps; step++) {
  const ids = Array.from({ length: PRETRAIN.rows }, () => [...rows.next().value]).flat();
  await out.write(new Uint8Array(Uint16Array.from(ids).buffer));
}
await out.close();

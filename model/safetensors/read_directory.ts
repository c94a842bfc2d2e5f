import { join } from "node:path";
import * as z from "zod";
import { DataError } from "../../engine/mod.ts";
import { isFile, readJson, WEIGHTS, WEIGHTS_INDEX, type WeightSource } from "../files/mod.ts";
import { openSafetensors } from "./read.ts";

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/**
 * Opens the weights of a model directory: model.safetensors, or the shards that model.safetensors.index.json lists.
 *
 * @throws {DataError} when neither is there, a file is malformed, or index and shards disagree.
 */
export async function openSafetensorsDirectory(directory: string): Promise<WeightSource> {
  const single = join(directory, WEIGHTS);
  const index = join(directory, WEIGHTS_INDEX);
  if (await isFile(single)) return await openSafetensors(single);
  if (await isFile(index)) return await openShards(directory, index);
  throw new DataError(
    `Cannot read the weights of ${directory}: it has no ${WEIGHTS} and no ${WEIGHTS_INDEX}; ` +
      `give the directory of a model saved as safetensors`,
    { path: directory },
  );
}

async function openShards(directory: string, index: string): Promise<WeightSource> {
  const refuse = (reason: string) =>
    new DataError(`Cannot read ${index}: ${reason}; fetch or export the model again`, { path: index });
  const parsed = indexSchema.safeParse(await readJson(index));
  if (!parsed.success) throw refuse("it has no weight_map of tensor names to file names");
  const weightMap = new Map(Object.entries(parsed.data.weight_map));
  const shards = new Map<string, WeightSource>();
  const close = () => shards.forEach((shard) => shard.close());
  try {
    for (const file of new Set(weightMap.values())) {
      // A name with a path in it could reach any file of the machine.
      if (/[/\\]/.test(file) || !file.endsWith(".safetensors")) {
        throw refuse(`"${file}" is not the name of a safetensors file beside it`);
      }
      shards.set(file, await openSafetensors(join(directory, file)));
    }
    for (const [file, shard] of shards) {
      const stray = shard.names().find((name) => weightMap.get(name) !== file);
      if (stray !== undefined) {
        throw refuse(`${file} holds tensor "${stray}", which the index does not place there`);
      }
    }
    for (const [name, file] of weightMap) {
      if (!shards.get(file)!.names().includes(name)) throw refuse(`${file} does not hold tensor "${name}"`);
    }
  } catch (error) {
    close();
    throw error;
  }
  const shardOf = (name: string): WeightSource => {
    const shard = shards.get(weightMap.get(name) ?? "");
    if (shard === undefined) throw refuse(`it lists no tensor "${name}"`);
    return shard;
  };
  return {
    names: () => [...weightMap.keys()],
    info: (name) => shardOf(name).info(name),
    readF32: async (name) => await shardOf(name).readF32(name),
    close,
  };
}

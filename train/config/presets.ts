/** Presets: configurations that ship with Lapidary, and preset files of one's own. */
import { didYouMean, UsageError } from "../../engine/mod.ts";
import gem3Mini from "../presets/gem-3-mini.json" with { type: "json" };
import gem3Small15k from "../presets/gem-3-small-15k.json" with { type: "json" };
import gem3Small40k from "../presets/gem-3-small-40k.json" with { type: "json" };
import gem3SmallReplay from "../presets/gem-3-small-replay.json" with { type: "json" };
import gem3Small from "../presets/gem-3-small.json" with { type: "json" };
import pebbleQuick from "../presets/pebble-quick.json" with { type: "json" };
import pebble from "../presets/pebble.json" with { type: "json" };

type Preset = Readonly<Record<string, unknown>>;

/** A preset that says only in what it differs from another. */
function changed(base: Preset, changes: Preset): Preset {
  const groups = Object.entries(changes).map((
    [group, keys],
  ) => [group, { ...Object(base[group]), ...Object(keys) }]);
  return { ...base, ...Object.fromEntries(groups) };
}

/** The built-in presets by name. */
export const presets: Readonly<Record<string, Preset>> = {
  "pebble": pebble,
  "pebble-quick": pebbleQuick,
  "gem-3-mini": gem3Mini,
  "gem-3-small": gem3Small,
  "gem-3-small-replay": changed(gem3Small, gem3SmallReplay),
  "gem-3-small-15k": changed(gem3Small, gem3Small15k),
  "gem-3-small-40k": changed(gem3Small, gem3Small40k),
};

/**
 * The content of a preset: built in by name, or read from a JSON file (a name that ends in `.json`).
 *
 * @throws UsageError for an unknown name, a file that cannot be read, or one that is not a JSON object
 */
export async function readPreset(nameOrFile: string): Promise<Record<string, unknown>> {
  if (!nameOrFile.endsWith(".json")) {
    if (Object.hasOwn(presets, nameOrFile)) return { ...presets[nameOrFile] };
    const names = Object.keys(presets);
    const hint = didYouMean(nameOrFile, names, `give ${names.join(", ")} or the path of a .json file`);
    throw new UsageError(`Unknown preset "${nameOrFile}"${hint}`);
  }
  return parseObject(await readFile(nameOrFile), nameOrFile);
}

async function readFile(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new UsageError(`Cannot read preset ${file}: there is no such file; check the path`);
    }
    throw new UsageError(
      `Cannot read preset ${file}: ${(error as Error).message}; check that it is a readable file`,
    );
  }
}

function parseObject(text: string, file: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new UsageError(
      `Cannot read preset ${file}: it is not JSON (${(error as Error).message}); correct it there`,
    );
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new UsageError(
      `Cannot read preset ${file}: it is not a JSON object; write {"train": {"lr": 1e-4}} or the like`,
    );
  }
  return content as Record<string, unknown>;
}

/** Where a repository keeps the rows of a split. */
import { DataError, didYouMean } from "../../engine/mod.ts";

/** `CONFIGURATION/SPLIT-00000-of-00043.parquet`, alone or below `data/`, as `datasets` pushes it. */
const PUSHED =
  /^(?:data\/)?(?:(?<configuration>[^/]+)\/)?(?<split>[^/]+?)-\d{5}-of-(?<of>\d{5})(?:-[0-9a-f]+)?\.parquet$/;
/** `CONFIGURATION/SPLIT/0000.parquet`, as the hub converts data sets; "partial-" where it stops after 5 GB. */
const CONVERTED = /^(?<configuration>[^/]+)\/(?:partial-)?(?<split>[^/]+)\/\d+\.parquet$/;

/** The revision that the hub converts every public data set to. */
export const CONVERTED_REVISION = "refs/convert/parquet";

interface Shard {
  readonly path: string;
  readonly configuration: string | null;
  readonly split: string;
}

function shardsAmong(paths: readonly string[]): Shard[] {
  return paths.toSorted().flatMap((path) => {
    const { groups } = CONVERTED.exec(path) ?? PUSHED.exec(path) ?? {};
    return groups ? [{ path, configuration: groups.configuration ?? null, split: groups.split! }] : [];
  });
}

/**
 * The files of a configuration's split, in order; none where the repository has no such files.
 *
 * @param configuration null takes the only one that there is, whatever its name
 */
export function splitFiles(paths: readonly string[], configuration: string | null, split: string): string[] {
  const shards = shardsAmong(paths).filter((shard) => shard.split === split);
  const names = new Set(shards.map((shard) => shard.configuration));
  const only = names.size === 1 ? [...names][0]! : null;
  // A set with one part has it under any name, or none: whoever converted it chose.
  const wanted = names.has(configuration) ? configuration : configuration === null ? only : undefined;
  return shards.filter((shard) => shard.configuration === wanted).map(({ path }) => path);
}

/** The error for a configuration or split that is not there, with what is. */
export function noSuchPart(
  repo: string,
  paths: readonly string[],
  configuration: string | null,
  split: string,
): DataError {
  const shards = shardsAmong(paths);
  const names = [...new Set(shards.flatMap((shard) => shard.configuration ?? []))];
  if (shards.length === 0) {
    return new DataError(
      `Cannot read ${repo}: it has no Parquet files, nor has the hub converted it; name another data set`,
    );
  }
  if (configuration === null && names.length > 1) {
    return new DataError(
      `Cannot read ${repo}: it has several configurations, ${names.join(", ")}; name one, as ${repo}:${
        names[0]
      }`,
    );
  }
  if (configuration !== null && !names.includes(configuration)) {
    return new DataError(
      `Cannot read the configuration ${configuration} of ${repo}: it has ${names.join(", ") || "none"}${
        didYouMean(configuration, names, "name one of these, or none")
      }`,
    );
  }
  const splits = [...new Set(shards.map((shard) => shard.split))];
  return new DataError(
    `Cannot read the split ${split} of ${repo}: it has ${splits.join(", ")}; name another data set`,
  );
}

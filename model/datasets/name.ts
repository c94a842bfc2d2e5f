import { UsageError } from "../../engine/mod.ts";
import { isRepoName, parseRepo, type Repo, repoName } from "../hub/mod.ts";
import { KNOWN_SETS } from "./known.ts";

/** A data set as it is named. */
export interface DatasetName {
  readonly repo: Repo;
  /** Parts of it, read one after another; null is the only one of a set that has no parts. */
  readonly configurations: readonly (string | null)[];
}

/** A configuration's name is a directory of the repository and a file name in the cache. */
const CONFIGURATION = /^[A-Za-z0-9_][\w.-]{0,95}$/;

/**
 * Whether a text can only be the name of a data set on the hub. A path on this machine may look the same: whoever takes both
 * looks there first.
 */
export const isDatasetName = (text: string): boolean => isRepoName(text.split(":")[0]!);

/**
 * A data set from its name.
 *
 * @throws {UsageError} for a name that the hub does not allow
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseDatasetName } from "./name.ts";
 *
 * const { repo, configurations } = parseDatasetName("HuggingFaceTB/cosmopedia@main:stories+wikihow");
 * assert.equal(repo.id, "HuggingFaceTB/cosmopedia");
 * assert.deepEqual(configurations, ["stories", "wikihow"]);
 * assert.equal(parseDatasetName("HuggingFaceTB/cosmopedia").configurations.length, 4);
 * ```
 */
export function parseDatasetName(text: string): DatasetName {
  const at = text.indexOf(":"), repo = parseRepo(at < 0 ? text : text.slice(0, at), "dataset");
  if (at < 0) return { repo, configurations: KNOWN_SETS[repo.id]?.configurations ?? [null] };
  const configurations = text.slice(at + 1).split("+");
  const bad = configurations.find((name, i) =>
    !CONFIGURATION.test(name) || name.includes("..") || configurations.indexOf(name) !== i
  );
  if (bad === undefined) return { repo, configurations };
  throw new UsageError(
    `Cannot use ${
      JSON.stringify(bad)
    } as a configuration of ${repo.id}; name each once, with + between, such as ` +
      "HuggingFaceTB/cosmopedia:stories+wikihow",
  );
}

/** The name of one configuration, for messages and results: `HuggingFaceTB/cosmopedia:stories`. */
export function partName({ repo, configuration }: { repo: Repo; configuration: string | null }): string {
  return configuration === null ? repoName(repo) : `${repoName(repo)}:${configuration}`;
}

/**
 * So many rows in equal shares, the first parts one more where they do not divide.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { shares } from "./name.ts";
 *
 * assert.deepEqual(shares(2000, 4), [500, 500, 500, 500]);
 * assert.deepEqual(shares(6, 4), [2, 2, 1, 1]);
 * ```
 */
export function shares(rows: number, parts: number): number[] {
  return Array.from({ length: parts }, (_, i) => Math.floor(rows / parts) + (i < rows % parts ? 1 : 0));
}

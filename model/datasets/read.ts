import { DataError } from "../../engine/mod.ts";
import { HubError, type HubSettings, openRanged, readRevision, type Repo } from "../hub/mod.ts";
import { openParquet, type ParquetRow } from "../parquet/mod.ts";
import { keepRows, type Kept, keptPath, keptRows } from "./kept.ts";
import { CONVERTED_REVISION, noSuchPart, splitFiles } from "./layout.ts";
import { partName } from "./name.ts";

/** A row as an object of its columns. */
export type DatasetRow = ParquetRow;

/** The way to data sets. */
export interface DatasetAccess {
  /** Asked for only where the rows are not kept. */
  readonly settings: () => Promise<HubSettings>;
  /** Where rows are kept; undefined keeps none. */
  readonly directory: () => string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly note: (text: string) => void;
  /** Hears how many rows of a part are there, and how many are wanted. */
  readonly onRows?: (part: string, done: number, total: number) => void;
}

/** What is read of a data set. */
export interface DatasetPart {
  readonly repo: Repo;
  /** Null takes the only configuration that there is. */
  readonly configuration: string | null;
  readonly split: string;
  /** Null takes all. */
  readonly columns: readonly string[] | null;
  /** Rows from the start; null takes all. */
  readonly limit: number | null;
  /** The setting that lowers `limit`, for messages. */
  readonly limitKey: string;
}

/** Rows of a part, with where they came from. */
export interface DatasetRows {
  /** Such as "HuggingFaceTB/cosmopedia:stories". */
  readonly name: string;
  readonly commit: string;
  readonly rows: readonly DatasetRow[];
}

/**
 * The first rows of a data set's configuration: those that are kept, else read from the hub by parts of its files and kept.
 *
 * @throws {HubError} where the hub refuses or cannot be reached, and offline where the rows are not kept
 * @throws {DataError} for a configuration, split or column that is not there, damaged files, and too few rows
 */
export async function datasetRows(access: DatasetAccess, part: DatasetPart): Promise<DatasetRows> {
  const directory = access.directory(), { note } = access, { limit, limitKey } = part, name = partName(part);
  const path = directory === undefined ? undefined : keptPath(directory, part);
  const found = path && await keptRows(path, note);
  const suffices = found && (found.header.complete || (limit !== null && found.header.rows >= limit));
  const { header, rows } = suffices ? found : await fetchRows(access, part, path);
  if (rows.length === 0) {
    throw new DataError(`Cannot use ${name}: its split ${part.split} has no row; name another`);
  }
  if (limit !== null && rows.length < limit) {
    throw new DataError(
      `Cannot take ${limit} rows of ${name}: its split ${part.split} has ${rows.length}; lower ${limitKey}`,
    );
  }
  return { name, commit: header.commit, rows: rows.slice(0, limit ?? undefined) };
}

async function fetchRows(access: DatasetAccess, part: DatasetPart, path: string | undefined): Promise<Kept> {
  const { repo, configuration, split, columns, limit } = part, name = partName(part);
  const settings = await access.settings();
  if (settings.offline) {
    throw new HubError(
      `Cannot find the rows of ${name} in ${path ?? "any cache"} and HF_HUB_OFFLINE forbids to fetch them; ` +
        "unset HF_HUB_OFFLINE for one run, or set LAPIDARY_CACHE to the cache that has them",
    );
  }
  const { commit, revision, files } = await findFiles(settings, part, access.signal);
  access.note(`${name} is taken at commit ${commit}`);
  const rows: DatasetRow[] = [], read: string[] = [];
  let left = 0;
  for (const file of files) {
    if (limit !== null && rows.length >= limit) {
      left++;
      continue;
    }
    using ranged = await openRanged(settings, { ...repo, revision: commit }, file, { signal: access.signal });
    const { byteLength } = ranged;
    const source = { path: `${file} of ${repo.id}`, byteLength, slice: ranged.slice.bind(ranged) };
    const table = await openParquet(source), wanted = limit === null ? table.rows : limit - rows.length;
    const total = limit ?? rows.length + table.rows;
    for await (const group of table.groups({ ...columns && { columns }, limit: wanted })) {
      group.forEach((row, i) => requireText(row, `${source.path}: row ${rows.length + i + 1}`));
      rows.push(...group);
      access.onRows?.(name, rows.length, total);
    }
    if (table.rows > wanted) left++;
    read.push(file);
  }
  const origin = {
    ...{ repo: repo.id, revision: repo.revision, read_from: revision, commit, configuration, split },
    ...{ columns: columns && [...columns], files: read, complete: left === 0 },
  };
  return path === undefined
    ? { header: { ...origin, rows: rows.length, sha256: "" }, rows }
    : await keepRows(path, origin, rows);
}

/** Rows are kept as JSON, which has no bytes. */
function requireText(value: unknown, place: string): void {
  if (value instanceof Uint8Array) {
    throw new DataError(`Cannot use ${place} has a text that is not UTF-8; name another data set`);
  }
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach((part) => requireText(part, place));
  }
}

/** The files of a split and the commit that they are read at: the owner's, else those that the hub converted. */
async function findFiles(
  settings: HubSettings,
  { repo, configuration, split }: DatasetPart,
  signal: AbortSignal | undefined,
): Promise<{ commit: string; revision: string; files: string[] }> {
  const own = await readRevision(settings, repo, signal), files = splitFiles(own.paths, configuration, split);
  if (files.length > 0) return { commit: own.commit, revision: repo.revision, files };
  const missing = (paths: readonly string[]) => noSuchPart(repo.id, paths, configuration, split);
  if (repo.revision !== "main") throw missing(own.paths);
  const converted = await readRevision(settings, { ...repo, revision: CONVERTED_REVISION }, signal)
    .catch((error: unknown) => {
      if (error instanceof HubError && error.fault.status === 404) throw missing(own.paths);
      throw error;
    });
  const others = splitFiles(converted.paths, configuration, split);
  if (others.length === 0) throw missing([...own.paths, ...converted.paths]);
  return { commit: converted.commit, revision: CONVERTED_REVISION, files: others };
}

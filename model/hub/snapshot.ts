import { join } from "node:path";
import { isFile, readJson, TOKENIZER_FILES, WEIGHTS, WEIGHTS_INDEX } from "../files/mod.ts";
import { blobPath, cachedCommit, type HubFile, rememberCommit, snapshotDirectory } from "./cache.ts";
import { type DownloadOptions, fetchFile, type HubProgress, notCached } from "./download.ts";
import { HubError } from "./errors.ts";
import { listFiles, readRevision } from "./listing.ts";
import { isCommit, type Repo, repoName } from "./repo.ts";
import type { HubSettings } from "./settings.ts";

/** What of a repository is needed: a whole model, or its tokenizer alone. */
export type SnapshotKind = "model" | "tokenizer";

/** The files of a revision that are needed. */
export interface SnapshotPlan {
  readonly commit: string;
  readonly files: readonly HubFile[];
  /** Bytes that are not in the cache yet. */
  readonly missing: number;
}

/** Files of the hub in one directory. */
export interface Snapshot {
  /** A directory as `transformers` saves it. */
  readonly directory: string;
  /** The commit that the revision stood for; to be recorded. */
  readonly commit: string;
}

/** How a snapshot is taken. */
export interface SnapshotOptions extends DownloadOptions {
  readonly kind?: SnapshotKind;
  /** Hears of the bytes of all files together. */
  readonly onProgress?: ((progress: HubProgress) => void) | undefined;
  /** Hears that the hub could not be reached and the cache stands in. */
  readonly note?: ((text: string) => void) | undefined;
}

const OF_KIND: Record<SnapshotKind, readonly string[]> = {
  model: ["config.json", "generation_config.json", ...TOKENIZER_FILES, "README.md"],
  tokenizer: ["config.json", ...TOKENIZER_FILES],
};
const SHARD = /^model-\d+-of-\d+\.safetensors$/;

/**
 * Which files of a repository are needed, and how many bytes are still to be fetched; nothing is fetched.
 *
 * @throws {HubError} where it is no model (or tokenizer) that can be read here, and as `listFiles`
 */
export async function planSnapshot(
  settings: HubSettings,
  repo: Repo,
  { kind = "model", signal }: SnapshotOptions = {},
): Promise<SnapshotPlan> {
  const { commit } = await readRevision(settings, repo, signal);
  const all = await listFiles(settings, { ...repo, revision: commit }, { signal });
  const has = new Set(all.map(({ path }) => path));
  const lacks = (what: string, cure: string) =>
    new HubError(`Cannot use ${repoName(repo)} as a ${kind}: it has no ${what}; ${cure}`);
  const needed = new Set<string>(OF_KIND[kind]);
  if (kind === "tokenizer" && !has.has("tokenizer.json")) {
    throw lacks("tokenizer.json", "name a repository that has one");
  }
  if (kind === "model") {
    if (!has.has("config.json")) throw lacks("config.json", "name the repository of a model");
    if (!has.has(WEIGHTS) && !has.has(WEIGHTS_INDEX)) {
      throw lacks(`${WEIGHTS} and no ${WEIGHTS_INDEX}`, "name one with weights as safetensors");
    }
    if (has.has(WEIGHTS)) needed.add(WEIGHTS);
    else [WEIGHTS_INDEX, ...[...has].filter((path) => SHARD.test(path))].forEach((path) => needed.add(path));
  }
  const files = all.filter(({ path }) => needed.has(path));
  const absent = await Promise.all(
    files.map(async (file) => await isFile(blobPath(settings.cache, repo, file)) ? 0 : file.size),
  );
  return { commit, files, missing: absent.reduce((sum, size) => sum + size, 0) };
}

/**
 * The files of a model (or tokenizer) in a directory of the cache. Nothing is sent where a commit is named and the cache
 * has it, or in offline mode; where the hub cannot be reached, the cache stands in and `note` hears of it.
 *
 * @throws {HubError} as {@linkcode planSnapshot} and `downloadFile`, and offline where the cache lacks a file
 */
export async function snapshot(
  settings: HubSettings,
  repo: Repo,
  options: SnapshotOptions = {},
): Promise<Snapshot> {
  const { kind = "model", note } = options;
  if (settings.offline) {
    const { found, lacking } = await cachedSnapshot(settings, repo, kind);
    if (found) return found;
    throw notCached(settings, repo, lacking);
  }
  if (isCommit(repo.revision)) {
    const { found } = await cachedSnapshot(settings, repo, kind);
    if (found && await isFile(join(found.directory, "tokenizer.json"))) return found;
  }
  try {
    const { commit, files } = await planSnapshot(settings, repo, options);
    const total = files.reduce((sum, { size }) => sum + size, 0);
    let before = 0;
    for (const file of files) {
      await fetchFile(settings, { ...repo, revision: commit }, file, {
        signal: options.signal,
        onProgress: ({ path, done }) => options.onProgress?.({ path, done: before + done, total }),
      });
      before += file.size;
    }
    // Last, so that offline mode finds under a branch only what is complete.
    await rememberCommit(settings.cache, repo, commit);
    return { directory: snapshotDirectory(settings.cache, repo, commit), commit };
  } catch (error) {
    if (!(error instanceof HubError) || !error.fault.unreachable) throw error;
    const { found } = await cachedSnapshot(settings, repo, kind);
    if (!found) throw error;
    note?.(`${error.message}. Taking commit ${found.commit} of ${repo.id} from the cache`);
    return found;
  }
}

/** What the cache has of a revision, or the first file that it lacks. */
async function cachedSnapshot(
  { cache }: HubSettings,
  repo: Repo,
  kind: SnapshotKind,
): Promise<{ found?: Snapshot; lacking: string }> {
  const commit = await cachedCommit(cache, repo), first = kind === "model" ? "config.json" : "tokenizer.json";
  if (commit === undefined) return { lacking: first };
  const directory = snapshotDirectory(cache, repo, commit);
  const needed = kind === "model" ? [first, ...await weightFiles(directory)] : [first];
  for (const path of needed) if (!await isFile(join(directory, path))) return { lacking: path };
  return { found: { directory, commit }, lacking: "" };
}

/** The single file, or the index and the shards that it names. */
async function weightFiles(directory: string): Promise<string[]> {
  const index = join(directory, WEIGHTS_INDEX);
  if (await isFile(join(directory, WEIGHTS)) || !await isFile(index)) return [WEIGHTS];
  const { weight_map } = Object(await readJson(index)) as { weight_map?: Record<string, unknown> };
  return [WEIGHTS_INDEX, ...new Set(Object.values(Object(weight_map)).map(String))];
}

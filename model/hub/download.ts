import { dirname } from "node:path";
import { ioError, isFile, makeDirectory, moveFile } from "../files/mod.ts";
import {
  blobPath,
  cachedCommit,
  type HubFile,
  linkFile,
  lockPath,
  rememberCommit,
  snapshotPath,
} from "./cache.ts";
import { HubError } from "./errors.ts";
import { withLock } from "./lock.ts";
import { fileMetadata } from "./metadata.ts";
import { isCommit, type Repo, repoName } from "./repo.ts";
import type { HubSettings } from "./settings.ts";
import { transfer } from "./transfer.ts";
import { holdsContent } from "./verify.ts";

/** How far a download is. */
export interface HubProgress {
  readonly path: string;
  /** Bytes that are there, and bytes of the file. */
  readonly done: number;
  readonly total: number;
}

/** How files are fetched. */
export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: HubProgress) => void) | undefined;
}

/** A file in the cache. */
export interface CachedFile {
  /** Its path on this machine. */
  readonly path: string;
  /** Commit that it belongs to; to be recorded. */
  readonly commit: string;
}

/**
 * A file of the cache for a revision, without a request; undefined where it is not there.
 *
 * @throws {DataError} for a name that would leave the cache
 */
export async function cachedFile(
  { cache }: HubSettings,
  repo: Repo,
  path: string,
): Promise<CachedFile | undefined> {
  const commit = await cachedCommit(cache, repo);
  if (commit === undefined) return undefined;
  const found = snapshotPath(cache, repo, commit, path);
  return await isFile(found) ? { path: found, commit } : undefined;
}

/**
 * A file of the hub, from the cache or fetched into it: resumed where an earlier attempt ended, its size and hash
 * verified before it has its name.
 *
 * @throws {HubError} where the hub refuses or cannot be reached; {DataError} where the disk refuses
 */
export async function downloadFile(
  settings: HubSettings,
  repo: Repo,
  path: string,
  options: DownloadOptions = {},
): Promise<CachedFile> {
  const cached = settings.offline || isCommit(repo.revision)
    ? await cachedFile(settings, repo, path)
    : undefined;
  if (cached) return cached;
  if (settings.offline) throw notCached(settings, repo, path);
  const { commit, ...file } = await fileMetadata(settings, repo, path, options.signal);
  await rememberCommit(settings.cache, repo, commit);
  return { path: await fetchFile(settings, { ...repo, revision: commit }, file, options), commit };
}

/** The error for a file that offline mode cannot have. */
export function notCached({ cache }: HubSettings, repo: Repo, path: string): HubError {
  return new HubError(
    `Cannot find ${path} of ${repoName(repo)} in ${cache} and HF_HUB_OFFLINE forbids to fetch it; ` +
      "unset HF_HUB_OFFLINE, or set HF_HOME to the cache that has it",
  );
}

/**
 * Fetches a file whose metadata are known; `repo.revision` is the commit. What has the right size in the cache is kept.
 *
 * @returns its path on this machine
 */
export async function fetchFile(
  settings: HubSettings,
  repo: Repo,
  file: HubFile,
  { signal, onProgress }: DownloadOptions = {},
): Promise<string> {
  const { cache } = settings, { path, size } = file, blob = blobPath(cache, repo, file);
  let told = -1;
  const tell = (done: number) => {
    if (done !== told) onProgress?.({ path, done: told = done, total: size });
  };
  snapshotPath(cache, repo, repo.revision, path); // The name is checked before anything is sent for.
  await makeDirectory(dirname(blob));
  if (await sizeOf(blob) !== size) {
    await withLock(lockPath(cache, repo, file), signal, async () => {
      if (await sizeOf(blob) !== size) await fetchBlob(settings, repo, { file, blob, signal, tell });
    });
  }
  tell(size);
  return await linkFile(cache, repo, repo.revision, file);
}

async function fetchBlob(
  settings: HubSettings,
  repo: Repo,
  { file, blob, signal, tell }: {
    file: HubFile;
    blob: string;
    signal: AbortSignal | undefined;
    tell: (done: number) => void;
  },
): Promise<void> {
  const incomplete = `${blob}.incomplete`, purpose = `download ${file.path} of ${repo.id}`;
  try {
    // What was gathered may be damaged, or be another's: a wrong whole is fetched once more from the beginning.
    for (let times = 1; times <= 2; times++) {
      await transfer(settings, repo, { file, incomplete, purpose, signal, onBytes: tell });
      if (await holdsContent(incomplete, file)) return await moveFile(incomplete, blob);
      await Deno.remove(incomplete);
    }
  } catch (error) {
    throw error instanceof Error && "code" in error ? ioError("write", incomplete, error) : error;
  }
  throw new HubError(
    `Cannot ${purpose}: twice the content was not what its hash ${file.etag} says, and it was thrown away; ` +
      "check HF_ENDPOINT and the proxy, and run again",
  );
}

/** Bytes of a file; undefined where it is not there. */
async function sizeOf(path: string): Promise<number | undefined> {
  return await Deno.stat(path).then(({ size }) => size, () => undefined);
}

import { dirname, join, relative } from "node:path";
import {
  forget,
  ioError,
  isFile,
  makeDirectory,
  moveFile,
  readText,
  temporaryBeside,
  writeFileAtomic,
} from "../files/mod.ts";
import { checkFileName, isCommit, type Repo } from "./repo.ts";

/** A file of the hub as its metadata describe it. */
export interface HubFile {
  /** Path in the repository, with slashes. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of the content (64 digits) for a large file, SHA-1 of the git blob (40 digits) for the others. */
  readonly etag: string;
}

/** Directory of a repository in the cache, as `huggingface_hub` names it: `models--google--gemma-3-270m`. */
export function repoDirectory(cache: string, { type, id }: Repo): string {
  return join(cache, folder(type, id));
}

const folder = (type: string, id: string) => [`${type}s`, ...id.split("/")].join("--");

/** Directory of a commit's files. */
export function snapshotDirectory(cache: string, repo: Repo, commit: string): string {
  return join(repoDirectory(cache, repo), "snapshots", commit);
}

/** Where a file of a commit stands, or would. @throws {DataError} for a name that would leave the cache */
export function snapshotPath(cache: string, repo: Repo, commit: string, path: string): string {
  return join(snapshotDirectory(cache, repo, commit), ...checkFileName(path, repo).split("/"));
}

/** Where a content stands, whatever file names lead to it. */
export function blobPath(cache: string, repo: Repo, { etag }: HubFile): string {
  return join(repoDirectory(cache, repo), "blobs", etag);
}

/** The lock of a content's download. */
export function lockPath(cache: string, { type, id }: Repo, { etag }: HubFile): string {
  return join(cache, ".locks", folder(type, id), `${etag}.lock`);
}

/** The commit that the cache has for a revision; undefined where it knows none. */
export async function cachedCommit(cache: string, repo: Repo): Promise<string | undefined> {
  if (isCommit(repo.revision)) return repo.revision;
  const path = refPath(cache, repo);
  const commit = await isFile(path) ? (await readText(path)).trim() : "";
  return isCommit(commit) ? commit : undefined;
}

const refPath = (cache: string, repo: Repo) =>
  join(repoDirectory(cache, repo), "refs", ...repo.revision.split("/"));

/** Notes which commit a branch or tag stood for, so that it is found offline. */
export async function rememberCommit(cache: string, repo: Repo, commit: string): Promise<void> {
  if (repo.revision === commit || await cachedCommit(cache, repo) === commit) return;
  const path = refPath(cache, repo);
  await makeDirectory(dirname(path));
  await writeFileAtomic(path, commit);
}

/** Makes a commit's file name lead to a content, by a relative link that survives moving the cache. */
export async function linkFile(cache: string, repo: Repo, commit: string, file: HubFile): Promise<string> {
  const path = snapshotPath(cache, repo, commit, file.path), blob = blobPath(cache, repo, file);
  await makeDirectory(dirname(path));
  const target = relative(dirname(path), blob);
  if (await Deno.readLink(path).catch(() => undefined) === target) return path;
  // A link is made beside and moved over what stood there, so that no reader finds nothing.
  const temporary = temporaryBeside(path);
  try {
    await Deno.symlink(target, temporary);
    await moveFile(temporary, path);
  } catch (error) {
    throw ioError("write", path, error);
  } finally {
    forget(temporary);
  }
  return path;
}

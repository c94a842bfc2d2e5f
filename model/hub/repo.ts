import { DataError, UsageError } from "../../engine/mod.ts";

/** What a repository of the hub holds. */
export type RepoType = "model" | "dataset";

/** A repository at a revision. */
export interface Repo {
  readonly type: RepoType;
  /** "OWNER/NAME", or "NAME" alone for old repositories. */
  readonly id: string;
  /** Branch, tag, `refs/pr/N` or commit. */
  readonly revision: string;
}

const PART = /^[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_])?$/;

/** Whether a text is the id of a repository, by the rules of the hub. */
function isRepoId(id: string): boolean {
  const parts = id.split("/");
  return parts.length <= 2 && parts.every((part) => part.length <= 96 && PART.test(part)) &&
    !/--|\.\./.test(id) && !id.endsWith(".git");
}

/**
 * Whether a text can only be OWNER/NAME or OWNER/NAME@REVISION on the hub. A path on this machine may look the same:
 * whoever takes both looks there first.
 */
export function isRepoName(text: string): boolean {
  const [id = "", ...revision] = text.split("@");
  return id.includes("/") && isRepoId(id) && (revision.length === 0 || isRevision(revision.join("@")));
}

/**
 * A repository from its name.
 *
 * @throws {UsageError} for a name or revision that the hub does not allow
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseRepo } from "./repo.ts";
 *
 * const repo = parseRepo("google/gemma-3-270m@v1", "model");
 * assert.deepEqual(repo, { type: "model", id: "google/gemma-3-270m", revision: "v1" });
 * assert.equal(parseRepo("google/gemma-3-270m").revision, "main");
 * ```
 */
export function parseRepo(text: string, type: RepoType = "model"): Repo {
  const at = text.indexOf("@");
  const id = at < 0 ? text : text.slice(0, at), revision = at < 0 ? "main" : text.slice(at + 1);
  if (!isRepoId(id)) {
    throw new UsageError(
      `Cannot use ${JSON.stringify(id)} as the name of a ${type} on the hub; give OWNER/NAME, such as ${
        type === "model" ? "google/gemma-3-270m" : "HuggingFaceTB/cosmopedia"
      }`,
    );
  }
  if (!isRevision(revision)) {
    throw new UsageError(
      `Cannot use ${JSON.stringify(revision)} as a revision of ${id}; give a branch, a tag or a commit`,
    );
  }
  return { type, id, revision };
}

/** The name as it is written: OWNER/NAME, with @REVISION where that is not main. */
export function repoName({ id, revision }: Repo): string {
  return revision === "main" ? id : `${id}@${revision}`;
}

/** Whether a revision is a whole commit, which always means the same files. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/** A revision becomes a path below refs/: git allows more than is safe there. */
function isRevision(text: string): boolean {
  return isSafePath(text) && !/[\s~^:?*[@]/.test(text);
}

/** Whether a path with slashes stays below the directory that it is joined to, on every system. */
function isSafePath(path: string): boolean {
  // deno-lint-ignore no-control-regex
  if (path === "" || /[\\\x00-\x1f\x7f]|^[A-Za-z]:/.test(path)) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** Checks a file name that a server sent or a person gave. @throws {DataError} where it would leave its directory */
export function checkFileName(path: string, repo: Repo): string {
  if (isSafePath(path)) return path;
  throw new DataError(
    `Cannot use file ${JSON.stringify(path)} of ${repoName(repo)} as its name would leave the cache; ` +
      "do not use this repository",
  );
}

const escaped = (path: string) => path.split("/").map(encodeURIComponent).join("/");

/** Address of a file's content. */
export function resolveUrl(endpoint: string, { type, id, revision }: Repo, path: string): string {
  const prefix = type === "dataset" ? "datasets/" : "";
  return `${endpoint}/${prefix}${id}/resolve/${encodeURIComponent(revision)}/${escaped(path)}`;
}

/** Address in the hub's API: `what` is `revision` or `tree`, `under` a directory of the repository. */
export function apiUrl(
  endpoint: string,
  { type, id, revision }: Repo,
  what: "revision" | "tree",
  under = "",
): string {
  const path = under === "" ? "" : `/${escaped(under)}`;
  return `${endpoint}/api/${type}s/${id}/${what}/${encodeURIComponent(revision)}${path}`;
}

/** Address of a repository's page, for people. */
export function pageUrl(endpoint: string, { type, id }: Repo): string {
  return `${endpoint}/${type === "dataset" ? "datasets/" : ""}${id}`;
}

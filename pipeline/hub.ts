/** Models and tokenizers by name on the hub, wherever a path on this machine is taken too. */
import { isDirectory, isFile } from "../model/files/mod.ts";
import {
  HubError,
  type HubSettings,
  hubSettings,
  isRepoName,
  parseRepo,
  repoName,
  snapshot,
  snapshotDirectory,
  type SnapshotKind,
} from "../model/hub/mod.ts";
import type { Reporter } from "./reporter.ts";

/** Where on the hub something was read. */
export interface HubOrigin {
  /** OWNER/NAME */
  readonly repo: string;
  /** Branch, tag or commit that was asked for. */
  readonly revision: string;
  /** The commit that this was then; `OWNER/NAME@COMMIT` always means the same files. */
  readonly commit: string;
}

/** A path on this machine, and where it came from when it is in the hub's cache. */
export interface Place {
  readonly path: string;
  readonly origin?: HubOrigin;
}

/**
 * The path to read a model or a tokenizer from: `name` itself where it is a path that exists or can be no name on the hub;
 * else the files are taken from the hub's cache or fetched into it.
 *
 * @param hub `settings` are by default those of the environment, read only when needed; where `pinned` was read by this
 * name before, its commit is taken again, wherever the branch is now
 * @throws {HubError} where the hub has no such model, refuses or cannot be reached
 */
export async function placeOf(
  name: string,
  kind: SnapshotKind,
  { update, note, signal }: Reporter,
  { settings, pinned }: { settings?: HubSettings | undefined; pinned?: HubOrigin | undefined } = {},
): Promise<Place> {
  if (!isRepoName(name) || await isDirectory(name) || await isFile(name)) return { path: name };
  const repo = parseRepo(name), isPinned = pinned?.repo === repo.id && pinned.revision === repo.revision;
  const taken = isPinned ? { ...repo, revision: pinned.commit } : repo, stage = `download ${repoName(repo)}`;
  try {
    const { directory, commit } = await snapshot(settings ?? await hubSettings(), taken, {
      ...{ kind, note, signal },
      onProgress: ({ done, total }) => update({ stage, done, total, unit: "bytes", showsRate: true }),
    });
    note(`${repo.id} is taken at commit ${commit}`);
    return { path: directory, origin: { repo: repo.id, revision: repo.revision, commit } };
  } catch (error) {
    if (!(error instanceof HubError) || ![401, 404].includes(error.fault.status ?? 0)) throw error;
    throw new HubError(`${error.message} (nor is ${name} a path on this machine)`, error.fault);
  }
}

/** Directory of the cache that has a model of the hub, whether or not it still stands. */
export async function cachedPlace({ repo, commit }: HubOrigin): Promise<string> {
  return snapshotDirectory((await hubSettings()).cache, parseRepo(repo), commit);
}

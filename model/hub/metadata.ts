import type { HubFile } from "./cache.ts";
import { HubError } from "./errors.ts";
import { notAHub, refusal } from "./explain.ts";
import { IdleWatch } from "./idle.ts";
import { patiently } from "./patience.ts";
import { checkFileName, isCommit, type Repo, repoName, resolveUrl } from "./repo.ts";
import { send } from "./request.ts";
import type { HubSettings } from "./settings.ts";
import { hashOf } from "./verify.ts";

/** A file and the commit that the revision stood for. */
export interface FileAtCommit extends HubFile {
  readonly commit: string;
}

/** Size, hash and commit of a file, by a HEAD request. @throws {HubError} */
export async function fileMetadata(
  settings: HubSettings,
  repo: Repo,
  path: string,
  signal?: AbortSignal,
): Promise<FileAtCommit> {
  const purpose = `find ${path} of ${repoName(repo)}`;
  const url = resolveUrl(settings.endpoint, repo, checkFileName(path, repo));
  return await patiently(settings.patience, signal, async () => {
    using watch = new IdleWatch(settings.patience.idle, signal);
    const response = await send(settings, url, purpose, {
      method: "HEAD",
      signal: watch.signal,
      stopOutside: true,
    });
    await response.body?.cancel();
    const { headers, ok, status } = response;
    if (!ok && status >= 400) throw await refusal(settings, repo, purpose, response);
    const commit = headers.get("x-repo-commit") ?? "";
    const etag = hashOf(headers.get("x-linked-etag") ?? headers.get("etag"));
    const length = headers.get("x-linked-size") ?? (ok ? headers.get("content-length") : null);
    if (!isCommit(commit) || etag === undefined || length === null || !/^\d+$/.test(length)) {
      throw notAHub(settings, purpose);
    }
    if (isCommit(repo.revision) && repo.revision !== commit) {
      throw new HubError(
        `Cannot ${purpose}: the hub answers with another commit, ${commit}; check HF_ENDPOINT`,
      );
    }
    return { path, commit, etag, size: Number(length) };
  });
}

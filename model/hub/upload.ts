import { pathToFileURL } from "node:url";
import { UsageError } from "../../engine/mod.ts";
import { HubError } from "./errors.ts";
import { IdleWatch } from "./idle.ts";
import { patiently } from "./patience.ts";
import type { Repo } from "./repo.ts";
import { connectionError } from "./request.ts";
import type { HubSettings } from "./settings.ts";

/** Slowest upload that does not count as stalled, in bytes a millisecond. */
const LEAST_SPEED = 25;

/** A file to upload. */
export interface Upload {
  /** Path in the repository. */
  readonly path: string;
  /** Path on this machine. */
  readonly from: string;
  /** Bytes. */
  readonly size: number;
}

/** Makes an empty repository. @throws {HubError} where the token may not, or the hub cannot be reached */
export async function createRepository(
  settings: HubSettings,
  repo: Repo,
  visibility: "public" | "private",
  signal?: AbortSignal,
): Promise<void> {
  const { createRepo } = await import("@huggingface/hub");
  await createRepo({ ...access(settings, repo, `create ${repo.id}`, signal), visibility });
}

/**
 * Uploads files as one commit on `main`, through the hub's own client: large ones into its store, the others in the commit.
 *
 * @param options `parent` is the commit that was looked at: the hub refuses where another came between
 * @returns the new commit
 * @throws {HubError} where the token may not write, the repository has changed, or the hub cannot be reached
 */
export async function uploadFiles(
  settings: HubSettings,
  repo: Repo,
  files: readonly Upload[],
  { title, parent, signal, onProgress }: {
    readonly title: string;
    readonly parent: string | undefined;
    readonly signal?: AbortSignal | undefined;
    /** Hears of the bytes of the files that are complete. */
    readonly onProgress?: ((done: number, total: number) => void) | undefined;
  },
): Promise<string> {
  const { commitIter } = await import("@huggingface/hub");
  const total = files.reduce((sum, { size }) => sum + size, 0), complete = new Set<string>();
  const events = commitIter({
    ...access(settings, repo, `upload to ${repo.id}`, signal),
    ...{ title, branch: "main", useXet: false },
    ...(parent !== undefined && { parentCommit: parent }),
    ...(signal && { abortSignal: signal }),
    operations: files.map(({ path, from }) => ({
      ...{ operation: "addOrUpdate" as const, path, content: pathToFileURL(from) },
    })),
  });
  for (;;) {
    const { done, value } = await events.next();
    if (done) {
      onProgress?.(total, total);
      return value!.commit.oid;
    }
    if (value.event !== "fileProgress" || value.state !== "uploading" || value.progress < 1) continue;
    complete.add(value.path);
    onProgress?.(files.reduce((sum, { path, size }) => sum + (complete.has(path) ? size : 0), 0), total);
  }
}

/** What the client needs: where, with which token, and how to send. */
function access(settings: HubSettings, repo: Repo, purpose: string, signal: AbortSignal | undefined) {
  const accessToken = settings.token?.reveal();
  if (!accessToken?.startsWith("hf_")) {
    const problem = accessToken === undefined
      ? "there is no token"
      : "the token is none of the hub's, which begin with hf_";
    throw new UsageError(
      `Cannot ${purpose}: ${problem}; set HF_TOKEN to one that may write (${settings.endpoint}/settings/tokens)`,
    );
  }
  return {
    repo: { type: repo.type, name: repo.id } as const,
    accessToken,
    hubUrl: settings.endpoint,
    fetch: sender(settings, purpose, signal),
  };
}

/** fetch for the client: patient where a request may be repeated, never redirected, failures in our words. */
function sender(settings: HubSettings, purpose: string, outer: AbortSignal | undefined): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    // A second time these would find what the first made.
    const once = /\/commit\/|\/repos\/create$/.test(url.pathname);
    const patience = once ? { ...settings.patience, attempts: 1 } : settings.patience;
    return await patiently(patience, outer, async () => {
      const bytes = init?.body instanceof Blob ? init.body.size : 0;
      using watch = new IdleWatch(settings.patience.idle + bytes / LEAST_SPEED, outer);
      const signal = init?.signal ? AbortSignal.any([init.signal, watch.signal]) : watch.signal;
      try {
        const response = await fetch(url, { ...init, signal, redirect: "manual" });
        if (!response.ok) throw await refusedUpload(settings, purpose, url, response);
        return response;
      } catch (error) {
        throw connectionError(error, purpose, url.host, watch.signal);
      }
    });
  };
}

async function refusedUpload(
  { endpoint }: HubSettings,
  purpose: string,
  url: URL,
  response: Response,
): Promise<HubError> {
  await response.body?.cancel();
  const { status } = response, tokens = `${endpoint}/settings/tokens`;
  const says = (text: string) =>
    new HubError(`Cannot ${purpose}: ${text}`, { status, passing: status === 429 || status >= 500 });
  if (url.origin !== new URL(endpoint).origin) {
    return says(`the store of large files, ${url.host}, answers ${status}; run again`);
  }
  if (status === 401) {
    return says(`the hub refuses the token; make a new one at ${tokens} and set HF_TOKEN to it`);
  }
  if (status === 403 || status === 404) {
    return says(
      `the token may not write there, or there is no such owner; give HF_TOKEN a token that may (${tokens})`,
    );
  }
  if (status === 409 || status === 412) {
    return says("the repository has changed in the meantime; run again to see what would be replaced now");
  }
  if (status >= 300 && status < 400) {
    return says("the hub has it under another name; give the name of its page");
  }
  return says(`the hub answers ${status}; run again later`);
}

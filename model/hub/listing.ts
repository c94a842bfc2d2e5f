import * as z from "zod";
import type { HubFile } from "./cache.ts";
import { HubError } from "./errors.ts";
import { notAHub, refusal } from "./explain.ts";
import { IdleWatch } from "./idle.ts";
import { patiently } from "./patience.ts";
import { apiUrl, checkFileName, isCommit, type Repo, repoName } from "./repo.ts";
import { connectionError, send } from "./request.ts";
import type { HubSettings } from "./settings.ts";
import { hashOf } from "./verify.ts";

/** More pages than any repository that is listed here has; the hub puts up to 1,000 files on one. */
const MOST_PAGES = 1000;

/** A revision and what it holds. */
export interface Revision {
  /** The commit that the revision stands for now; to be recorded. */
  readonly commit: string;
  /** Whether only its owner sees it. */
  readonly private: boolean;
  /** Paths of all files. */
  readonly paths: readonly string[];
}

const revisionSchema = z.looseObject({
  sha: z.string(),
  private: z.boolean().optional(),
  siblings: z.array(z.looseObject({ rfilename: z.string() })).optional(),
});
const treeSchema = z.array(z.looseObject({
  type: z.string(),
  path: z.string(),
  oid: z.string().optional(),
  size: z.int().min(0).optional(),
  lfs: z.looseObject({ oid: z.string(), size: z.int().min(0) }).optional(),
}));

/**
 * Commit and file names of a repository's revision.
 *
 * @throws {HubError} where there is no such repository or revision, access is refused, or the hub cannot be reached
 * @throws {DataError} where a file name would leave the cache
 */
export async function readRevision(
  settings: HubSettings,
  repo: Repo,
  signal?: AbortSignal,
): Promise<Revision> {
  const url = apiUrl(settings.endpoint, repo, "revision");
  const { value } = await requestJson(settings, repo, url, `read ${repoName(repo)}`, revisionSchema, signal);
  if (!isCommit(value.sha)) throw notAHub(settings, `read ${repoName(repo)}`);
  return {
    commit: value.sha,
    private: value.private ?? false,
    paths: (value.siblings ?? []).map(({ rfilename }) => checkFileName(rfilename, repo)),
  };
}

/**
 * Files of a repository with their sizes and hashes, page by page; `repo.revision` is best a commit.
 *
 * @param under a directory of the repository, such as "data"; by default all
 * @throws {HubError} {@linkcode readRevision}
 */
export async function listFiles(
  settings: HubSettings,
  repo: Repo,
  { under = "", signal }: { under?: string; signal?: AbortSignal | undefined } = {},
): Promise<HubFile[]> {
  const purpose = `list the files of ${repoName(repo)}`, files: HubFile[] = [];
  if (under !== "") checkFileName(under, repo);
  let url: string | undefined = `${apiUrl(settings.endpoint, repo, "tree", under)}?recursive=true`;
  for (let pages = 0; url !== undefined; pages++) {
    if (pages === MOST_PAGES) {
      throw new HubError(`Cannot ${purpose}: the list does not end; check HF_ENDPOINT`);
    }
    const page: Page<z.infer<typeof treeSchema>> = await requestJson(
      ...[settings, repo, url, purpose, treeSchema, signal] as const,
    );
    for (const { type, path, oid, size, lfs } of page.value) {
      if (type !== "file") continue;
      const etag = hashOf(lfs?.oid ?? oid ?? null), bytes = lfs?.size ?? size;
      if (etag === undefined || bytes === undefined) throw notAHub(settings, purpose);
      files.push({ path: checkFileName(path, repo), size: bytes, etag });
    }
    url = nextPage(page.link, settings, purpose);
  }
  return files;
}

interface Page<T> {
  readonly value: T;
  readonly link: string | null;
}

async function requestJson<T>(
  settings: HubSettings,
  repo: Repo,
  url: string,
  purpose: string,
  schema: z.ZodType<T>,
  signal: AbortSignal | undefined,
): Promise<Page<T>> {
  return await patiently(settings.patience, signal, async () => {
    using watch = new IdleWatch(settings.patience.idle, signal);
    const response = await send(settings, url, purpose, { signal: watch.signal });
    if (!response.ok) throw await refusal(settings, repo, purpose, response);
    const text = await response.text().catch((error) => {
      throw connectionError(error, purpose, new URL(url).host, watch.signal);
    });
    const parsed = schema.safeParse(parseJson(text));
    if (!parsed.success) throw notAHub(settings, purpose);
    return { value: parsed.data, link: response.headers.get("link") };
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Address of the next page: `<https://...>; rel="next"`, on the endpoint itself. */
function nextPage(link: string | null, { endpoint }: HubSettings, purpose: string): string | undefined {
  const next = /<([^>]+)>;\s*rel="next"/.exec(link ?? "")?.[1];
  if (next === undefined) return undefined;
  const url = URL.canParse(next, endpoint) ? new URL(next, endpoint) : undefined;
  if (url?.origin === new URL(endpoint).origin) return url.href;
  throw new HubError(`Cannot ${purpose}: its next page is on another host; check HF_ENDPOINT and the proxy`);
}

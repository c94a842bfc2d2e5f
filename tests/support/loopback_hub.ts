/**
 * A Hugging Face hub on 127.0.0.1 that speaks real HTTP in the hub's own layouts: the API, `resolve` addresses, and a
 * store of large files on a second port, to which the hub redirects. Faults are switched on by the tests.
 */
import { answerContent, type Fault, faultOf, type SeenRequest } from "./hub/faults.ts";
import { serve, type ServedCommit, type ServedFile, type ServedRepo } from "./hub/repository.ts";

export type { Fault, SeenRequest, Spoil } from "./hub/faults.ts";
export { filesOf, type ServedFile, type ServedRepo } from "./hub/repository.ts";

/** How a hub behaves. */
export interface LoopbackOptions {
  /** The one token that it knows; others are refused, and gated repositories ask for it. */
  readonly token?: string;
  /** Files on one page of a listing. */
  readonly pageSize?: number;
  /** Answers requests that the hub itself does not know, such as uploads. */
  readonly more?: (request: Request, seen: SeenRequest, hub: LoopbackHub) => Promise<Response | undefined>;
}

/** A running hub. */
export interface LoopbackHub extends AsyncDisposable {
  /** Such as "http://127.0.0.1:40001", for HF_ENDPOINT. */
  readonly endpoint: string;
  /** The store of large files. */
  readonly store: string;
  /** All requests, in order. */
  readonly requests: SeenRequest[];
  /** Add to it and empty it at will. */
  readonly faults: Fault[];
  readonly repos: ReadonlyMap<string, ServedCommit>;
  /** Adds a repository, or a new commit of it; returns the commit, which is the branch `main` from now on. */
  add(repo: ServedRepo): Promise<string>;
}

const json = (value: unknown, headers: Record<string, string> = {}) => Response.json(value, { headers });
const refuse = (status: number, code: string | null, message: string) =>
  new Response(JSON.stringify({ error: message }), {
    status,
    headers: { ...code && { "x-error-code": code }, "x-error-message": message },
  });

/**
 * Starts a hub that serves these repositories.
 *
 * @example
 * ```ts ignore
 * await using hub = await startHub([{ type: "model", id: "google/tiny", files: filesOf(directory) }]);
 * hub.faults.push({ when: ({ on }) => on === "store", times: 1, spoil: { cutAt: 1000 } });
 * ```
 */
export async function startHub(
  repos: readonly ServedRepo[],
  options: LoopbackOptions = {},
): Promise<LoopbackHub> {
  const served = new Map<string, ServedCommit>(), commits = new Map<string, ServedCommit>();
  /** Heads of branches other than main, by repository and branch. */
  const branches = new Map<string, ServedCommit>();
  const requests: SeenRequest[] = [], faults: Fault[] = [];
  const answer = (on: SeenRequest["on"]) => async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url), { headers, method } = request;
    const seen: SeenRequest = {
      ...{ on, method, path: pathname + search, sent: 0 },
      ...{ range: headers.get("range"), authorization: headers.get("authorization") },
    };
    requests.push(seen);
    const spoil = faultOf(faults, seen);
    if (spoil && "status" in spoil) {
      await request.body?.cancel();
      return new Response(method === "HEAD" ? null : spoil.body ?? "", spoil);
    }
    if (on === "store") {
      const [, commit = "", ...path] = pathname.split("/").map(decodeURIComponent);
      const file = commits.get(commit)?.files.get(path.join("/"));
      if (file) return answerContent(seen, file.bytes, { etag: '"of-the-store"' }, spoil);
      return await options.more?.(request, seen, hub) ?? refuse(404, null, "no such content");
    }
    const { token } = options;
    if (token !== undefined && ![null, `Bearer ${token}`].includes(seen.authorization)) {
      return refuse(401, null, "Invalid credentials in Authorization header");
    }
    return await route(request, seen, spoil) ?? await options.more?.(request, seen, hub) ??
      refuse(404, null, "no such address");
  };
  const serving = (on: SeenRequest["on"]) =>
    Deno.serve({
      ...{ hostname: "127.0.0.1", port: 0, onListen() {} },
      onError: () => new Response("", { status: 500 }),
    }, answer(on));
  const [front, back] = [serving("hub"), serving("store")];
  const hub: LoopbackHub = {
    endpoint: `http://127.0.0.1:${front.addr.port}`,
    store: `http://127.0.0.1:${back.addr.port}`,
    requests,
    faults,
    repos: served,
    async add(repo) {
      const commit = await serve(repo);
      const name = `${repo.type}s/${repo.id}`;
      if (repo.branch === undefined) served.set(name, commit);
      else branches.set(`${name}@${repo.branch}`, commit);
      commits.set(commit.commit, commit);
      return commit.commit;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([front.shutdown(), back.shutdown()]);
    },
  };
  for (const repo of repos) await hub.add(repo);
  return hub;

  /** The repository at a revision, or the refusal of it. */
  function find(
    type: string,
    id: string,
    revision: string,
    { authorization }: SeenRequest,
  ): ServedCommit | Response {
    const latest = served.get(`${type}/${id}`);
    // The hub does not tell strangers what exists.
    if (!latest) return refuse(authorization === null ? 401 : 404, "RepoNotFound", "Repository not found");
    if (latest.repo.gated && authorization === null) {
      return refuse(401, "GatedRepo", `Access to model ${id} is restricted. You must have access to it`);
    }
    const found = revision === "main"
      ? latest
      : branches.get(`${type}/${id}@${revision}`) ?? commits.get(revision);
    return found?.repo.id === id ? found : refuse(404, "RevisionNotFound", `Invalid rev id: ${revision}`);
  }

  function route(request: Request, seen: SeenRequest, spoil?: Fault["spoil"]): Response | undefined {
    const url = new URL(request.url), path = decodeURIComponent(url.pathname);
    if (request.method !== "GET" && request.method !== "HEAD") return undefined;
    const api = /^\/api\/(models|datasets)\/([^/]+(?:\/(?!revision|tree)[^/]+)?)(?:\/(revision|tree)\/(.+))?$/
      .exec(url.pathname);
    if (api) {
      const [, type = "", id = "", what = "revision", rest = "main"] = api;
      const [revision = "", ...under] = rest.split("/").map(decodeURIComponent);
      const found = find(type, id, revision, seen);
      if (found instanceof Response) return found;
      return what === "tree" ? tree(found, under.join("/"), url) : json({
        ...{
          id,
          modelId: id,
          sha: found.commit,
          private: found.repo.private ?? false,
          gated: found.repo.gated ? "manual" : false,
        },
        siblings: [...found.files.keys()].map((rfilename) => ({ rfilename })),
      });
    }
    const cached = /^\/api\/resolve-cache\/(?:models|datasets)\/.+?\/([0-9a-f]{40})\/(.+)$/.exec(path);
    if (cached) {
      const [, commit = "", name = ""] = cached, file = commits.get(commit)?.files.get(name);
      const headers = { "x-repo-commit": commit, etag: `"${file?.oid}"` };
      return file && answerContent(seen, file.bytes, headers, spoil);
    }
    const list = /^\/api\/(models|datasets)$/.exec(path);
    if (list) {
      const author = url.searchParams.get("author"), search = url.searchParams.get("search") ?? "";
      const ids = [...served.values()].flatMap(({ repo: { type, id } }) =>
        `${type}s` === list[1] ? [id] : []
      );
      const wanted = ids.filter((id) => (!author || id.startsWith(`${author}/`)) && id.includes(search));
      return json(wanted.map((id) => ({ id })));
    }
    const resolve = /^\/(datasets\/)?([^/]+(?:\/[^/]+)?)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
    if (!resolve) return undefined;
    const [, dataset, id = "", revision = "", name = ""] = resolve;
    const found = find(dataset ? "datasets" : "models", id, decodeURIComponent(revision), seen);
    if (found instanceof Response) return found;
    const commit = { "x-repo-commit": found.commit };
    const file = found.files.get(decodeURIComponent(name));
    if (!file) {
      const missing = refuse(404, "EntryNotFound", "Entry not found");
      missing.headers.set("x-repo-commit", found.commit);
      return missing;
    }
    if (!file.isLarge) {
      // As the hub does: the same file under an address that names its commit.
      const location = `/api/resolve-cache/${found.repo.type}s/${id}/${found.commit}/${name}`;
      return new Response(null, { status: 307, headers: { ...commit, location } });
    }
    const location = `${hub.store}/${found.commit}/${name}?signature=x`;
    const linked = { "x-linked-etag": `"${file.sha256}"`, "x-linked-size": String(file.bytes.length) };
    return new Response(null, { status: 302, headers: { ...commit, ...linked, location } });
  }

  function tree({ files }: ServedCommit, under: string, url: URL): Response {
    const { pageSize = 1000 } = options, at = Number(url.searchParams.get("cursor") ?? 0);
    const all = [...files.values()].filter(({ path }) => under === "" || path.startsWith(`${under}/`));
    const next = new URL(`${hub.endpoint}${url.pathname}${url.search}`);
    next.searchParams.set("cursor", String(at + pageSize));
    const link = at + pageSize < all.length && { link: `<${next}>; rel="next"` };
    return json(all.slice(at, at + pageSize).map(entry), { ...link });
  }
}

function entry({ path, bytes, isLarge, oid, sha256 }: ServedFile) {
  const lfs = isLarge && { lfs: { oid: sha256, size: bytes.length, pointerSize: 134 } };
  return { type: "file", oid, size: bytes.length, path, ...lfs };
}

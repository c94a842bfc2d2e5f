/** The side of a hub that takes uploads: preupload, the batch of large files, PUT by SHA-256, a commit of JSON lines. */
import { createHash } from "node:crypto";
import type { LoopbackHub, LoopbackOptions, SeenRequest } from "../loopback_hub.ts";
import type { ServedRepo } from "./repository.ts";

interface CommitLine {
  readonly key: "header" | "file" | "lfsFile";
  readonly value: {
    readonly path: string;
    readonly content: string;
    readonly encoding: string;
    readonly oid: string;
    readonly parentCommit?: string;
  };
}

const LARGE = /\.(safetensors|bin)$/;
const fail = (status: number) => Response.json({ error: `refused with ${status}` }, { status });

/** Handles uploads; `token` alone may write, and only below `owner`. */
export function uploads(token: string, owner: string): NonNullable<LoopbackOptions["more"]> {
  const stored = new Map<string, Uint8Array<ArrayBuffer>>();
  return async (request, seen, hub) => {
    const { pathname } = new URL(request.url);
    if (seen.on === "store") return request.method === "PUT" ? await put(pathname, request) : undefined;
    if (request.method !== "POST") return undefined;
    if (seen.authorization !== `Bearer ${token}`) return fail(401);
    if (pathname === "/api/repos/create") return await create(await request.json(), hub);
    const found =
      /^(?:\/api\/models)?\/([^/]+\/[^/]+?)(?:\.git\/info\/lfs\/objects)?\/(preupload|commit|batch)(?:\/main)?$/
        .exec(pathname);
    const [, id = "", what] = found ?? [], served = hub.repos.get(`models/${id}`);
    if (!served) return fail(404);
    if (!id.startsWith(`${owner}/`)) return fail(403);
    if (what === "preupload") return preupload(await request.json());
    if (what === "batch") return batch(await request.json(), hub);
    return await commit(served.repo, served.commit, await request.text(), hub);
  };

  async function put(pathname: string, request: Request): Promise<Response> {
    const sha = pathname.slice("/uploads/".length), bytes = new Uint8Array(await request.arrayBuffer());
    if (createHash("sha256").update(bytes).digest("hex") !== sha) return fail(400);
    stored.set(sha, bytes);
    return new Response("", { headers: { etag: '"x"' } });
  }

  async function create(
    { name, organization, visibility }: { name: string; organization: string; visibility: string },
    hub: LoopbackHub,
  ): Promise<Response> {
    if (organization !== owner) return fail(403);
    const id = `${organization}/${name}`;
    if (hub.repos.has(`models/${id}`)) return fail(409);
    await hub.add({ type: "model", id, private: visibility === "private", files: { ".gitattributes": "" } });
    return Response.json({ url: `${hub.endpoint}/${id}`, id });
  }

  function preupload({ files }: { files: { path: string }[] }): Response {
    const mode = (path: string) => LARGE.test(path) ? "lfs" : "regular";
    return Response.json({ files: files.map(({ path }) => ({ path, uploadMode: mode(path) })) });
  }

  function batch({ objects }: { objects: { oid: string; size: number }[] }, hub: LoopbackHub): Response {
    const href = (oid: string) => ({ actions: { upload: { href: `${hub.store}/uploads/${oid}` } } });
    return Response.json({
      transfer: "basic",
      objects: objects.map(({ oid, size }) => ({ oid, size, ...stored.has(oid) ? {} : href(oid) })),
    });
  }

  async function commit(repo: ServedRepo, latest: string, text: string, hub: LoopbackHub): Promise<Response> {
    const files = { ...repo.files };
    for (const { key, value } of text.split("\n").map((line): CommitLine => JSON.parse(line))) {
      if (key === "header") {
        if (value.parentCommit !== undefined && value.parentCommit !== latest) return fail(412);
      } else if (key === "lfsFile") {
        const bytes = stored.get(value.oid);
        if (!bytes) return fail(400);
        files[value.path] = bytes;
      } else files[value.path] = Uint8Array.from(atob(value.content), (c) => c.charCodeAt(0));
    }
    const oid = await hub.add({ ...repo, files });
    return Response.json({
      success: true,
      commitOid: oid,
      commitUrl: `${hub.endpoint}/${repo.id}/commit/${oid}`,
    });
  }
}

/** The requests that write. */
export const writes = (requests: readonly SeenRequest[]): string[] =>
  requests.filter(({ method }) => method !== "GET" && method !== "HEAD").map(({ method, path }) =>
    `${method} ${path}`
  );

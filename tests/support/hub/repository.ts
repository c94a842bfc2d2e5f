/** What a hub holds: repositories with the hub's own hashes. */
import { createHash } from "node:crypto";
import { join } from "node:path";

/** A repository to serve. */
export interface ServedRepo {
  readonly type: "model" | "dataset";
  readonly id: string;
  /** Contents by path: bytes, text, or the path of a file on this machine. */
  readonly files: Readonly<Record<string, Uint8Array<ArrayBuffer> | string | { readonly from: string }>>;
  /** Paths that are served from the store of large files; by default as the hub decides: weights and parquet. */
  readonly large?: (path: string) => boolean;
  /** The branch that the commit is the head of; `main` where missing. */
  readonly branch?: string;
  readonly private?: boolean;
  /** Its licence must be accepted: only `LoopbackOptions.token` may read it. */
  readonly gated?: boolean;
}

/** One file, with its hashes. */
export interface ServedFile {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly isLarge: boolean;
  /** SHA-1 of the git blob. */
  readonly oid: string;
  readonly sha256: string;
}

/** A commit of a repository. */
export interface ServedCommit {
  readonly repo: ServedRepo;
  readonly commit: string;
  readonly files: ReadonlyMap<string, ServedFile>;
}

const LARGE = /\.(safetensors|parquet|gguf|bin)$/;

/** Reads and hashes a repository. */
export async function serve(repo: ServedRepo): Promise<ServedCommit> {
  const files = new Map<string, ServedFile>();
  for (const [path, content] of Object.entries(repo.files)) {
    const bytes = typeof content === "string"
      ? new TextEncoder().encode(content)
      : content instanceof Uint8Array
      ? content
      : await Deno.readFile(content.from);
    files.set(path, {
      path,
      bytes,
      isLarge: (repo.large ?? ((path) => LARGE.test(path)))(path),
      oid: createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex"),
      sha256: createHash("sha256").update(bytes).digest("hex"),
    });
  }
  const listing = [...files.values()].map(({ path, oid }) => `${path} ${oid}\n`).sort().join("");
  return {
    repo,
    files,
    commit: createHash("sha1").update(`${repo.type} ${repo.id}\n${listing}`).digest("hex"),
  };
}

/** The files of a directory as contents of a repository; read when they are served. */
export function filesOf(directory: string, below = ""): Record<string, { from: string }> {
  const found: Record<string, { from: string }> = {};
  for (const { name, isDirectory } of Deno.readDirSync(join(directory, below))) {
    const path = below === "" ? name : `${below}/${name}`;
    if (isDirectory) Object.assign(found, filesOf(directory, path));
    else found[path] = { from: join(directory, path) };
  }
  return found;
}

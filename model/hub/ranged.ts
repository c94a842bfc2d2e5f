import { openRandomAccess, type RandomAccessFile } from "../files/mod.ts";
import { blobPath } from "./cache.ts";
import { cachedFile, type DownloadOptions, notCached } from "./download.ts";
import { HubError } from "./errors.ts";
import { refusal } from "./explain.ts";
import { IdleWatch } from "./idle.ts";
import { fileMetadata } from "./metadata.ts";
import { patiently } from "./patience.ts";
import { isCommit, type Repo, resolveUrl } from "./repo.ts";
import { connectionError, send } from "./request.ts";
import type { HubSettings } from "./settings.ts";

/** A file of the hub of which parts are read; hyparquet takes it as its `AsyncBuffer`. */
export interface RangedFile extends Disposable {
  /** Bytes of the whole file. */
  readonly byteLength: number;
  /** Commit that it belongs to; to be recorded. */
  readonly commit: string;
  /** Bytes from `start` up to `end` (by default the file's); a negative start counts from the end. @throws {HubError} */
  slice(start: number, end?: number): Promise<ArrayBuffer>;
  /** Bytes that were fetched up to now. */
  readonly fetched: number;
}

/**
 * Opens a file of the hub for reads of parts: each fetches its bytes and no more, pinned to one commit, so that a
 * parquet file of gigabytes costs its footer and the row groups that are read. Where the cache has the whole file, that is
 * read. A part cannot be hashed; its place and length, and the file's size, are checked.
 *
 * @param options `onProgress` hears of all bytes fetched so far, over all parts
 * @throws {HubError} where the hub refuses or cannot be reached
 */
export async function openRanged(
  settings: HubSettings,
  repo: Repo,
  path: string,
  { signal, onProgress }: DownloadOptions = {},
): Promise<RangedFile> {
  if (settings.offline || isCommit(repo.revision)) {
    const cached = await cachedFile(settings, repo, path);
    if (cached) return local(await openRandomAccess(cached.path), cached.commit);
    if (settings.offline) throw notCached(settings, repo, path);
  }
  const file = await fileMetadata(settings, repo, path, signal);
  const { size, commit } = file, pinned: Repo = { ...repo, revision: commit };
  const blob = blobPath(settings.cache, repo, file);
  const stands = await Deno.stat(blob).then((info) => info.size === size, () => false);
  if (stands) return local(await openRandomAccess(blob), commit);
  let fetched = 0;
  return {
    byteLength: size,
    commit,
    get fetched() {
      return fetched;
    },
    async slice(start, end) {
      const [from, to] = bounds(size, start, end);
      if (from === to) return new ArrayBuffer(0);
      const part = { path, size, from, to };
      return await fetchPart(settings, pinned, part, signal, (bytes) => {
        fetched += bytes;
        onProgress?.({ path, done: fetched, total: size });
      });
    },
    [Symbol.dispose]: () => {},
  };
}

function local(file: RandomAccessFile, commit: string): RangedFile {
  return {
    byteLength: file.size,
    commit,
    fetched: 0,
    // deno-lint-ignore require-await
    async slice(start, end) {
      const [from, to] = bounds(file.size, start, end);
      const bytes = new Uint8Array(to - from);
      file.readInto(bytes, from);
      return bytes.buffer;
    },
    [Symbol.dispose]: () => file.close(),
  };
}

/** As `ArrayBuffer.slice` takes them. */
function bounds(size: number, start: number, end = size): [from: number, to: number] {
  const place = (at: number) => Math.min(size, Math.max(0, at < 0 ? size + at : at));
  const from = place(start);
  return [from, Math.max(from, place(end))];
}

/** Fetches a part; after a cut, what is still missing of it. */
async function fetchPart(
  settings: HubSettings,
  repo: Repo,
  { path, size, from, to }: { path: string; size: number; from: number; to: number },
  signal: AbortSignal | undefined,
  onBytes: (count: number) => void,
): Promise<ArrayBuffer> {
  const purpose = `read bytes ${from} to ${to} of ${path} of ${repo.id}`;
  const url = resolveUrl(settings.endpoint, repo, path);
  const part = new Uint8Array(to - from);
  let filled = 0;
  await patiently(settings.patience, signal, async (progressed) => {
    if (filled === part.length) return;
    using watch = new IdleWatch(settings.patience.idle, signal);
    const at = from + filled;
    const response = await send(settings, url, purpose, {
      signal: watch.signal,
      headers: { Range: `bytes=${at}-${to - 1}` },
    });
    if (!response.ok || !response.body) throw await refusal(settings, repo, purpose, response);
    if (
      response.status !== 206 || response.headers.get("content-range") !== `bytes ${at}-${to - 1}/${size}`
    ) {
      await response.body.cancel();
      throw new HubError(
        `Cannot ${purpose}: the hub does not send the part that was asked for; check HF_ENDPOINT and the proxy`,
      );
    }
    try {
      for await (const bytes of response.body) {
        watch.touch();
        if (filled + bytes.length > part.length) {
          throw new HubError(
            `Cannot ${purpose}: the hub sends more than that; check HF_ENDPOINT and the proxy`,
          );
        }
        part.set(bytes, filled);
        filled += bytes.length;
        onBytes(bytes.length);
        progressed();
      }
    } catch (error) {
      throw connectionError(error, purpose, new URL(url).host, watch.signal);
    }
    if (filled < part.length) {
      throw new HubError(`Cannot ${purpose}: the connection ended early; check the network and run again`, {
        passing: true,
      });
    }
  });
  return part.buffer;
}

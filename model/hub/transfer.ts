import type { HubFile } from "./cache.ts";
import { HubError } from "./errors.ts";
import { notAHub, refusal } from "./explain.ts";
import { IdleWatch } from "./idle.ts";
import { patiently } from "./patience.ts";
import { type Repo, resolveUrl } from "./repo.ts";
import { connectionError, send } from "./request.ts";
import type { HubSettings } from "./settings.ts";

/** One file on its way. */
export interface Transfer {
  readonly file: HubFile;
  /** Where its bytes are gathered; what stands there already is gone on with. */
  readonly incomplete: string;
  /** As for `send`. */
  readonly purpose: string;
  readonly signal?: AbortSignal | undefined;
  /** Told of the bytes that are there. */
  readonly onBytes?: ((done: number) => void) | undefined;
}

/**
 * Gathers a file's bytes, from where the last attempt ended, until as many are there as its metadata say; what they are
 * is for the caller to verify. Whatever the server does, the file never grows beyond its size.
 *
 * @throws {HubError} {@linkcode patiently}; {DOMException} or the signal's reason when aborted
 */
export async function transfer(settings: HubSettings, repo: Repo, task: Transfer): Promise<void> {
  const { file: { path, size }, incomplete, purpose, signal, onBytes } = task;
  const url = resolveUrl(settings.endpoint, repo, path);
  let furthest = 0;
  await patiently(settings.patience, signal, async (progressed) => {
    using out = await Deno.open(incomplete, { create: true, read: true, write: true });
    let done = (await out.stat()).size;
    if (done > size) done = await restart(out);
    if (done === size) return await out.sync();
    using watch = new IdleWatch(settings.patience.idle, signal);
    const headers = done > 0 ? { Range: `bytes=${done}-` } : undefined;
    const response = await send(settings, url, purpose, { signal: watch.signal, ...headers && { headers } });
    if (response.status === 416) await restart(out);
    if (!response.ok || !response.body) throw await unusable(settings, repo, purpose, response);
    if (isWebPage(response, path)) throw await cancelled(response, notAHub(settings, purpose));
    if (response.status !== 206) done = await restart(out);
    else if (startOf(response) !== done) {
      await restart(out);
      throw await cancelled(response, passing(purpose, "the hub sent another part than was asked for"));
    }
    await out.seek(done, Deno.SeekMode.Start);
    try {
      for await (const bytes of response.body) {
        watch.touch();
        if (done + bytes.length > size) {
          await restart(out);
          throw passing(purpose, `the hub sends more than the ${size} bytes that it announced`);
        }
        for (let written = 0; written < bytes.length;) written += await out.write(bytes.subarray(written));
        done += bytes.length;
        onBytes?.(done);
        if (done <= furthest) continue;
        furthest = done;
        progressed();
      }
    } catch (error) {
      throw isWriteError(error) ? error : connectionError(error, purpose, new URL(url).host, watch.signal);
    }
    await out.sync();
    if (done < size) throw passing(purpose, `the connection ended after ${done} of ${size} bytes`);
  });
}

async function restart(out: Deno.FsFile): Promise<0> {
  await out.truncate(0);
  return 0;
}

const passing = (purpose: string, what: string) =>
  new HubError(`Cannot ${purpose}: ${what}; check the network and run again`, { passing: true });

async function cancelled(response: Response, error: HubError): Promise<HubError> {
  await response.body?.cancel();
  return error;
}

/** 416 says that the part asked for does not exist: what was gathered is thrown away and the whole is asked for. */
async function unusable(
  settings: HubSettings,
  repo: Repo,
  purpose: string,
  response: Response,
): Promise<HubError> {
  const isRange = response.status === 416;
  return isRange
    ? await cancelled(response, passing(purpose, "the hub refuses the part that is missing (416)"))
    : await refusal(settings, repo, purpose, response);
}

const isWebPage = ({ headers }: Response, path: string) =>
  headers.get("content-type")?.startsWith("text/html") === true && !/\.html?$/i.test(path);

/** First byte of the part that an answer holds. */
function startOf({ headers }: Response): number | undefined {
  const start = /^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1];
  return start === undefined ? undefined : Number(start);
}

/** Errors of the disk have a code of the system; those of fetch have none. */
const isWriteError = (error: unknown) => typeof (error as { code?: unknown }).code === "string";

import { dirname } from "node:path";
import { ioError, makeDirectory } from "../files/mod.ts";
import { pause } from "./patience.ts";

/** Milliseconds between two looks at a lock that another process holds. */
const LOOK_AGAIN = 200;

/**
 * Runs `work` while this process alone holds the lock file, which is the one that `huggingface_hub` locks, in the same way
 * (flock): a download that the other began is waited for. The system drops the lock of a process that dies.
 *
 * @throws {DataError} when the file system refuses
 */
export async function withLock<T>(
  path: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  await makeDirectory(dirname(path));
  using file = await Deno.open(path, { create: true, write: true }).catch((error) => {
    throw ioError("write", path, error);
  });
  while (!await file.tryLock(true)) await pause(LOOK_AGAIN, signal);
  return await work();
}

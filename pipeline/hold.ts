import { UsageError } from "../engine/mod.ts";
import { type FileLock, type Holder, lockFile } from "../model/files/mod.ts";

/** A process in the words of messages. */
export const holderText = ({ pid, since }: Holder): string => `${pid} (since ${since})`;

/**
 * Holds what is written at `place` by a lock file, until the lock is disposed of.
 *
 * @throws {UsageError} where another process holds it, naming that one
 */
export async function holdFile(path: string, place: string): Promise<FileLock> {
  const lock = await lockFile(path);
  if (!("heldBy" in lock)) return lock;
  throw new UsageError(
    `Cannot write to ${place}: process ${
      lock.heldBy ? holderText(lock.heldBy) : "of unknown number"
    } is at work there; wait until it ends, or name another place`,
  );
}

import { ioError } from "./io_error.ts";

/** Who holds a lock, or held it. */
export interface Holder {
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
}

/** A lock that this process holds until it is disposed of. */
export interface FileLock extends Disposable {
  /** Who left the file behind without giving the lock back: a process that was killed. */
  readonly stale: Holder | undefined;
}

/**
 * Locks a file, which is made, and removed when the lock is given back. The system lets go of a lock when its process
 * ends, however it ends, so what a crashed one has left behind holds nobody up.
 *
 * @returns the lock, or who holds it (undefined where the file does not tell)
 * @throws {DataError} when the file system refuses
 */
export async function lockFile(path: string): Promise<FileLock | { readonly heldBy: Holder | undefined }> {
  try {
    for (;;) {
      const file = await Deno.open(path, { read: true, write: true, create: true });
      const locked = await file.tryLock(true), holder = holderIn(file);
      if (!locked) {
        file.close();
        return { heldBy: holder };
      }
      // The one before may have removed the file after it was opened here: the lock is then on nothing.
      if (!await isAt(file, path)) {
        file.close();
        continue;
      }
      try {
        sign(file);
      } catch (error) {
        giveBack(file, path);
        throw error;
      }
      return { stale: holder, [Symbol.dispose]: () => giveBack(file, path) };
    }
  } catch (error) {
    throw ioError("write", path, error);
  }
}

function holderIn(file: Deno.FsFile): Holder | undefined {
  const bytes = new Uint8Array(256), count = file.readSync(bytes) ?? 0;
  try {
    const { pid, since } = JSON.parse(new TextDecoder().decode(bytes.subarray(0, count)));
    return typeof pid === "number" && typeof since === "string" ? { pid, since } : undefined;
  } catch {
    return undefined; // it is being made, or was cut off
  }
}

async function isAt(file: Deno.FsFile, path: string): Promise<boolean> {
  const [own, there] = [await file.stat(), await Deno.stat(path).catch(() => undefined)];
  return there !== undefined && own.ino === there.ino && own.dev === there.dev;
}

function sign(file: Deno.FsFile): void {
  const holder: Holder = { pid: Deno.pid, since: new Date().toISOString() };
  file.truncateSync();
  file.seekSync(0, Deno.SeekMode.Start);
  file.writeSync(new TextEncoder().encode(JSON.stringify(holder)));
}

function giveBack(file: Deno.FsFile, path: string): void {
  try {
    Deno.removeSync(path); // while it is held: whoever waits for this very file finds that it is no longer there
  } catch {
    // The directory is gone or read-only; what is left behind holds nobody up.
  }
  file.close();
}

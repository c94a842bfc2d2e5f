import { dirname, join } from "node:path";
import { DataError } from "../../engine/mod.ts";
import { ioError, isIoError } from "./io_error.ts";
import { forget, temporaryBeside } from "./temporary.ts";

/**
 * Writes a file completely or not at all: into a temporary file beside it, fsync, rename. Whatever stood at `path`
 * stays until the new file is whole; after a failure (a full disk included) no temporary file is left.
 *
 * @throws {DataError} when the file system refuses.
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await streamFileAtomic(path, (write) => write(bytes));
}

/** Writes a value as JSON for people to read, by {@linkcode writeFileAtomic}. */
export async function writeJsonAtomic(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * As {@linkcode writeFileAtomic}, for contents too large to hold: `produce` hands its bytes piece by piece to `write`.
 * What `produce` itself throws passes through unchanged.
 */
export async function streamFileAtomic(
  path: string,
  produce: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  await putInPlace(path, async (temporary) => {
    using file = await Deno.open(temporary, { write: true, createNew: true });
    await produce(async (bytes) => {
      for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
    });
    await file.sync();
  });
}

/**
 * Writes a directory completely or not at all: `fill` writes into a temporary directory beside it, every file and
 * directory in it is fsynced, then it is renamed to `directory`. Missing parents are created.
 *
 * @param replace whether it takes the place of what stands at `directory`; that stays until the new one is whole
 * @throws {DataError} when something stands at `directory` already and is not replaced, or the file system refuses.
 */
export async function writeDirectoryAtomic(
  directory: string,
  fill: (temporary: string) => Promise<void>,
  replace = false,
): Promise<void> {
  if (!replace) await refuseExisting(directory);
  await putInPlace(directory, async (temporary) => {
    await Deno.mkdir(temporary, { recursive: true });
    await fill(temporary);
    await syncTree(temporary);
    if (!replace) await refuseExisting(directory);
    else if (await exists(directory)) await moveAside(directory);
  });
}

/** Runs `produce` on a temporary name and renames the result to `path`; removes it after any failure. */
async function putInPlace(path: string, produce: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await produce(temporary);
    await Deno.rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await Deno.remove(temporary, { recursive: true }).catch(() => {});
    throw isIoError(error) ? ioError("write", path, error) : underFinalName(error, temporary, path);
  } finally {
    forget(temporary);
  }
}

/** A failure inside a temporary directory, told of the place that was asked for. */
function underFinalName(error: unknown, temporary: string, path: string): unknown {
  if (!(error instanceof DataError) || !error.path?.startsWith(temporary)) return error;
  return new DataError(error.message.replace(temporary, path), { path: error.path.replace(temporary, path) });
}

const exists = (path: string): Promise<boolean> => Deno.lstat(path).then(() => true, () => false);

/** A directory cannot be renamed onto a full one: the old one goes first, in one step. */
async function moveAside(path: string): Promise<void> {
  const aside = temporaryBeside(path);
  await Deno.rename(path, aside);
  await Deno.remove(aside, { recursive: true });
  forget(aside);
}

async function refuseExisting(path: string): Promise<void> {
  if (await exists(path)) {
    throw new DataError(`Cannot write ${path}: it exists already; give another name or remove it first`, {
      path,
    });
  }
}

async function syncTree(directory: string): Promise<void> {
  for await (const entry of Deno.readDir(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory) {
      await syncTree(path);
    } else if (entry.isFile) {
      using file = await Deno.open(path, { read: true, write: true });
      await file.sync();
    }
  }
  await syncDirectory(directory);
}

/** A rename is durable once its directory is synced; Windows opens no directory and needs none of this. */
async function syncDirectory(directory: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using file = await Deno.open(directory, { read: true });
  await file.sync();
}

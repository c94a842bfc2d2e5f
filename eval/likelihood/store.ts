import { createHash } from "node:crypto";
import * as z from "zod";
import { DataError } from "../../engine/mod.ts";
import { ioError, isFile, readText } from "../../model/files/mod.ts";
import type { Likelihood, Sequence } from "./request.ts";

/** Likelihoods that outlive the process, so that an evaluation that was interrupted goes on where it was. */
export interface LikelihoodStore {
  get(key: string): Likelihood | undefined;
  /** Keeps a result; it is in the file when the call returns. @throws {DataError} where the file system refuses */
  put(key: string, likelihood: Likelihood): void;
  close(): void;
}

const lineSchema = z.strictObject({
  key: z.hex().length(64),
  log_likelihood: z.number(),
  is_greedy: z.boolean(),
});

/**
 * Opens a store, a file of JSON lines, one a result; makes it where there is none. A last line that was cut off while it
 * was written is dropped.
 *
 * @throws {DataError} where the file cannot be read or written, or an earlier line is no result
 */
export async function openStore(path: string): Promise<LikelihoodStore> {
  const known = new Map<string, Likelihood>(), text = await isFile(path) ? await readText(path) : "";
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  whole.split("\n").slice(0, -1).forEach((line, i) => {
    const result = parseLine(line);
    if (!result) {
      throw new DataError(
        `Cannot use ${path}: line ${
          i + 1
        } is no likelihood; remove the file, and what it held is computed again`,
        { path, line: i + 1 },
      );
    }
    known.set(...result);
  });
  const file = openForAppending(path, new TextEncoder().encode(whole).length);
  return {
    get: (key) => known.get(key),
    put(key, likelihood) {
      const { logLikelihood, isGreedy } = likelihood;
      const line = JSON.stringify({ key, log_likelihood: logLikelihood, is_greedy: isGreedy });
      const bytes = new TextEncoder().encode(`${line}\n`);
      try {
        for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      } catch (error) {
        throw ioError("write", path, error);
      }
      known.set(key, likelihood);
    },
    close: () => file.close(),
  };
}

function parseLine(line: string): [string, Likelihood] | undefined {
  try {
    const { key, log_likelihood, is_greedy } = lineSchema.parse(JSON.parse(line));
    return [key, { logLikelihood: log_likelihood, isGreedy: is_greedy }];
  } catch {
    return undefined;
  }
}

/** Opens a file to go on after its first `length` bytes; what follows them goes. */
function openForAppending(path: string, length: number): Deno.FsFile {
  try {
    const file = Deno.openSync(path, { write: true, create: true });
    file.truncateSync(length);
    file.seekSync(length, Deno.SeekMode.Start);
    return file;
  } catch (error) {
    throw ioError("write", path, error);
  }
}

/** What a result is kept under: the model, what it is fed, and what it is asked. @param model as `hashModel` gives it */
export function keyOf(model: string, { ids, targets }: Sequence): string {
  return createHash("sha256").update(`${model}\n${ids}\n${targets}`).digest("hex");
}

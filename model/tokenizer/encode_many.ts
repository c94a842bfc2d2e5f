/** Ids of many texts, on several threads where there is enough to do. */
import { LapidaryError } from "../../engine/mod.ts";
import type { Reply, Start, Work } from "./encode_worker.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Characters that are worth a thread: about a second's work, where its start takes a fifth of one. */
const CHARACTERS_A_THREAD = 10_000_000;
/** Characters that a thread is given at a time. */
const CHARACTERS_AT_ONCE = 100_000;

/** How {@link encodeMany} goes about it. */
export interface EncodeManyOptions {
  /** Threads; by default as many as pay, at most one for each processor. 1 encodes where it is called. */
  readonly threads?: number;
  /** Told how many texts are done. */
  readonly onProgress?: (done: number) => void;
  /** What is thrown in place of the error of a text, by its index. */
  readonly explain?: (error: unknown, index: number) => unknown;
  /** Ends the work, with its reason thrown. */
  readonly signal?: AbortSignal;
}

/**
 * The ids of texts in their order, as `tokenizer.encode` gives them one by one.
 *
 * @throws DataError as `tokenizer.encode`, for the first text that has no ids
 * @throws LapidaryError where a thread fails
 */
export async function encodeMany(
  tokenizer: Tokenizer,
  texts: readonly string[],
  options: EncodeManyOptions = {},
): Promise<Uint32Array<ArrayBuffer>[]> {
  const { onProgress = () => {}, explain = (error) => error, signal } = options;
  const encode = (text: string, index: number) => {
    try {
      return tokenizer.encode(text);
    } catch (error) {
      throw explain(error, index);
    }
  };
  const characters = texts.reduce((sum, { length }) => sum + length, 0);
  const pays = Math.min(navigator.hardwareConcurrency, Math.floor(characters / CHARACTERS_A_THREAD));
  const threads = options.threads ?? pays;
  if (threads > 1) {
    const results = await onThreads(tokenizer, texts, threads, onProgress, signal);
    // A text that a thread refused is encoded here once more, which throws what is thrown without threads.
    return results.map((ids, i) => ids ?? encode(texts[i]!, i));
  }
  return texts.map((text, i) => {
    signal?.throwIfAborted();
    const ids = encode(text, i);
    onProgress(i + 1);
    return ids;
  });
}

/** Ids by text, nothing for a text that is refused. */
async function onThreads(
  tokenizer: Tokenizer,
  texts: readonly string[],
  threads: number,
  onProgress: (done: number) => void,
  signal: AbortSignal | undefined,
): Promise<(Uint32Array<ArrayBuffer> | undefined)[]> {
  const results: (Uint32Array<ArrayBuffer> | undefined)[] = new Array(texts.length).fill(undefined);
  const waiting = portionsOf(texts);
  let done = 0;

  const runThread = (worker: Worker, { tables, vocabSize }: Tokenizer) =>
    new Promise<void>((resolve, reject) => {
      let portion: Portion | undefined;
      const proceed = () => {
        portion = waiting.shift();
        if (portion === undefined) return resolve();
        worker.postMessage({ texts: texts.slice(portion.start, portion.end) } satisfies Work);
      };
      const fail = (why: string) =>
        reject(new LapidaryError(`Cannot tokenise on ${threads} threads: ${why}; run it again`));
      worker.onerror = (event) => {
        event.preventDefault();
        fail(event.message);
      };
      worker.onmessage = ({ data }: MessageEvent<Reply>) => {
        if ("failure" in data) return fail(data.failure);
        const { start, end } = portion!;
        data.ids.forEach((ids, i) => results[start + i] = ids);
        onProgress(done += end - start);
        proceed();
      };
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      worker.postMessage({ tables, vocabSize } satisfies Start);
      proceed();
    });

  signal?.throwIfAborted();
  const workers = Array.from(
    { length: Math.min(threads, waiting.length) },
    () => new Worker(new URL("./encode_worker.ts", import.meta.url), { type: "module" }),
  );
  try {
    await Promise.all(workers.map((worker) => runThread(worker, tokenizer)));
  } finally {
    for (const worker of workers) worker.terminate();
  }
  return results;
}

/** Texts from `start` up to `end`. */
interface Portion {
  readonly start: number;
  readonly end: number;
}

function portionsOf(texts: readonly string[]): Portion[] {
  const portions: Portion[] = [];
  for (let start = 0, end = 0, characters = 0; end < texts.length; start = end, characters = 0) {
    do characters += texts[end++]!.length; while (end < texts.length && characters < CHARACTERS_AT_ONCE);
    portions.push({ start, end });
  }
  return portions;
}

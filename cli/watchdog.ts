/**
 * Ends the process when the GPU does not answer. A wait for the device blocks Deno's event loop, so that neither a timer
 * nor Ctrl-C is heard on this thread: another one watches.
 */
import { listen, UsageError } from "../engine/mod.ts";

/** Seconds that a GPU may take to answer: LAPIDARY_WAIT_LIMIT, where 0 means for ever. */
export function waitLimit(text: string | undefined, software: boolean): number {
  // A software adapter computes as long as it must, and cannot hang: its driver ends loops that do not end.
  if (text === undefined || text === "") return software ? 0 : 600;
  const seconds = Number(text);
  // A timer takes milliseconds as 31 bits.
  if (seconds >= 0 && seconds < 2 ** 31 / 1000) return seconds;
  throw new UsageError(
    `Cannot wait LAPIDARY_WAIT_LIMIT=${text} for the GPU; give seconds, or 0 to wait for ever`,
  );
}

/** Watches all waits for the device until disposed of; `seconds` 0 watches nothing. */
export function watchWaits(seconds: number): Disposable {
  if (seconds === 0) return { [Symbol.dispose]: () => {} };
  const worker = new Worker(new URL("./watchdog_worker.ts", import.meta.url), { type: "module" });
  const stop = listen((event) => {
    if (event.kind === "wait") worker.postMessage({ work: event.work, seconds });
    if (event.kind === "answer") worker.postMessage(undefined);
  });
  return {
    [Symbol.dispose]() {
      stop();
      worker.terminate();
    },
  };
}

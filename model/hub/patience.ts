import { HubError } from "./errors.ts";
import type { Patience } from "./settings.ts";

/**
 * Runs `work` until it succeeds, fails for good, or has failed `attempts` times in a row; `work` calls `progressed`
 * whenever it is further than ever before, which begins the count again.
 *
 * @throws {HubError} the last fault that might pass, with how often it was tried; what `work` throws otherwise
 */
export async function patiently<T>(
  { attempts, backoff, longestWait }: Patience,
  signal: AbortSignal | undefined,
  work: (progressed: () => void) => Promise<T>,
): Promise<T> {
  for (let failed = 0;;) {
    try {
      signal?.throwIfAborted();
      return await work(() => failed = 0);
    } catch (error) {
      if (!(error instanceof HubError) || !error.fault.passing) throw error;
      failed++;
      const { retryAfter } = error.fault;
      if (failed >= attempts) throw told(error, `${error.message} (tried ${failed} times)`);
      if (retryAfter !== undefined && retryAfter > longestWait) {
        throw told(error, `${error.message} (the hub asks to wait ${Math.ceil(retryAfter / 1000)} s)`);
      }
      const growing = Math.min(backoff * 2 ** (failed - 1), longestWait);
      await pause(Math.max(retryAfter ?? 0, growing * (0.5 + Math.random() / 2)), signal);
    }
  }
}

const told = ({ fault }: HubError, message: string) => new HubError(message, fault);

/** Waits; rejects with the signal's reason when it is aborted. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Runs cases of a target on a thread of their own, with a limit on the time of each and on the memory of all. */
import { inTemporaryDirectory, namesIn } from "../../support/temporary.ts";
import type { Asked, Told } from "./worker.ts";

/** Seconds that one case may take. */
const LIMIT = 20;

/** What came of many cases. */
export interface Outcome {
  readonly cases: number;
  readonly read: number;
  readonly refused: number;
  /** Cases that threw something that is not a message of ours, or did not end; at most ten are kept. */
  readonly failures: readonly { readonly seed: number; readonly why: string }[];
  /** Seconds of the slowest case. */
  readonly slowest: number;
  /** Bytes that the process grew by. */
  readonly grown: number;
  /** Names beside the directory that was given to the target. */
  readonly escaped: readonly string[];
}

/** Runs cases `from` up to `from + count` of a target. */
export function fuzz(target: string, count: number, from = 0): Promise<Outcome> {
  return inTemporaryDirectory(async (outside) => {
    const directory = `${outside}/inside`, before = Deno.memoryUsage().rss;
    await Deno.mkdir(directory);
    const failures: { seed: number; why: string }[] = [];
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    try {
      const counts = await new Promise<{ read: number; refused: number; slowest: number }>((resolve) => {
        let at = from, timer: ReturnType<typeof setTimeout> | undefined;
        const watch = () => {
          clearTimeout(timer);
          timer = setTimeout(() => {
            failures.push({ seed: at, why: `did not end within ${LIMIT} s` });
            resolve({ read: 0, refused: 0, slowest: LIMIT });
          }, LIMIT * 1000);
        };
        watch();
        worker.onerror = (event) => {
          event.preventDefault();
          failures.push({ seed: at, why: event.message });
          clearTimeout(timer);
          resolve({ read: 0, refused: 0, slowest: 0 });
        };
        worker.onmessage = ({ data }: MessageEvent<Told>) => {
          if ("begins" in data) {
            at = data.begins;
            if (at % 100 === 0 || at === from) watch();
          } else if ("failed" in data) {
            if (failures.length < 10) failures.push({ seed: data.failed, why: data.why });
          } else {
            clearTimeout(timer);
            resolve(data);
          }
        };
        worker.postMessage({ target, from, to: from + count, directory } satisfies Asked);
      });
      const grown = Math.max(0, Deno.memoryUsage().rss - before);
      const escaped = (await namesIn(outside)).filter((name) => name !== "inside");
      return { cases: count, ...counts, failures, grown, escaped };
    } finally {
      worker.terminate();
    }
  });
}

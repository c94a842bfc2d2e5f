/** The thread that reads damaged files: one that hangs can be ended. */
import { LapidaryError } from "../../../engine/mod.ts";
import { randomOf, TARGETS } from "./targets.ts";

/** What is asked: cases `from` up to `to` of a target, in a directory. */
export interface Asked {
  readonly target: string;
  readonly from: number;
  readonly to: number;
  readonly directory: string;
}

/** What is told: a case begins; it threw what is no error of ours; all are done. */
export type Told =
  | { readonly begins: number }
  | { readonly failed: number; readonly why: string }
  | { readonly read: number; readonly refused: number; readonly slowest: number };

const tell = (told: Told) => (self as unknown as Worker).postMessage(told);

self.addEventListener("message", async ({ data }: MessageEvent<Asked>) => {
  const read = await TARGETS[data.target]!.prepare(data.directory);
  const counts = { read: 0, refused: 0, slowest: 0 };
  for (let seed = data.from; seed < data.to; seed++) {
    tell({ begins: seed });
    const started = performance.now();
    try {
      await read(randomOf(seed));
      counts.read++;
    } catch (error) {
      if (!(error instanceof LapidaryError)) {
        tell({ failed: seed, why: error instanceof Error ? error.stack ?? error.message : String(error) });
      }
      counts.refused++;
    }
    counts.slowest = Math.max(counts.slowest, (performance.now() - started) / 1000);
  }
  tell(counts);
});

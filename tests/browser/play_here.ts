/** Plays in a page, or on Deno, and tells what came of it; a test puts this into the page. */
import { type Engine, openEngine } from "../../engine/mod.ts";
import { openPacked } from "../../pipeline/view/page/data.ts";
import type { PlayAssets } from "../../pipeline/view/play/assets.ts";
import { play } from "../../pipeline/view/play/session.ts";

/** What a session told. */
export interface Played {
  readonly scores: readonly number[];
  readonly dropped: readonly number[];
  readonly losses: readonly (readonly [crossEntropy: number, distillation: number, gradientNorm: number])[];
  readonly samples: readonly (readonly [model: string, texts: readonly string[]])[];
}

/** Plays so many steps with packed assets. */
export async function playHere(engine: Engine, packed: string, steps: number): Promise<Played> {
  const { document, values } = await openPacked<PlayAssets>(packed);
  const losses: Played["losses"][number][] = [], samples: Played["samples"][number][] = [];
  let scores: readonly number[] = [], dropped: readonly number[] = [];
  await play(engine, document, values, {
    stage: () => {},
    importance: (importance, blocks) => [scores, dropped] = [importance.scores, blocks],
    samples: (model, texts) => void samples.push([model, texts]),
    step: ({ losses: { cross_entropy, distillation }, gradient_norm }) =>
      void losses.push([cross_entropy!, distillation!, gradient_norm]),
  }, { steps, signal: new AbortController().signal });
  return { scores, dropped, losses, samples };
}

Object.assign(globalThis, {
  playHere: async (steps: number) => {
    const engine = await openEngine();
    try {
      return await playHere(engine, document.getElementById("assets")!.textContent!, steps);
    } finally {
      engine.close();
    }
  },
});

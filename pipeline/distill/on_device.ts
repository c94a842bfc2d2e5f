import type { Engine } from "../../engine/mod.ts";
import { type Gemma3, releaseGemma3 } from "../../model/gemma3/mod.ts";

/** A model that takes device memory only where a stage works with it. */
export interface OnDevice {
  /** The model, loaded at the first call. */
  get(): Promise<Gemma3>;
  /** Gives its memory back, if it has any. */
  release(): void;
}

/** A model that `load` puts on the device. */
export function onDevice(engine: Engine, load: () => Promise<Gemma3>): OnDevice {
  let loaded: Gemma3 | undefined;
  return {
    get: async () => loaded ??= await load(),
    release() {
      if (loaded) releaseGemma3(engine, loaded);
      loaded = undefined;
    },
  };
}

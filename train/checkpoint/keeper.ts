import type { Engine } from "../../engine/mod.ts";
import { createCadence } from "./cadence.ts";
import type { Attached, Progress } from "./progress.ts";
import type { Checkpoint, CheckpointStore } from "./store.ts";
import { bytesOf, trained, type TrainedTensors } from "./tensors.ts";

/** How a training keeps itself. */
export interface Checkpointing {
  readonly store: CheckpointStore;
  /** Optimizer steps between two checkpoints; null goes by time, see `createCadence`. */
  readonly every: number | null;
  /** Where the training goes on; undefined begins it. */
  readonly from: Checkpoint | undefined;
  /** What goes into every checkpoint beside the training's own. */
  readonly attached: () => Attached;
}

/** Writes the checkpoints of a training that runs. */
export interface Keeper {
  /** Writes one where it is due after so many steps; `progress` is asked for, and awaited, only then. */
  perhaps(steps: number, progress: () => Promise<Progress>): Promise<void>;
  /** Writes one now, unless that of this step stands. */
  now(progress: Progress): Promise<void>;
  /** Writes the last one, without the moments that no step will need. */
  end(progress: Progress): Promise<void>;
}

/** The keeper of a training; one that does nothing where `checkpointing` is undefined. */
export function createKeeper(
  engine: Engine,
  tensors: TrainedTensors,
  checkpointing: Checkpointing | undefined,
): Keeper {
  if (!checkpointing) return { perhaps: async () => {}, now: async () => {}, end: async () => {} };
  const { store, every, from, attached } = checkpointing, seconds = () => performance.now() / 1000;
  const cadence = createCadence(every, bytesOf(tensors), seconds);
  let written = from?.progress.steps ?? 0;

  async function write(tensors: TrainedTensors, progress: Progress): Promise<void> {
    const started = seconds();
    await store.write(engine, tensors, progress, attached());
    written = progress.steps;
    cadence.wrote(seconds() - started);
  }
  const now = async (progress: Progress) => {
    if (progress.steps > written) await write(tensors, progress);
  };
  return {
    async perhaps(steps, progress) {
      if (cadence.due(steps)) await now(await progress());
    },
    now,
    end: (progress) => write(trained(tensors), progress),
  };
}

/** The checkpoints of one training, as files of one directory: `NAME-000040.safetensors`, sealed by their SHA-256. */
import { join } from "node:path";
import { type Engine, LapidaryError } from "../../engine/mod.ts";
import { listDirectory, makeSubdirectory, removeFile } from "../../model/files/mod.ts";
import { openSealed, type SealedFile, writeSealed } from "../../model/safetensors/mod.ts";
import type { Attached, Progress } from "./progress.ts";
import { loadTensors, tensorsToWrite, type TrainedTensors } from "./tensors.ts";

/** Key of the metadata that holds what is no tensor, as JSON. */
const STATE = "lapidary";

/** What a checkpoint says beside its tensors. */
interface State {
  readonly belongs: string;
  readonly name: string;
  readonly progress: Progress;
  readonly attached: Attached;
}

/** A checkpoint that is whole and belongs to its training. */
export interface Checkpoint extends Omit<State, "belongs" | "name"> {
  readonly path: string;
  /** Puts its tensors onto the device. */
  load(engine: Engine, tensors: TrainedTensors): Promise<void>;
}

/** What a {@link CheckpointStore} is opened with. */
export interface StoreOptions {
  /** Directory of the files, inside one that exists; made when the first is written. */
  readonly directory: string;
  /** Which of the trainings there: begins the names of its files. */
  readonly name: string;
  /** Hash of all that the training depends on: a checkpoint of another one is not taken. */
  readonly belongs: string;
  /** How many of the newest stay. */
  readonly kept: number;
  /** Called before anything is written: throws where the place is no longer what it was. */
  readonly check?: () => Promise<void>;
  /** Hears of checkpoints that cannot be used. */
  readonly note: (text: string) => void;
}

/** Reads and writes the checkpoints of a training. */
export interface CheckpointStore {
  /** The newest that is whole and belongs; what is passed over is told. Undefined where there is none. */
  latest(): Promise<Checkpoint | undefined>;
  /**
   * Writes one: temporary file, fsync, rename, fsync of the directory; then the oldest go, and
   * those of later steps, which this training has not come to.
   *
   * @throws DataError when the file system refuses; LapidaryError for values that are not finite. What stood before stays
   */
  write(engine: Engine, tensors: TrainedTensors, progress: Progress, attached: Attached): Promise<void>;
  /** Removes all of this training. */
  clear(): Promise<void>;
}

/** Opens the checkpoints of a training; nothing is touched yet. */
export function openCheckpoints(
  { directory, name, belongs, kept, check, note }: StoreOptions,
): CheckpointStore {
  const pathOf = (step: number) => join(directory, `${name}-${String(step).padStart(6, "0")}.safetensors`);
  const steps = async () =>
    (await listDirectory(directory)).flatMap((file) => {
      const step = file.startsWith(`${name}-`) && /^(\d{6,})\.safetensors$/.exec(file.slice(name.length + 1));
      return step ? [Number(step[1])] : [];
    }).sort((a, b) => b - a);

  async function open(step: number): Promise<{ file: SealedFile; state: State }> {
    const path = pathOf(step), file = await openSealed(path);
    const state = stateOf(file);
    const why = state?.belongs !== belongs
      ? "it belongs to another run, or to other data, settings or weights"
      : state.name !== name || state.progress.steps !== step
      ? `it is that of step ${state.progress.steps} of ${state.name} under another name`
      : undefined;
    if (why === undefined) return { file, state: state! };
    file.close();
    throw new LapidaryError(`Cannot use ${path}: ${why}`);
  }

  return {
    async latest() {
      const found = await steps();
      for (const step of found) {
        try {
          const { file, state: { progress, attached } } = await open(step);
          file.close();
          return {
            ...{ path: pathOf(step), progress, attached },
            async load(engine, tensors) {
              const { file } = await open(step);
              try {
                await loadTensors(engine, tensors, file);
              } finally {
                file.close();
              }
            },
          };
        } catch (error) {
          if (!(error instanceof LapidaryError)) throw error;
          note(`${error.message}: the checkpoint before it is taken`);
        }
      }
      if (found.length > 0) note(`No checkpoint of ${name} can be used: its training starts again`);
      return undefined;
    },
    async write(engine, tensors, progress, attached) {
      await check?.();
      await makeSubdirectory(directory);
      const state: State = { belongs, name, progress, attached };
      await writeSealed(pathOf(progress.steps), tensorsToWrite(engine, tensors), {
        [STATE]: JSON.stringify(state),
      });
      const found = await steps(), past = found.filter((step) => step > progress.steps);
      const old = found.filter((step) => step <= progress.steps).slice(kept);
      for (const step of [...past, ...old]) await removeFile(pathOf(step));
    },
    async clear() {
      for (const step of await steps()) await removeFile(pathOf(step));
    },
  };
}

function stateOf({ metadata }: SealedFile): State | undefined {
  const text = metadata[STATE];
  return text === undefined ? undefined : JSON.parse(text); // its hash was right: this program wrote it
}

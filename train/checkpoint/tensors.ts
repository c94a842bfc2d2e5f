/** The device memory that a training is made of, to and from a checkpoint. */
import { elementCount, type Engine, firstNotFinite, LapidaryError, rows } from "../../engine/mod.ts";
import type { Parameters } from "../../model/gemma3/mod.ts";
import type { SealedFile, SealedTensor } from "../../model/safetensors/mod.ts";

/** What changes from step to step, by name: `parameters`, and while it still trains AdamW's two moments. */
export type TrainedTensors = Readonly<Record<string, Parameters>>;

/** The part of a training that is needed once it has ended. */
export const trained = ({ parameters }: TrainedTensors): TrainedTensors => ({ parameters: parameters! });

/** Values that cross between device and host at a time. */
const PIECE_VALUES = 1 << 24;

/** Bytes of all tensors. */
export const bytesOf = (tensors: TrainedTensors): number =>
  placesOf(tensors).reduce((sum, { length }) => sum + 4 * length, 0);

/** Every arena, with the name that it has in a checkpoint. */
function placesOf(tensors: TrainedTensors) {
  return Object.entries(tensors).flatMap(([group, parameters]) =>
    parameters.arenas.map(({ kind, tensor }, i) => ({
      ...{ name: `${group} ${i} ${kind}`, group, parameters, tensor },
      length: elementCount(tensor.shape),
    }))
  );
}

/**
 * The tensors as what a file is written of; each piece is read from the device when its turn comes.
 *
 * Reading throws LapidaryError that names the first parameter with a value that is not finite: what is poisoned is never
 * kept.
 */
export function tensorsToWrite(engine: Engine, tensors: TrainedTensors): SealedTensor[] {
  return placesOf(tensors).map(({ name, group, parameters, tensor, length }) => ({
    ...{ name, length },
    async *pieces() {
      for (let start = 0; start < length; start += PIECE_VALUES) {
        const part = rows(tensor, start, Math.min(length, start + PIECE_VALUES));
        const values = await engine.read(part) as Float32Array<ArrayBuffer>;
        const bad = firstNotFinite(values);
        if (bad >= 0) {
          throw new LapidaryError(
            `Cannot keep a checkpoint as ${group} of ${nameAt(parameters, tensor.slot, start + bad)} ` +
              "are not finite; lower train.lr, or look for damaged weights or data",
          );
        }
        yield values;
      }
    },
  }));
}

/** Puts the values of a checkpoint onto the device. @throws DataError where the file lacks some */
export async function loadTensors(engine: Engine, tensors: TrainedTensors, file: SealedFile): Promise<void> {
  for (const { name, tensor, length } of placesOf(tensors)) {
    for (let start = 0; start < length; start += PIECE_VALUES) {
      const end = Math.min(length, start + PIECE_VALUES);
      await engine.write(rows(tensor, start, end), file.read(name, start, end));
    }
  }
}

/** Name of the parameter that has an element of an arena. */
function nameAt({ named }: Parameters, slot: unknown, element: number): string {
  for (const [name, { slot: own, offset, shape }] of named) {
    if (own === slot && offset <= element && element < offset + elementCount(shape)) return name;
  }
  return "no parameter";
}

/** Checkpoints of a training, and when they are written. */
export { type Cadence, createCadence } from "./cadence.ts";
export { type Checkpointing, createKeeper, type Keeper } from "./keeper.ts";
export { type Attached, BEGINNING, type Progress } from "./progress.ts";
export { type Checkpoint, type CheckpointStore, openCheckpoints, type StoreOptions } from "./store.ts";
export { bytesOf, loadTensors, tensorsToWrite, trained, type TrainedTensors } from "./tensors.ts";

import { createStopwatch } from "../gpu/timestamps.ts";
import type { Prepared } from "./prepared.ts";
import type { Engine } from "./run.ts";
import { submit } from "./submit.ts";

/**
 * Runs a Program once, one pass a dispatch, and answers how long each took on the device's clock, in milliseconds.
 * It is a run like any other: what the Program writes is written.
 *
 * Throws DeviceError where the adapter has no timestamp queries.
 */
export async function timeDispatches(engine: Engine, prepared: Prepared): Promise<Float64Array> {
  const stopwatch = await createStopwatch(engine.device, prepared.launches.length);
  try {
    submit(engine.device, prepared, { stopwatch });
    return await stopwatch.read();
  } finally {
    stopwatch.destroy();
  }
}

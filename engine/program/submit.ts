import { DeviceError } from "../core/errors.ts";
import { emit } from "../core/events.ts";
import type { Device } from "../gpu/device.ts";
import type { Stopwatch } from "../gpu/timestamps.ts";
import type { Launchable, Prepared } from "./prepared.ts";
import type { Tap } from "./tap.ts";

/** What looks at a run while it runs; either puts each dispatch into a pass of its own. */
export interface Instruments {
  readonly stopwatch?: Stopwatch | undefined;
  readonly tap?: Tap | undefined;
}

/** Submits a Program at once: in one pass, or under instruments in one pass a dispatch. */
export function submit(device: Device, prepared: Prepared, { stopwatch, tap }: Instruments = {}): void {
  device.check();
  const { launches, program } = prepared, encoder = device.gpu.createCommandEncoder();
  if (stopwatch || tap) {
    launches.forEach((launch, index) => {
      encode(encoder, [launch], stopwatch?.pass(index));
      tap?.after(encoder, index);
    });
    stopwatch?.resolve(encoder);
  } else {
    encode(encoder, launches);
  }
  device.given(`${program.name} (${launches.length} ${launches.length === 1 ? "dispatch" : "dispatches"})`);
  device.gpu.queue.submit([encoder.finish()]);
  emit({ kind: "submit", program: program.name, dispatches: launches.length });
}

/**
 * Submits a Program dispatch by dispatch and waits for each: slow, to learn which one the device fails at.
 * Throws DeviceError that names it.
 */
export async function submitOneByOne(
  device: Device,
  prepared: Prepared,
  { stopwatch, tap }: Instruments = {},
): Promise<void> {
  const { launches, program } = prepared;
  for (const [index, launch] of launches.entries()) {
    const { op, kernel, scope } = launch.dispatch;
    const work = `dispatch ${index + 1} of ${launches.length} of ${program.name}: ${op} by ${kernel.file}${
      scope && ` in ${scope}`
    }`;
    device.given(work);
    const encoder = device.gpu.createCommandEncoder();
    device.gpu.pushErrorScope("validation");
    encode(encoder, [launch], stopwatch?.pass(index));
    tap?.after(encoder, index);
    if (index === launches.length - 1) stopwatch?.resolve(encoder);
    const error = await device.wait(async () => {
      device.gpu.queue.submit([encoder.finish()]);
      const error = await device.gpu.popErrorScope();
      await device.gpu.queue.onSubmittedWorkDone();
      return error;
    });
    if (error) throw new DeviceError(`The GPU refused ${work}: ${error.message}`);
    await new Promise((resolve) => setTimeout(resolve)); // the loss of a device is told one task later
    device.check();
  }
  emit({ kind: "submit", program: program.name, dispatches: launches.length });
}

/** The one place that encodes dispatches: into a pass of their own. */
function encode(
  encoder: GPUCommandEncoder,
  launches: readonly Launchable[],
  timestampWrites?: GPUComputePassTimestampWrites,
): void {
  const pass = encoder.beginComputePass(timestampWrites && { timestampWrites });
  for (const { dispatch, pipeline, bindGroup } of launches) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...dispatch.grid);
  }
  pass.end();
}

import { connect, type Device, type DeviceOptions } from "./device.ts";
import { lanesInOrder } from "./lanes.ts";

/**
 * Opens the adapter that the system prefers; one whose subgroups do not take invocations in order counts as having none.
 * Throws DeviceError with exit code 3 when there is no adapter.
 */
export async function openDevice(options: DeviceOptions = {}): Promise<Device> {
  const device = await connect(options);
  return device.subgroupSize === 0 || await lanesInOrder(device) ? device : { ...device, subgroupSize: 0 };
}

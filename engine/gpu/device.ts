import type { Choices } from "../core/choices.ts";
import { DeviceError } from "../core/errors.ts";
import { emit } from "../core/events.ts";

/** What a kernel may rely on: enough to record and plan a Program without a device. */
export interface Target {
  /** Lanes of a subgroup where it is the same for every pipeline, else 0 (then no kernel uses subgroups). */
  readonly subgroupSize: number;
  /** Bytes that one storage binding may cover. */
  readonly maxBinding: number;
  /** True on a software adapter, where workgroup memory is slower than registers. */
  readonly software: boolean;
  /** What was measured to serve best; kernels with several variants take their usual one where nothing is known. */
  readonly choices?: Choices;
}

/** An open WebGPU device; `check` throws once anything has gone wrong on it. */
export interface Device extends Target {
  readonly gpu: GPUDevice;
  readonly info: GPUAdapterInfo;
  readonly timestamps: boolean;
  /** Programs run dispatch by dispatch, each awaited, so that a failure names the one it was. */
  readonly oneByOne: boolean;
  /** Says what the device works on from now on: a Program, a dispatch, a kernel to compile. A failure names the latest. */
  given(work: string): void;
  /** Throws the first error that no scope captured, or the loss of the device. */
  check(): void;
  /**
   * Awaits an answer of the device; all waits go through here. Rejects when the device fails meanwhile.
   *
   * @param answer is called at once: in Deno it is the call that blocks
   */
  wait<T>(answer: () => Promise<T>): Promise<T>;
  destroy(): void;
}

/** Options of opening a device. */
export interface DeviceOptions {
  /** `false` records as if the adapter had no subgroups. */
  readonly subgroups?: boolean;
  /** `true` runs dispatch by dispatch, see {@link Device.oneByOne}: slow, with the same results. */
  readonly oneByOne?: boolean;
}

/** True under Deno on Linux; a browser is elsewhere whatever it runs on. */
function onLinux(): boolean {
  return (globalThis as { Deno?: typeof Deno }).Deno?.build.os === "linux";
}

/**
 * On Linux WebGPU must mean Vulkan: else wgpu may answer with OpenGL in silence. libwayland, reached through a Mesa
 * layer, complains on standard error when XDG_RUNTIME_DIR is unset. What the user has set stays.
 */
function prepareLinux(): void {
  if (!onLinux()) return;
  for (
    const [name, value] of [["DENO_WEBGPU_BACKEND", "vulkan"], ["XDG_RUNTIME_DIR", "/nonexistent"]] as const
  ) {
    if (!Deno.env.get(name)) Deno.env.set(name, value);
  }
}

/** Answers the adapter, or throws a DeviceError (exit code 3) that says how to get one. */
export async function requestAdapter(): Promise<GPUAdapter> {
  prepareLinux();
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) {
    throw new DeviceError(
      "Cannot open a GPU as no WebGPU adapter answered: " +
        (onLinux()
          ? "the Vulkan loader or driver is missing; " +
            "on Debian or Ubuntu run `sudo apt install libvulkan1 mesa-vulkan-drivers`, then `./lapidary doctor`"
          : "the graphics driver is missing or too old; `deno task doctor` says what this machine has"),
      3,
    );
  }
  return adapter;
}

/**
 * Limits raised to what the adapter offers: those of memory. What a kernel may use (8 storage buffers, 16 KiB of workgroup
 * memory, 256 invocations) stays at WebGPU's defaults, so that a kernel accepted on one adapter is accepted on all.
 */
const RAISED = ["maxBufferSize", "maxStorageBufferBindingSize"] as const;

/** wgpu offers subgroups without listing them among the adapter's features, so asking is the only way to know. */
async function requestDevice(adapter: GPUAdapter, subgroups: boolean): Promise<GPUDevice> {
  const requiredLimits = Object.fromEntries(RAISED.map((name) => [name, adapter.limits[name]]));
  const optional: GPUFeatureName[] = adapter.features.has("timestamp-query") ? ["timestamp-query"] : [];
  if (subgroups) {
    try {
      return await adapter.requestDevice({ requiredLimits, requiredFeatures: [...optional, "subgroups"] });
    } catch {
      // The adapter has no subgroups: the kernels have variants without.
    }
  }
  try {
    return await (subgroups ? await requestAdapter() : adapter).requestDevice({
      requiredLimits,
      requiredFeatures: optional,
    });
  } catch (cause) {
    throw new DeviceError(
      `Cannot open the GPU "${adapter.info.description}" as it refused the device: ${
        (cause as Error).message
      }`,
      3,
    );
  }
}

/** Opens the adapter that the system prefers. Throws DeviceError with exit code 3 when there is none. */
export async function connect({ subgroups = true, oneByOne = false }: DeviceOptions): Promise<Device> {
  const adapter = await requestAdapter();
  const gpu = await requestDevice(adapter, subgroups);
  const info = adapter.info;
  const uniform = gpu.features.has("subgroups") && info.subgroupMinSize === info.subgroupMaxSize;
  const limit = gpu.limits.maxStorageBufferBindingSize;
  let fault: DeviceError | undefined, work: string | undefined;
  let reject!: (error: DeviceError) => void;
  const failure = new Promise<never>((_, r) => reject = r);
  failure.catch(() => {}); // not every failure meets a wait; `check` reports the same error
  const fail = (error: DeviceError) => {
    fault ??= error;
    reject(fault);
  };
  const latest = () => work === undefined ? "" : `; its latest work was ${work}`;
  gpu.addEventListener("uncapturederror", (event) => {
    const { message } = (event as GPUUncapturedErrorEvent).error;
    fail(new DeviceError(`The GPU reported an error that nothing had asked for: ${message}${latest()}`));
  });
  gpu.lost.then(({ reason, message }) => {
    fail(
      new DeviceError(
        `The GPU device was lost (${reason}): ${message || "no further word from the driver"}${latest()}; ` +
          `start again, with less memory if it was short${
            oneByOne ? "" : ", or with LAPIDARY_ONE_BY_ONE=1 to learn which dispatch it is"
          }`,
      ),
    );
  });
  return {
    gpu,
    info,
    subgroupSize: uniform ? (info.subgroupMinSize ?? 0) : 0,
    maxBinding: limit - limit % 256, // bindings are rounded up to whole vec4s
    software: info.isFallbackAdapter ?? false,
    timestamps: gpu.features.has("timestamp-query"),
    oneByOne,
    given: (what) => work = what,
    check: () => {
      if (fault) throw fault;
    },
    async wait(answer) {
      emit({ kind: "wait", work: work ?? "nothing yet" });
      try {
        return await Promise.race([answer(), failure]);
      } finally {
        emit({ kind: "answer" });
      }
    },
    destroy: () => gpu.destroy(),
  };
}

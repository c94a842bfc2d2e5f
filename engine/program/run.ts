import { type HostArray, hostArray } from "../core/dtype.ts";
import { elementCount, formatShape, roundUp } from "../core/shape.ts";
import { ALIGNMENT, allocate, free } from "../gpu/buffers.ts";
import type { Device, DeviceOptions, Target } from "../gpu/device.ts";
import { openDevice } from "../gpu/open.ts";
import { pipeline } from "../gpu/pipelines.ts";
import type { Stopwatch } from "../gpu/timestamps.ts";
import { readBack, upload } from "../gpu/transfer.ts";
import { describeMemory, memoryByRole, plan } from "./plan.ts";
import type { Launchable, Prepared } from "./prepared.ts";
import type { Program } from "./program.ts";
import { submit, submitOneByOne } from "./submit.ts";
import { byteLength, type Slot, type Tensor } from "./tensor.ts";

/** Sees every Program as it is prepared and run: tracing listens here. */
export interface Observer {
  /** Awaited by `prepare`, so that what timing needs is made before the first run. */
  prepared?(prepared: Prepared): void | Promise<void>;
  /** Times the run that follows, one pass a dispatch; undefined leaves it in one pass. */
  stopwatch?(prepared: Prepared): Stopwatch | undefined;
  run?(prepared: Prepared): void;
}

/** A device with the buffers of persistent slots and the pool that all Programs' temporaries share. */
export interface Engine {
  /** The device, open until {@link Engine.close}. */
  readonly device: Device;
  /** What to record Programs for. */
  readonly target: Target;
  /** At most one listener, see {@link Observer}; undefined costs nothing. */
  observer: Observer | undefined;
  /** Compiles kernels, allocates buffers and makes bind groups, once. Throws DeviceError when memory is short. */
  prepare(program: Program): Promise<Prepared>;
  /** Encodes one pass and submits once. Throws what went wrong on the device since the last call. */
  run(prepared: Prepared): void;
  /**
   * Uploads values; `data` may be shorter than the tensor. Allocates the slot on first use.
   * Throws TypeError when `data` is longer, and for temporaries, which have no memory of their own.
   */
  write(tensor: Tensor, data: Float32Array | Uint32Array): Promise<void>;
  /** Values of a persistent tensor after all work submitted before the call. Throws TypeError for temporaries. */
  read(tensor: Tensor): Promise<HostArray>;
  /** Device bytes that are allocated now, pool included. */
  allocatedBytes(): number;
  /** Gives the buffers of slots back, those of models no longer needed. */
  release(slots: Iterable<Slot>): void;
  /** Frees everything and destroys the device. */
  close(): void;
}

/** Opens the preferred device as an engine. */
export async function openEngine(options: DeviceOptions = {}): Promise<Engine> {
  return createEngine(await openDevice(options));
}

/** An engine on an open device. */
export function createEngine(device: Device): Engine {
  const persistent = new Map<Slot, GPUBuffer>();
  const pool: GPUBuffer[] = [];
  const uniforms: GPUBuffer[] = [];
  /** Runs that are not yet submitted, where dispatches go one by one. */
  let earlier = Promise.resolve();

  async function bufferOf(slot: Slot, need?: string): Promise<GPUBuffer> {
    if (slot.role === "temporary") {
      throw new TypeError(
        `Cannot reach ${slot.name} from the host as it is a temporary of a Program; keep a copy with output()`,
      );
    }
    let buffer = persistent.get(slot);
    if (!buffer) {
      persistent.set(slot, buffer = await allocate(device, slot.name, slot.bytes, undefined, need));
    }
    return buffer;
  }

  const engine: Engine = {
    device,
    target: device,
    observer: undefined,
    async prepare(program) {
      const planned = plan(program, pool.map((buffer) => buffer.size));
      const memory = memoryByRole(program, planned), need = describeMemory(program, memory);
      for (let i = pool.length; i < planned.sizes.length; i++) {
        pool.push(await allocate(device, `pool ${i}`, planned.sizes[i]!, undefined, need));
      }
      const buffers = new Map<Slot, GPUBuffer>();
      for (const slot of program.lifetimes.keys()) {
        const pooled = planned.buffers.get(slot);
        buffers.set(slot, pooled === undefined ? await bufferOf(slot, need) : pool[pooled]!);
      }
      const params = await packParams(device, program);
      uniforms.push(params.buffer);
      const launches: Launchable[] = [];
      for (const [index, dispatch] of program.dispatches.entries()) {
        const compiled = await pipeline(device, dispatch.kernel);
        const entries = dispatch.kernel.bindings.map(({ name, index: binding, access }) => ({
          binding,
          resource: access === "uniform"
            ? { buffer: params.buffer, offset: params.offsets[index]!, size: ALIGNMENT }
            : range(buffers, dispatch.tensors[name]!),
        }));
        const bindGroup = device.gpu.createBindGroup({
          label: dispatch.op,
          layout: compiled.getBindGroupLayout(0),
          entries,
        });
        launches.push({ dispatch, pipeline: compiled, bindGroup });
      }
      device.check();
      const prepared = { program, launches, memory };
      await engine.observer?.prepared?.(prepared);
      return prepared;
    },
    run(prepared) {
      const stopwatch = engine.observer?.stopwatch?.(prepared);
      if (device.oneByOne) {
        device.check();
        earlier = earlier.then(async () => {
          await submitOneByOne(device, prepared, stopwatch);
          engine.observer?.run?.(prepared);
        });
        earlier.catch(() => {}); // told by the next read or write
      } else {
        submit(device, prepared, stopwatch);
        engine.observer?.run?.(prepared);
      }
    },
    async write(tensor, data) {
      if (data.length > elementCount(tensor.shape)) {
        throw new TypeError(
          `Cannot write ${data.length} elements to ${tensor.slot.name} ${
            formatShape(tensor.shape)
          } as it holds ${elementCount(tensor.shape)}`,
        );
      }
      if (device.oneByOne) await earlier;
      upload(device, await bufferOf(tensor.slot), tensor.offset * 4, data);
    },
    async read(tensor) {
      if (device.oneByOne) await earlier;
      const length = elementCount(tensor.shape);
      // A slot that has its buffer is copied before the caller goes on, so that what it submits next does not show.
      const buffer = persistent.get(tensor.slot) ?? await bufferOf(tensor.slot);
      const bytes = await readBack(device, buffer, tensor.offset * 4, length * 4);
      return length === 0
        ? hostArray(tensor.dtype, 0)
        : tensor.dtype === "f32"
        ? new Float32Array(bytes)
        : new Uint32Array(bytes);
    },
    allocatedBytes: () =>
      [...persistent.values(), ...pool, ...uniforms].reduce((sum, buffer) => sum + buffer.size, 0),
    release(slots) {
      for (const slot of slots) {
        const buffer = persistent.get(slot);
        if (buffer) free(buffer);
        persistent.delete(slot);
      }
    },
    close() {
      for (const buffer of [...persistent.values(), ...pool, ...uniforms]) free(buffer);
      persistent.clear();
      device.destroy();
    },
  };
  return engine;
}

/** Bytes of a tensor within its buffer; whole vec4s, since kernels may read four elements at a time. */
function range(buffers: ReadonlyMap<Slot, GPUBuffer>, tensor: Tensor): GPUBufferBinding {
  const buffer = buffers.get(tensor.slot)!, offset = tensor.offset * 4;
  return {
    buffer,
    offset,
    size: Math.min(roundUp(Math.max(byteLength(tensor), 4), 16), buffer.size - offset),
  };
}

/** All dispatches' scalars in one uniform buffer, a block of {@link ALIGNMENT} bytes each. */
async function packParams(
  device: Device,
  program: Program,
): Promise<{ buffer: GPUBuffer; offsets: number[] }> {
  const blocks = program.dispatches.map((_, index) => index * ALIGNMENT);
  const words = new Uint32Array(Math.max(1, program.dispatches.length) * ALIGNMENT / 4);
  const floats = new Float32Array(words.buffer);
  program.dispatches.forEach(({ kernel, params }, index) => {
    kernel.params.forEach(({ name, type }, field) => {
      const at = index * ALIGNMENT / 4 + field;
      if (type === "f32") floats[at] = params[name]!;
      else words[at] = params[name]!;
    });
  });
  const buffer = await allocate(
    device,
    `${program.name} params`,
    words.byteLength,
    GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  );
  upload(device, buffer, 0, words);
  return { buffer, offsets: blocks };
}

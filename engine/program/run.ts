import { type Choices, createChoices } from "../core/choices.ts";
import { type HostArray, hostArray } from "../core/dtype.ts";
import { elementCount, formatShape, roundUp } from "../core/shape.ts";
import { ALIGNMENT, allocate, free } from "../gpu/buffers.ts";
import type { Device, DeviceOptions, Target } from "../gpu/device.ts";
import { openDevice } from "../gpu/open.ts";
import { pipeline } from "../gpu/pipelines.ts";
import type { Stopwatch } from "../gpu/timestamps.ts";
import { readBack, upload } from "../gpu/transfer.ts";
import { paramBlocks } from "./params.ts";
import { describeMemory, memoryByRole, plan, planPool } from "./plan.ts";
import type { Launchable, Prepared, Region } from "./prepared.ts";
import type { Program } from "./program.ts";
import { submit, submitOneByOne } from "./submit.ts";
import type { Tap } from "./tap.ts";
import { byteLength, byteOffset, type Slot, type Tensor } from "./tensor.ts";

/** Sees every Program as it is prepared and run: tracing listens here. */
export interface Observer {
  /** Awaited by `prepare`, so that what timing needs is made before the first run. */
  prepared?(prepared: Prepared): void | Promise<void>;
  /** Times the run that follows, one pass a dispatch; undefined leaves it in one pass. */
  stopwatch?(prepared: Prepared): Stopwatch | undefined;
  /** Keeps values of the run that follows; undefined keeps none. */
  tap?(prepared: Prepared): Tap | undefined;
  run?(prepared: Prepared): void;
}

/** A device with the buffers of persistent slots and the pool that all Programs' temporaries share. */
export interface Engine {
  /** The device, open until {@link Engine.close}. */
  readonly device: Device;
  /** What to record Programs for. */
  readonly target: Target & { readonly choices: Choices };
  /** At most one listener, see {@link Observer}; undefined costs nothing. */
  observer: Observer | undefined;
  /** Compiles kernels, allocates buffers and makes bind groups, once. Throws DeviceError when memory is short. */
  prepare(program: Program): Promise<Prepared>;
  /** Encodes one pass and submits once. Throws what went wrong on the device since the last call. */
  run(prepared: Prepared): void;
  /**
   * Uploads values; `data` may be shorter than the tensor. Allocates the slot on first use.
   * Throws TypeError when `data` is longer, where bits of bf16 (Uint16Array) meet another type, and for temporaries, which
   * have no memory of their own.
   */
  write(tensor: Tensor, data: Float32Array | Uint32Array | Uint16Array): Promise<void>;
  /** Values of a persistent tensor after all work submitted before the call. Throws TypeError for temporaries. */
  read(tensor: Tensor): Promise<HostArray>;
  /**
   * Allocates the pool that these Programs share, the first planned first, before any of them is prepared: it is then as
   * large as {@link planPool} says, whichever of them comes first. Throws DeviceError when memory is short.
   */
  reserve(programs: readonly Program[]): Promise<void>;
  /** Device bytes that are allocated now, pool included. */
  allocatedBytes(): number;
  /** The most that was ever allocated at one time. */
  peakBytes(): number;
  /** Gives the buffers of slots back, those of models no longer needed. */
  release(slots: Iterable<Slot>): void;
  /** Gives back what only this Program uses; it can no longer run. */
  discard(prepared: Prepared): void;
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
  const uniforms = new Set<GPUBuffer>();
  let peak = 0;

  const allocated = () =>
    [...persistent.values(), ...pool, ...uniforms].reduce((sum, buffer) => sum + buffer.size, 0);
  const poolSizes = () => pool.map((buffer) => buffer.size);
  const grown = () => peak = Math.max(peak, allocated());

  /** Runs that are not yet submitted, where dispatches go one by one. */
  let earlier = Promise.resolve();

  async function growPool(sizes: readonly number[], need?: string): Promise<void> {
    for (let i = pool.length; i < sizes.length; i++) {
      pool.push(await allocate(device, `pool ${i}`, sizes[i]!, undefined, need));
    }
    grown();
  }

  async function bufferOf(slot: Slot, need?: string): Promise<GPUBuffer> {
    if (slot.role === "temporary") {
      throw new TypeError(
        `Cannot reach ${slot.name} from the host as it is a temporary of a Program; keep a copy with output()`,
      );
    }
    let buffer = persistent.get(slot);
    if (!buffer) {
      persistent.set(slot, buffer = await allocate(device, slot.name, slot.bytes, undefined, need));
      grown();
    }
    return buffer;
  }

  const engine: Engine = {
    device,
    target: {
      subgroupSize: device.subgroupSize,
      maxBinding: device.maxBinding,
      software: device.software,
      choices: createChoices(),
    },
    observer: undefined,
    async prepare(program) {
      const planned = plan(program, poolSizes());
      const memory = memoryByRole(program, planned), need = describeMemory(program, memory);
      await growPool(planned.sizes, need);
      const regions = new Map<Slot, Region>();
      for (const slot of program.lifetimes.keys()) {
        const place = planned.places.get(slot);
        regions.set(
          slot,
          place
            ? { buffer: pool[place.buffer]!, offset: place.offset }
            : { buffer: await bufferOf(slot, need), offset: 0 },
        );
      }
      const params = await packParams(device, program);
      uniforms.add(params.buffer);
      grown();
      const launches: Launchable[] = [];
      for (const [index, dispatch] of program.dispatches.entries()) {
        const compiled = await pipeline(device, dispatch.kernel);
        const entries = dispatch.kernel.bindings.map(({ name, index: binding, access }) => ({
          binding,
          resource: access === "uniform"
            ? { buffer: params.buffer, offset: params.offsets[index]!, size: ALIGNMENT }
            : range(regions, dispatch.tensors[name]!),
        }));
        const bindGroup = device.gpu.createBindGroup({
          label: dispatch.op,
          layout: compiled.getBindGroupLayout(0),
          entries,
        });
        launches.push({ dispatch, pipeline: compiled, bindGroup });
      }
      device.check();
      const prepared = { program, launches, plan: planned, regions, memory, uniforms: params.buffer };
      await engine.observer?.prepared?.(prepared);
      return prepared;
    },
    run(prepared) {
      const instruments = {
        stopwatch: engine.observer?.stopwatch?.(prepared),
        tap: engine.observer?.tap?.(prepared),
      };
      if (device.oneByOne) {
        device.check();
        earlier = earlier.then(async () => {
          await submitOneByOne(device, prepared, instruments);
          engine.observer?.run?.(prepared);
        });
        earlier.catch(() => {}); // told by the next read or write
      } else {
        submit(device, prepared, instruments);
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
      if ((data instanceof Uint16Array) !== (tensor.dtype === "bf16")) {
        throw new TypeError(
          `Cannot write a ${data.constructor.name} to ${tensor.slot.name} as it holds ${tensor.dtype}`,
        );
      }
      if (device.oneByOne) await earlier;
      upload(device, await bufferOf(tensor.slot), byteOffset(tensor), data);
    },
    async read(tensor) {
      if (device.oneByOne) await earlier;
      // A slot that has its buffer is copied before the caller goes on, so that what it submits next does not show.
      const buffer = persistent.get(tensor.slot) ?? await bufferOf(tensor.slot);
      return hostArray(
        tensor.dtype,
        await readBack(device, buffer, byteOffset(tensor), byteLength(tensor)),
      );
    },
    reserve: (programs) => growPool(planPool(programs, poolSizes())),
    allocatedBytes: allocated,
    peakBytes: () => peak,
    release(slots) {
      for (const slot of slots) {
        const buffer = persistent.get(slot);
        if (buffer) free(buffer);
        persistent.delete(slot);
      }
    },
    discard({ uniforms: own }) {
      if (uniforms.delete(own)) free(own);
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
function range(regions: ReadonlyMap<Slot, Region>, tensor: Tensor): GPUBufferBinding {
  const { buffer, offset: start } = regions.get(tensor.slot)!, offset = start + byteOffset(tensor);
  return {
    buffer,
    offset,
    size: Math.min(roundUp(Math.max(byteLength(tensor), 4), 16), buffer.size - offset),
  };
}

/** The scalars of all dispatches in one uniform buffer, in blocks of {@link ALIGNMENT} bytes; equal ones share theirs. */
async function packParams(
  device: Device,
  program: Program,
): Promise<{ buffer: GPUBuffer; offsets: number[] }> {
  const { blocks, of } = paramBlocks(program);
  const words = new Uint32Array(Math.max(1, blocks.length) * ALIGNMENT / 4);
  blocks.forEach((block, index) => words.set(block, index * ALIGNMENT / 4));
  const buffer = await allocate(
    device,
    `${program.name} params`,
    words.byteLength,
    GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  );
  upload(device, buffer, 0, words);
  return { buffer, offsets: of.map((block) => block * ALIGNMENT) };
}

import type { DType } from "../core/dtype.ts";
import { DeviceError } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";
import { bindsWords, type Kernel } from "../compiler/kernel.ts";
import type { Target } from "../gpu/device.ts";
import type { Elementwise } from "./elementwise.ts";
import { fuse } from "./fuse.ts";
import { accesses, bytesOf, type Dispatch, type Lifetime, type Program } from "./program.ts";
import { byteLength, byteOffset, createTensor, type Slot, type Tensor } from "./tensor.ts";

/** What is being recorded; one at a time. */
interface Recording {
  readonly target: Target;
  readonly dispatches: Dispatch[];
  readonly scopes: string[];
}

let current: Recording | undefined;

function recording(): Recording {
  if (!current) throw new TypeError("Cannot record an op outside record(name, target, f)");
  return current;
}

/** The device that the Program being recorded is for. */
export function target(): Target {
  return recording().target;
}

/**
 * Calls `f` on tensors without values and keeps what the ops append. Nothing reaches the device.
 *
 * @param options `fuse: false` keeps elementwise dispatches apart, as the ops recorded them (tests and comparisons)
 * @returns the Program and whatever `f` returned (the tensors to read later, made by {@link output})
 */
export function record<T>(
  name: string,
  target: Target,
  f: () => T,
  options: { readonly fuse?: boolean } = {},
): { program: Program; result: T } {
  if (current) throw new TypeError(`Cannot record ${name} inside another recording`);
  current = { target, dispatches: [], scopes: [] };
  try {
    const result = f();
    const dispatches = options.fuse === false ? current.dispatches : fuse(current.dispatches);
    return { program: { name, dispatches, lifetimes: lifetimes(dispatches) }, result };
  } finally {
    current = undefined;
  }
}

/** Names what `f` records, for traces and reports. */
export function scope<T>(name: string, f: () => T): T {
  const { scopes } = recording();
  scopes.push(name);
  try {
    return f();
  } finally {
    scopes.pop();
  }
}

/** Names of the scopes that are open, outermost first. */
export function scopes(): readonly string[] {
  return [...recording().scopes];
}

/** A tensor that lives within the Program being recorded. */
export function temporary(name: string, shape: Shape, dtype: DType = "f32", differentiable = false): Tensor {
  recording();
  return createTensor(name, "temporary", shape, dtype, differentiable);
}

/** What {@link dispatch} needs to know; bytes are counted from the tensors. */
export interface Launch {
  readonly op: string;
  readonly kernel: Kernel;
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly params?: Readonly<Record<string, number>>;
  readonly grid: readonly [number, number, number];
  readonly flops: number;
  /** Rounds of all loops of one invocation together, where they grow with a size; see {@link LOOP_ROUNDS}. */
  readonly rounds?: number;
  /** See {@link Dispatch.elementwise}. */
  readonly elementwise?: Elementwise;
}

/** Rounds after which llvmpipe, Mesa's software adapter, leaves a loop without a word: results would be wrong. */
const LOOP_ROUNDS = 65535;

/**
 * Appends a dispatch. Throws TypeError when the launch does not fit the kernel's interface, DeviceError when a software
 * adapter would not finish its loops.
 */
export function dispatch(launch: Launch): void {
  const { dispatches, scopes, target } = recording();
  const params = launch.params ?? {};
  check(launch, params, target);
  const { rounds = 0, ...rest } = launch;
  if (target.software && rounds > LOOP_ROUNDS) {
    throw new DeviceError(
      `Cannot run ${launch.op} on this software adapter: an invocation takes ${rounds} rounds of its loops and the adapter ` +
        `stops after ${LOOP_ROUNDS}; use a GPU, or a smaller vocabulary or max_length`,
    );
  }
  dispatches.push({ ...rest, params, scope: scopes.join("/"), bytes: bytesOf(launch.tensors) });
}

/** WebGPU allows this many workgroups along one axis of the grid. */
const MAX_GRID = 65535;

function check(launch: Launch, params: Readonly<Record<string, number>>, target: Target): void {
  const { kernel, tensors, op } = launch;
  const fail = (what: string) => {
    throw new TypeError(`Cannot dispatch ${op} with ${kernel.file} as ${what}`);
  };
  for (const { name, access } of kernel.bindings) {
    if (access !== "uniform" && !tensors[name]) fail(`no tensor is given for its binding ${name}`);
  }
  for (const [name, tensor] of Object.entries(tensors)) {
    if (!kernel.bindings.some((binding) => binding.name === name)) fail(`it has no binding ${name}`);
    if (byteLength(tensor) > target.maxBinding) {
      fail(
        `${name} covers ${
          byteLength(tensor)
        } bytes and one binding may cover ${target.maxBinding}: bind it in slices`,
      );
    }
    if (byteOffset(tensor) % 256 !== 0) {
      fail(`${name} starts at byte ${byteOffset(tensor)}, which is no multiple of 256`);
    }
    if (tensor.dtype === "bf16" && !bindsWords(kernel, name)) {
      fail(`${name} holds bf16 and the kernel does not decode it`);
    }
  }
  for (const { name, tensor, write } of accesses({ kernel, tensors })) {
    const alias = write &&
      Object.keys(tensors).find((other) => other !== name && tensors[other]!.slot === tensor.slot);
    if (alias) fail(`it writes ${name} in the same slot that it binds as ${alias}`);
  }
  for (const { name } of kernel.params) {
    if (params[name] === undefined) fail(`its parameter ${name} has no value`);
  }
  for (const name of Object.keys(params)) {
    if (!kernel.params.some((field) => field.name === name)) fail(`it has no parameter ${name}`);
  }
  if (launch.grid.some((length) => length < 1 || length > MAX_GRID || !Number.isInteger(length))) {
    fail(`its grid [${launch.grid}] leaves 1 to ${MAX_GRID}`);
  }
}

function lifetimes(dispatches: readonly Dispatch[]): Map<Slot, Lifetime> {
  const found = new Map<Slot, Lifetime>();
  dispatches.forEach((dispatch, index) => {
    for (const { tensor } of accesses(dispatch)) {
      const lifetime = found.get(tensor.slot);
      if (lifetime) lifetime.last = index;
      else found.set(tensor.slot, { first: index, last: index });
    }
  });
  return found;
}

import { roundUp } from "../core/shape.ts";
import { ALIGNMENT, mebibytes } from "../gpu/buffers.ts";
import { accesses, type Lifetime, type Program } from "./program.ts";
import type { Role, Slot } from "./tensor.ts";

/** A range of a pooled buffer. */
export interface Place {
  /** Index of the buffer. */
  readonly buffer: number;
  /** First byte. */
  readonly offset: number;
}

/** Where the temporaries of a Program go: into pooled buffers, slots whose lifetimes do not meet onto the same bytes. */
export interface Plan {
  /** Range of each temporary. */
  readonly places: ReadonlyMap<Slot, Place>;
  /** Bytes of each pooled buffer. */
  readonly sizes: readonly number[];
}

/** A temporary with its place, which is undefined until it has one. */
interface Resident extends Lifetime {
  readonly slot: Slot;
  readonly bytes: number;
  /** Slots that a dispatch reads where it writes this one, or the other way round. */
  readonly apart: Set<Slot>;
  offset: number;
}

/** A pooled buffer being filled. `fixed`: it exists and cannot grow. */
interface Buffer {
  size: number;
  readonly fixed: boolean;
  readonly residents: Resident[];
}

/** Buffers do not grow beyond this; a single slot may still be larger. */
const LARGEST = 2 ** 30;

/**
 * Gives temporaries ranges of pooled buffers, largest first and of equals the longest-lived: each goes where memory grows
 * least, into the tightest gap between those that live at the same time. Two slots that a dispatch reads and writes stand
 * in different buffers: one bound for both is an error in WebGPU even where the ranges are disjoint.
 *
 * @param existing sizes of the buffers of earlier plans: used as they are
 */
export function plan(program: Program, existing: readonly number[] = []): Plan {
  const buffers = existing.map((size): Buffer => ({ size, fixed: true, residents: [] }));
  const places = new Map<Slot, Place>();
  const life = ({ first, last }: Lifetime) => last - first;
  for (const resident of residentsOf(program).sort((a, b) => b.bytes - a.bytes || life(b) - life(a))) {
    let best = { buffer: buffers.length, offset: 0, growth: resident.bytes };
    for (const [index, buffer] of buffers.entries()) {
      const offset = gapFor(resident, buffer);
      if (offset === undefined) continue;
      const growth = Math.max(0, offset + resident.bytes - buffer.size);
      if (growth < best.growth) best = { buffer: index, offset, growth };
      if (growth === 0) break;
    }
    const { buffer: index, offset } = best;
    const buffer = buffers[index] ??= { size: 0, fixed: false, residents: [] };
    buffer.size = Math.max(buffer.size, offset + resident.bytes);
    resident.offset = offset;
    buffer.residents.push(resident);
    places.set(resident.slot, { buffer: index, offset });
  }
  return { places, sizes: buffers.map(({ size }) => size) };
}

/**
 * Sizes of one pool onto which each of the Programs can be planned, the most demanding first. A Program planned onto
 * buffers that came later can go elsewhere than at first, so they are gone through until nothing is added.
 */
export function planPool(programs: readonly Program[], existing: readonly number[] = []): readonly number[] {
  const sizes = programs.reduce((pool, program) => plan(program, pool).sizes, existing);
  return sizes.length === existing.length ? sizes : planPool(programs, sizes);
}

function residentsOf(program: Program): Resident[] {
  const residents = new Map<Slot, Resident>();
  for (const [slot, { first, last }] of program.lifetimes) {
    if (slot.role !== "temporary") continue;
    const bytes = Math.max(ALIGNMENT, roundUp(slot.bytes, ALIGNMENT));
    residents.set(slot, { slot, first, last, bytes, apart: new Set(), offset: 0 });
  }
  for (const dispatch of program.dispatches) {
    const used = accesses(dispatch);
    for (const { tensor: { slot: written } } of used.filter(({ write }) => write)) {
      for (const { tensor: { slot: read } } of used.filter(({ write }) => !write)) {
        residents.get(written)?.apart.add(read);
        residents.get(read)?.apart.add(written);
      }
    }
  }
  return [...residents.values()];
}

/** Offset of the tightest gap that holds a resident all its life, the end of the buffer included; undefined for none. */
function gapFor(resident: Resident, { size, fixed, residents }: Buffer): number | undefined {
  const beside: Resident[] = [];
  for (const other of residents) {
    if (other.first > resident.last || resident.first > other.last) continue;
    if (resident.apart.has(other.slot)) return undefined;
    beside.push(other);
  }
  let end = 0, found: number | undefined, tightest = Infinity;
  for (const { offset, bytes } of beside.sort((a, b) => a.offset - b.offset)) {
    const gap = offset - end;
    if (gap >= resident.bytes && gap < tightest) [found, tightest] = [end, gap];
    end = Math.max(end, offset + bytes);
  }
  const left = size - end;
  if (left >= resident.bytes && left < tightest) return end;
  const grows = !fixed && end + resident.bytes <= LARGEST;
  return found ?? (grows ? end : undefined);
}

/** When the temporaries of a Program hold the most bytes (at a dispatch), and which they are: no plan takes less. */
export function fullestMoment(
  program: Program,
): { readonly bytes: number; readonly slots: readonly Slot[]; readonly dispatch: number } {
  const residents = residentsOf(program), change = new Float64Array(program.dispatches.length + 1);
  for (const { bytes, first, last } of residents) {
    change[first]! += bytes;
    change[last + 1]! -= bytes;
  }
  let now = 0, bytes = 0, moment = 0;
  change.forEach((difference, dispatch) => {
    now += difference;
    if (now > bytes) [bytes, moment] = [now, dispatch];
  });
  const live = residents.filter(({ first, last }) => first <= moment && moment <= last);
  return { bytes, slots: live.map(({ slot }) => slot), dispatch: moment };
}

/** Bytes by role: persistent slots that the Program touches, and `temporary` as planned. */
export function memoryByRole(program: Program, planned: Plan): Record<Role, number> {
  const bytes: Record<Role, number> = { input: 0, parameter: 0, state: 0, temporary: 0, output: 0 };
  for (const slot of program.lifetimes.keys()) {
    if (slot.role !== "temporary") bytes[slot.role] += Math.max(ALIGNMENT, roundUp(slot.bytes, ALIGNMENT));
  }
  bytes.temporary = planned.sizes.reduce((sum, size) => sum + size, 0);
  return bytes;
}

/** The plan's need in words: in all, then by role, largest first. */
export function describeMemory({ name }: Program, memory: Readonly<Record<Role, number>>): string {
  const roles = Object.entries(memory).filter(([, bytes]) => bytes > 0).sort(([, a], [, b]) => b - a);
  const total = roles.reduce((sum, [, bytes]) => sum + bytes, 0);
  return `${name} takes ${mebibytes(total)}: ${
    roles.map(([role, bytes]) => `${role} ${mebibytes(bytes)}`).join(", ")
  }`;
}

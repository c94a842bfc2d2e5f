import type { Plan } from "./plan.ts";
import type { Dispatch, Program } from "./program.ts";
import type { Role, Slot } from "./tensor.ts";

/** Where a slot's first byte is. */
export interface Region {
  readonly buffer: GPUBuffer;
  readonly offset: number;
}

/** A dispatch with everything made that it needs; replaying it creates nothing. */
export interface Launchable {
  readonly dispatch: Dispatch;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
}

/** A Program that is ready to run on one engine. */
export interface Prepared {
  /** What was prepared. */
  readonly program: Program;
  /** One for each dispatch, in order. */
  readonly launches: readonly Launchable[];
  /** Where its temporaries stand in the pool. */
  readonly plan: Plan;
  /** Where each slot that it touches stands: a temporary only while it lives. */
  readonly regions: ReadonlyMap<Slot, Region>;
  /** Device bytes by role; temporaries count the whole pool that the Program was planned onto. */
  readonly memory: Readonly<Record<Role, number>>;
  /** Holds the scalars of its dispatches. */
  readonly uniforms: GPUBuffer;
}

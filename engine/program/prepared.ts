import type { Dispatch, Program } from "./program.ts";
import type { Role } from "./tensor.ts";

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
  /** Device bytes by role; temporaries count the whole pool that the Program was planned onto. */
  readonly memory: Readonly<Record<Role, number>>;
  /** Holds the scalars of its dispatches. */
  readonly uniforms: GPUBuffer;
}

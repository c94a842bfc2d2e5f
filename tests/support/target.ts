import type { Target } from "../../engine/mod.ts";

/** A target without a device: what is recorded for it is the same on every machine. */
export const TARGET: Target = { subgroupSize: 0, maxBinding: 2 ** 27, software: true };

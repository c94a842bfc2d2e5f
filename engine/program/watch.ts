import type { HostArray } from "../core/dtype.ts";
import type { Prepared } from "./prepared.ts";
import type { Engine } from "./run.ts";
import { submit } from "./submit.ts";
import { createTap, type Wanted } from "./tap.ts";

/**
 * Runs a Program once and answers what stood in memory on the way: for each dispatch the values, right after it, of the
 * tensors that are wanted. It is a run like any other: what the Program writes is written, and values keep their bits.
 *
 * @example What a temporary held
 * ```ts
 * import assert from "node:assert/strict";
 * import { createTensor, openEngine, output, record, scale, watchDispatches } from "../mod.ts";
 * const engine = await openEngine(), x = createTensor("x", "input", [2]);
 * const { program } = record("watched", engine.target, () => output("y", scale(scale(x, 2), 5)), { fuse: false });
 * await engine.write(x, Float32Array.of(1, 3));
 * const values = await watchDispatches(engine, await engine.prepare(program), ({ tensors }) => [tensors.y!]);
 * assert.deepEqual(values.map(([y]) => [...y!]), [[2, 6], [10, 30], [10, 30]]);
 * engine.close();
 * ```
 */
export async function watchDispatches(
  engine: Engine,
  prepared: Prepared,
  wanted: Wanted,
): Promise<HostArray[][]> {
  const tap = await createTap(engine.device, prepared, wanted);
  try {
    submit(engine.device, prepared, { tap });
    return await tap.read();
  } finally {
    tap.destroy();
  }
}

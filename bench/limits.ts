import {
  type Engine,
  FMA_BODIES,
  type LimitProbe,
  type Limits,
  probeCopies,
  probeMultiplyAdds,
} from "../engine/mod.ts";
import { measure } from "./measure.ts";
import type { Row } from "./report.ts";

/** How much to measure. */
export interface LimitOptions {
  /** Length of one measured piece of work: long enough to drown what surrounds it. */
  readonly milliseconds: number;
  readonly samples: number;
  /** Bytes that one copy moves from a buffer to another. */
  readonly copyBytes: number;
}

/** Values that take an AVX2 or AVX-512 core, or a GPU, to its limit. */
export const LIMIT_OPTIONS: LimitOptions = { milliseconds: 50, samples: 7, copyBytes: 2 ** 26 };

/** Measures both limits; the rows say how. */
export async function measureLimits(
  engine: Engine,
  { milliseconds, samples, copyBytes }: LimitOptions,
): Promise<{ limits: Limits; rows: Row[] }> {
  const rowOf = async (probe: LimitProbe, name: string, kernel: string, checked: boolean): Promise<Row> => {
    const measured = await measure([async () => [await probe.sample()]], {
      milliseconds: 0,
      minimum: samples,
    });
    await probe.close();
    const { shape, flops, bytes } = probe, time = measured[0]![0];
    return { benchmark: "limits", name, shape, kernel, time, flops, bytes, checked };
  };
  const bodies: Row[] = [];
  for (const body of FMA_BODIES) {
    const probe = await probeMultiplyAdds(engine, body, milliseconds);
    bodies.push(await rowOf(probe, "multiply-adds", "engine/view/fma.wgsl", true));
  }
  const rate = ({ flops, time }: Row) => flops / time!.p50 / 1e6;
  const best = bodies.reduce((a, b) => rate(b) > rate(a) ? b : a);
  const probe = await probeCopies(engine, copyBytes, milliseconds);
  const copy = await rowOf(probe, "copy", "copyBufferToBuffer", false);
  return {
    limits: { gflops: rate(best), gigabytes: copy.bytes / copy.time!.p50 / 1e6 },
    rows: [...bodies, copy],
  };
}

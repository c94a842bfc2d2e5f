import {
  type Case,
  chosenByDevice,
  type Engine,
  type Entry,
  LapidaryError,
  verifyCase,
} from "../../engine/mod.ts";

/** What a walk over ops found on one device. */
export interface Walk {
  /** Lanes of a subgroup; 0 where kernels without subgroups ran. */
  readonly subgroupSize: number;
  readonly ops: number;
  readonly cases: number;
  /** What was wrong, each with op and case. */
  readonly failures: readonly string[];
}

/**
 * Every case of every op against its definition in f64, outputs and gradients, each twice for the same bits. Where the
 * device has no subgroups, cases that force a kernel are left out, as it may not have it.
 */
export async function walkOps(engine: Engine, registry: readonly Entry[]): Promise<Walk> {
  const { subgroupSize } = engine.target, failures: string[] = [];
  let cases = 0;
  for (const entry of registry) {
    for (const drawn of entry.cases.filter((drawn) => subgroupSize > 0 || chosenByDevice(drawn))) {
      const wrong = await verdict(engine, entry, drawn);
      if (wrong !== undefined) failures.push(`${entry.op.name} ${drawn.name}: ${wrong}`);
      cases++;
    }
  }
  return { subgroupSize, ops: new Set(registry.map(({ op }) => op.name)).size, cases, failures };
}

async function verdict(
  engine: Engine,
  entry: Entry,
  drawn: Case<Record<string, unknown>>,
): Promise<string | undefined> {
  try {
    return (await verifyCase(engine, entry, drawn)).wrong;
  } catch (error) {
    if (error instanceof LapidaryError) return error.message; // a kernel that is refused, a device that was lost
    throw error;
  }
}

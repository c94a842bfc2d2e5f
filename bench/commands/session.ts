import type { Engine } from "../../engine/mod.ts";
import { openTunedEngine } from "../../pipeline/tuning/open.ts";
import { LIMIT_OPTIONS, type LimitOptions, measureLimits } from "../limits.ts";
import { describeMachine, type Machine } from "../machine.ts";
import type { Effort } from "../measure.ts";
import { formatTable, type Limits, type Row } from "../report.ts";
import { appendResults, jsonLines } from "../results.ts";
import { FAILED, OK, type Streams } from "./options.ts";

/** Flags that every measuring command has. */
export interface MeasureFlags {
  readonly out?: string | undefined;
  readonly milliseconds: number;
  readonly subgroups: boolean;
}

/** A machine whose limits are known, and what is measured on it. */
export interface Session {
  readonly engine: Engine;
  readonly limits: Limits;
  readonly machine: Machine;
  readonly effort: Effort;
  readonly streams: Streams;
  /** Prints rows as a table, or as `text`, and keeps them for the file of results. */
  add(rows: readonly Row[], text?: string): void;
  /** Something is wrong that no row says: the command ends with a failure. */
  fail(): void;
}

const SOFTWARE =
  "Software Vulkan: ratios between kernels hold on this adapter alone, speeds say nothing of a GPU\n";

/**
 * Opens the device with what `lapidary tune` found, measures its limits and lets `work` measure what it likes.
 *
 * @param options what the rows shall say of how they were measured
 * @returns the exit code: failure where a result was wrong
 */
export async function withSession(
  { out, subgroups, milliseconds }: MeasureFlags,
  options: Machine["options"],
  streams: Streams,
  work: (session: Session) => Promise<void>,
  limitOptions: LimitOptions = LIMIT_OPTIONS,
): Promise<number> {
  const rows: Row[] = [],
    engine = await openTunedEngine({ subgroups }, (text) => streams.stderr(`${text}\n`));
  let failed = false;
  try {
    const machine = await describeMachine(engine, options);
    streams.stdout(
      `${machine.device} (${machine.driver}), ${machine.processor}, commit ${machine.commit ?? "unknown"}\n`,
    );
    if (machine.software) streams.stderr(SOFTWARE);
    const found = await measureLimits(engine, limitOptions), { limits } = found;
    const add = (added: readonly Row[], text = formatTable(added, limits)) => {
      rows.push(...added);
      streams.stdout(`\n${text}`);
    };
    add(found.rows);
    const fail = () => void (failed = true);
    await work({ engine, limits, machine, effort: { milliseconds, minimum: 3 }, streams, add, fail });
    if (out) await appendResults(out, jsonLines(rows, limits, machine));
    return failed || rows.some(({ wrong }) => wrong !== undefined) ? FAILED : OK;
  } finally {
    engine.close();
  }
}

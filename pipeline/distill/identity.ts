/** Hashes of what the stages of a run are given. */
import type { EncodedRows } from "../../eval/tasks/mod.ts";
import type { Config } from "../../train/config/mod.ts";
import { documentsSha256, rowsSha256 } from "../fingerprint.ts";
import type { Source } from "../inputs.ts";
import type { PlannedRows } from "../memory_plan.ts";
import { modelSha256 } from "../training_inputs.ts";

/** SHA-256 of the inputs that several stages share. */
export interface Identity {
  /** The files of the teacher, how its matrices are held, and its tokenizer. */
  readonly teacher: string;
  readonly training: string;
  /** The rows that perplexity is measured on. */
  readonly heldOut: string;
  /** By name of the task: its rows as they are read, and as the tokens that they become. */
  readonly tasks: Readonly<Record<string, string>>;
}

/** Reads and hashes the inputs of a run. */
export async function identityOf(
  { opened }: Source,
  held: string,
  config: Config,
  rows: Pick<PlannedRows, "training" | "heldOut" | "tasks">,
): Promise<Identity> {
  return {
    teacher: [await modelSha256(opened), held, config.repair].join(" "),
    training: rowsSha256(rows.training),
    heldOut: rowsSha256(rows.heldOut.slice(0, config.evaluate.rows ?? undefined)),
    tasks: Object.fromEntries(rows.tasks.map((task) => [task.rows.task.name, taskSha256(task)])),
  };
}

const taskSha256 = ({ rows, requests }: EncodedRows): string =>
  documentsSha256([...rows.rows.map(({ document }) => document), { requests }]);

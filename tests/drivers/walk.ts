/**
 * Walks every op on the adapter that the environment picks, in a process of its own. Standard output holds JSON lines:
 * the adapter, then each case with its values or with what was wrong.
 *
 *     deno run tests/drivers/walk.ts [--without-subgroups] [--adapter]
 */
import { chosenByDevice, openEngine } from "../../engine/mod.ts";
import { ALL_OPS } from "../support/registries.ts";
import { compareWithReference } from "../support/walk_registry.ts";

/** First line of a walk. */
export interface Adapter {
  readonly description: string;
  readonly subgroupSize: number;
}

/** Any other line. */
export interface Walked {
  readonly op: string;
  readonly name: string;
  /** Outputs, then gradients. */
  readonly values?: readonly (readonly number[])[];
  readonly error?: string;
}

/** Walks and says each line; `flags` as on the command line. */
export async function walkOps(
  flags: readonly string[],
  say: (line: Adapter | Walked) => void,
): Promise<void> {
  const subgroups = !flags.includes("--without-subgroups");
  const engine = await openEngine({ subgroups }), { description, vendor, architecture } = engine.device.info;
  say({ description: description || `${vendor} ${architecture}`, subgroupSize: engine.target.subgroupSize });
  for (const entry of flags.includes("--adapter") ? [] : ALL_OPS) {
    for (const drawn of entry.cases.filter((drawn) => subgroups || chosenByDevice(drawn))) {
      const at = { op: entry.op.name, name: drawn.name };
      try {
        const { outputs, gradients } = await compareWithReference(engine, entry, drawn);
        const values = [...outputs, ...gradients].flatMap((tensor) => tensor ? [Array.from(tensor)] : []);
        say({ ...at, values });
      } catch (error) {
        say({ ...at, error: (error as Error).message });
      }
    }
  }
  engine.close();
}

if (import.meta.main) await walkOps(Deno.args, (line) => console.log(JSON.stringify(line)));

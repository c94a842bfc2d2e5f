/** Finds the quantised Gemma 3 270M of tests/real; where it cannot be had, tests say so and are skipped. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Engine, openEngine } from "../../engine/mod.ts";
import { type Gemma3, loadGemma3 } from "../../model/gemma3/mod.ts";
import { pruneModel } from "../../model/pruning/mod.ts";
import { openModel } from "../../model/weights/mod.ts";

interface Found {
  readonly path?: string;
  /** Why there is no path. */
  readonly reason?: string;
}

/** The file that LAPIDARY_REAL_MODEL names, else the one that fetch.py puts into the cache. */
function find(): Found {
  const given = Deno.env.get("LAPIDARY_REAL_MODEL");
  if (given) {
    return existsSync(given) ? { path: given } : { reason: `LAPIDARY_REAL_MODEL is ${given}: no file` };
  }
  try {
    const script = fileURLToPath(new URL("fetch.py", import.meta.url));
    const { success, stdout, stderr } = new Deno.Command("python3", { args: [script] }).outputSync();
    const said = new TextDecoder().decode(success ? stdout : stderr).trim();
    return success ? { path: said } : { reason: said.split("\n").at(-1)! };
  } catch (error) {
    return { reason: `python3 does not run: ${(error as Error).message}` };
  }
}

const { path, reason } = find();
if (reason) console.log(`skipped: ${reason}`);

/** A test on the model's path; ignored where there is none. */
export function realTest(name: string, body: (path: string) => Promise<void>): void {
  Deno.test({
    name: path ? name : `${name} (skipped: no model)`,
    ignore: !path,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => body(path!),
  });
}

let engine: Promise<Engine> | undefined;

/** One engine for all tests of a file. */
export function realEngine(): Promise<Engine> {
  return engine ??= openEngine();
}

// These models take much memory, and the next file opens an engine of its own.
Deno.test.afterAll(async () => (await engine)?.close());

/** A model on the device, without the blocks `drop`. */
export async function loadReal(
  path: string,
  options: {
    readonly drop?: readonly number[];
    readonly positions: number;
    readonly differentiable?: boolean;
  },
): Promise<Gemma3> {
  const opened = await openModel(path), { drop = [], ...rest } = options;
  try {
    const { config, read } = pruneModel(opened, drop);
    return await loadGemma3(await realEngine(), config, read, { label: `without ${drop.length}`, ...rest });
  } finally {
    opened.weights.close();
  }
}

/** Names the largest error beside what was allowed: the figures of these tests are part of their output. */
export function report(what: string, error: number, tolerance: number): void {
  console.log(`${what}: largest error ${error.toExponential(1)}, allowed ${tolerance.toExponential(0)}`);
}

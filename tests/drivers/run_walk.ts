import { fileURLToPath } from "node:url";
import { walkInChromium } from "./chromium.ts";
import type { Driver } from "./drivers.ts";
import type { Adapter, Walked } from "./walk.ts";

/** What a walk told. */
export interface Walk {
  readonly adapter: Adapter;
  /** By op, then by case. */
  readonly ops: ReadonlyMap<string, ReadonlyMap<string, Walked>>;
}

const script = fileURLToPath(new URL("walk.ts", import.meta.url));

/** Runs walk.ts on a driver. Throws where the process did not end well: a driver may take it down. */
async function walkLines(driver: Driver, ...more: string[]): Promise<[Adapter, ...Walked[]]> {
  const flags = driver.without ? ["--without-subgroups", ...more] : more;
  if (driver.browser) return await walkInChromium(driver.browser, flags);
  const command = new Deno.Command("deno", {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      "--allow-env",
      "--allow-read",
      script,
      ...flags,
    ],
    env: driver.env,
  });
  const { success, stdout, stderr, signal, code } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  const lines = text(stdout).split("\n");
  if (!success) throw new Error(`ended with ${signal ?? code} after ${lines.at(-1)}: ${text(stderr)}`);
  return lines.map((line) => JSON.parse(line)) as [Adapter, ...Walked[]];
}

/** The adapter that a driver opens. */
export async function adapterOf(driver: Driver): Promise<Adapter> {
  return (await walkLines(driver, "--adapter"))[0];
}

/** Every case of every op on a driver. */
export async function walk(driver: Driver): Promise<Walk> {
  const [adapter, ...lines] = await walkLines(driver), ops = new Map<string, Map<string, Walked>>();
  for (const line of lines) {
    if (!ops.has(line.op)) ops.set(line.op, new Map());
    ops.get(line.op)!.set(line.name, line);
  }
  return { adapter, ops };
}

/** Where measurements are remembered between runs. */
import { join } from "node:path";
import { type Engine, kernelsFingerprint } from "../../engine/mod.ts";

/** `LAPIDARY_TUNE=off`: nothing is measured and nothing that was measured is used. */
export function tuningIsOff(): boolean {
  return Deno.env.get("LAPIDARY_TUNE") === "off";
}

/** The folder that LAPIDARY_CACHE names, else `lapidary` in the user's cache; undefined where there is neither. */
export function cacheDirectory(): string | undefined {
  const own = Deno.env.get("LAPIDARY_CACHE");
  if (own) return own;
  const shared = Deno.env.get("XDG_CACHE_HOME"), home = Deno.env.get("HOME");
  return shared ? join(shared, "lapidary") : home ? join(home, ".cache", "lapidary") : undefined;
}

/** The adapter and its driver, as they name themselves. */
export function adapterName({ device: { info } }: Engine): string {
  return [info.description, info.vendor, info.architecture, info.device].filter(Boolean).join(" ");
}

/** The file of an engine's choices: one for each adapter, driver and text of the kernels. */
export function choicesPath(engine: Engine, directory: string): string {
  const name = `${adapterName(engine)} ${kernelsFingerprint()}`.toLowerCase().replaceAll(/[^a-z0-9.]+/g, "-");
  return join(directory, "tuning", `${name}.json`);
}

/** The file that says how wide Mesa's software driver computes best on which processor. */
export const widthPath = (directory: string): string => join(directory, "tuning", "vector-width.json");

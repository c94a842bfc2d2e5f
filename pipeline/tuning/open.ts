import { type DeviceOptions, type Engine, openEngine } from "../../engine/mod.ts";
import { loadChoices } from "./choices_file.ts";
import { cacheDirectory, tuningIsOff } from "./places.ts";
import { useMeasuredWidth } from "./vector_width.ts";

/** Engines that use what was measured, with the folder where it is kept. */
const directories = new WeakMap<Engine, string>();

/** The folder for an engine's measurements; undefined for one that was not opened by {@link openTunedEngine}. */
export const directoryOf = (engine: Engine): string | undefined => directories.get(engine);

/**
 * Opens the preferred device with all that was measured on it before.
 *
 * @param note is told when the file of measurements cannot be used
 */
export async function openTunedEngine(options: DeviceOptions, note: (text: string) => void): Promise<Engine> {
  const directory = tuningIsOff() ? undefined : cacheDirectory();
  if (directory === undefined) return await openEngine(options);
  await useMeasuredWidth(directory);
  const engine = await openEngine(options);
  const trouble = await loadChoices(engine, directory);
  if (trouble) note(trouble);
  directories.set(engine, directory);
  return engine;
}

/** Flags that several commands share, as sources of a configuration. */
import type { Config, PartialConfig } from "../train/config/mod.ts";

/**
 * Rows in full: as long as the context of google/gemma-3-270m. What commands that take `--data` cut rows to unless
 * `--max-length` says otherwise.
 */
export const IN_FULL = 32768;

/** Values of the flags that set keys of a configuration; undefined where a flag was not given. */
export interface SharedFlags {
  readonly preset?: string | undefined;
  readonly teacher?: string | undefined;
  readonly tokenizer?: string | undefined;
  readonly repair?: boolean | undefined;
  readonly data?: readonly string[] | undefined;
  readonly maxLength?: number | undefined;
  readonly seed?: number | undefined;
  readonly set?: readonly string[] | undefined;
}

/** The configuration of a command: its own defaults, the preset, the flags, `--set`. The schema is loaded only here. */
export async function configOf(
  flags: SharedFlags,
  command: PartialConfig = {},
  more: PartialConfig = {},
): Promise<Config> {
  const { resolveConfig } = await import("../train/config/mod.ts");
  const { preset, set = [] } = flags;
  return await resolveConfig({ command, preset, flags: { ...partsOf(flags), ...more }, set });
}

/** What the flags say, as a part of a configuration. */
export function partsOf({ teacher, tokenizer, repair, seed, data, maxLength }: SharedFlags): PartialConfig {
  return { teacher, tokenizer, repair, seed, data: { files: data && [...data], max_length: maxLength } };
}

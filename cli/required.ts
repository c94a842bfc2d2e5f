import { UsageError } from "../engine/mod.ts";

/**
 * The value of a flag that a command cannot do without. Checked here rather than by commander, which would report a
 * misspelt `--modle` as a missing `--model` and not as a misspelling.
 *
 * @throws UsageError where the flag was not given
 */
export function required<T>(value: T | undefined, flag: string, what: string): T {
  if (value === undefined) throw new UsageError(`Missing ${flag}; name ${what}`);
  return value;
}

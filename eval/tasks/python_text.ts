/** What Python's `str` does with white space and case: prompts are compared with a Python program letter for letter. */

/** The characters Python's `str.isspace` knows; JavaScript's `\s` has U+FEFF more and U+001C to U+001F and U+0085 less. */
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const LEADING = new RegExp(`^[${SPACE}]+`), TRAILING = new RegExp(`[${SPACE}]+$`);

/** Text in front of the white space at its end, and that white space: `["a", " \n"]`. */
export function splitTrailingSpace(text: string): [string, string] {
  const kept = text.replace(TRAILING, "");
  return [kept, text.slice(kept.length)];
}

/** `str.strip()`. */
export const strip = (text: string): string => splitTrailingSpace(text.replace(LEADING, ""))[0];

/**
 * `str.capitalize()`: the first character in title case, the others lower. A letter that grows keeps the rest of itself
 * small, as in title case; the few that have a title case of their own (`ǆ`) are made capital.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { capitalize } from "./python_text.ts";
 *
 * assert.deepEqual(["a PERSON", "Éclair", "ßa", ""].map(capitalize), ["A person", "Éclair", "Ssa", ""]);
 * ```
 */
export function capitalize(text: string): string {
  const [first = "", ...rest] = text;
  const [capital = "", ...more] = first.toUpperCase();
  return capital + (more.join("") + rest.join("")).toLowerCase();
}

/** `len(str)`: Unicode code points. */
export const codePoints = (text: string): number => [...text].length;

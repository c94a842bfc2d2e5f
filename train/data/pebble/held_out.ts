import { hashText } from "./random.ts";

/** Percent of the combinations of each kind that training text never shows. */
const PERCENT = { question: 50, tool: 30, size: 25, speed: 25, count: 25 } as const;

/**
 * What is kept for the task sets: `question` (relation, key): the fact is stated but never asked; `tool` (verb, object):
 * never mentioned together as a job, though the tool for that verb and material is seen on other objects; `size` and
 * `speed` (two things): never compared; `count` (two people): never counting together.
 */
export type HeldOutKind = keyof typeof PERCENT;

/**
 * Whether training text must never show this combination. The order of two things or people does not matter.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { heldOut } from "./held_out.ts";
 *
 * assert.equal(heldOut("speed", "dog", "cat"), heldOut("speed", "cat", "dog"));
 * ```
 */
export function heldOut(kind: HeldOutKind, first: string, second: string): boolean {
  const ordered = kind === "question" || kind === "tool" ? [first, second] : [first, second].sort();
  return hashText([kind, ...ordered].join("/")) % 100 < PERCENT[kind];
}

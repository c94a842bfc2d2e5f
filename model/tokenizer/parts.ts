/** The parts of a tokenizer.json that may be one step, a sequence of steps or absent. */

/** One step, such as a `Replace`. */
export type Part = Readonly<Record<string, unknown>>;

/** The steps of a checked part in order, sequences within sequences laid out flat; `key` is where a sequence has its own. */
export function partsOf(part: Part | null | undefined, key: string): Part[] {
  if (!part) return [];
  return part.type === "Sequence" ? (part[key] as Part[]).flatMap((inner) => partsOf(inner, key)) : [part];
}

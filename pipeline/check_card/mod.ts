/** A published model card: its tables are read and its arithmetic is done again. */
import { readText } from "../../model/files/mod.ts";
import { type CardCheck, checkCard } from "./check.ts";
import { readPublished } from "./published.ts";

export { type CardCheck, checkCard } from "./check.ts";
export { readPublished } from "./published.ts";
export { formatCheck } from "./text.ts";

/** Checks the card in a file. @throws {DataError} where it cannot be read or has no table of scores */
export async function checkCardFile(path: string): Promise<CardCheck> {
  return checkCard(readPublished(await readText(path), path));
}

import { DataError, UsageError } from "../engine/mod.ts";
import type { Tokenizer } from "../model/tokenizer/mod.ts";
import type { Row } from "../train/data/mod.ts";
import type { Source } from "./inputs.ts";

const refusal = (teacher: Source, student: Source, difference: string): UsageError =>
  new UsageError(
    `Cannot distil ${teacher.name} into ${student.name} as they do not share a vocabulary: ${difference}; ` +
      "take a student that was pruned from this teacher",
  );

/** Refuses a teacher and a student with vocabularies of different sizes. @throws {UsageError} */
export function requireSameSize(teacher: Source, student: Source): void {
  const [a, b] = [teacher.opened.config.vocabSize, student.opened.config.vocabSize];
  if (a !== b) throw refusal(teacher, student, `${a} and ${b} tokens`);
}

/**
 * Refuses a teacher and a student whose tokenizers spell an id of the data differently. Where one of them has none,
 * nothing is compared.
 *
 * @throws {UsageError}
 */
export function requireSameSpelling(teacher: Source, student: Source, rows: readonly Row[]): void {
  if (!teacher.tokenizer || !student.tokenizer) return;
  for (const id of new Set(rows.flatMap((row) => [...row]))) {
    const [first, second] = [spelling(teacher.tokenizer, id), spelling(student.tokenizer, id)];
    if (first !== second) {
      throw refusal(teacher, student, `token ${id} of the data is ${first} and ${second}`);
    }
  }
}

function spelling(tokenizer: Tokenizer, id: number): string {
  try {
    return JSON.stringify(tokenizer.pieces([id])[0]);
  } catch (error) {
    if (error instanceof DataError) return "nothing";
    throw error;
  }
}

import { DataError, UsageError } from "../engine/mod.ts";
import type { Tokenizer } from "../model/tokenizer/mod.ts";
import type { Row } from "../train/data/mod.ts";
import type { Source } from "./inputs.ts";

/**
 * Refuses a teacher and a student whose token ids do not mean the same: vocabularies of different sizes, or tokenizers
 * that spell an id of the data differently. Where one of them has no tokenizer, sizes alone are compared.
 *
 * @throws {UsageError}
 */
export function requireSharedVocabulary(teacher: Source, student: Source, rows: readonly Row[]): void {
  const cannot = `Cannot distil ${teacher.opened.path} into ${student.opened.path}`;
  const cure = "take a student that was pruned from this teacher";
  const [a, b] = [teacher.opened.config.vocabSize, student.opened.config.vocabSize];
  if (a !== b) {
    throw new UsageError(`${cannot} as they do not share a vocabulary: ${a} and ${b} tokens; ${cure}`);
  }
  if (!teacher.tokenizer || !student.tokenizer) return;
  for (const id of new Set(rows.flatMap((row) => [...row]))) {
    const [first, second] = [spelling(teacher.tokenizer, id), spelling(student.tokenizer, id)];
    if (first !== second) {
      throw new UsageError(
        `${cannot} as they do not share a vocabulary: token ${id} of the data is ${first} and ${second}; ${cure}`,
      );
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

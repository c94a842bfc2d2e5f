/** Finds which of some texts stand word for word inside documents, without searching each document for each text. */
export interface Overlap {
  /** Texts of which a document holds every character in order. */
  found(document: string): string[];
}

const sentences = (text: string) => text.split(/(?<=[.?:])\s/);

/**
 * A text that stands in a document brings its whole sentences along, so only documents that share the text's longest
 * sentence are searched. Documents are cut where texts are: after a period, a question mark, a colon.
 */
export function overlapWith(texts: readonly string[]): Overlap {
  const bySentence = new Map<string, string[]>();
  for (const text of texts) {
    // An unfinished last sentence is none that a document could show whole.
    const whole = sentences(text).filter((sentence) => /[.?]$/.test(sentence));
    const key = whole.reduce((longest, sentence) => sentence.length > longest.length ? sentence : longest);
    bySentence.set(key, [...(bySentence.get(key) ?? []), text]);
  }
  return {
    found: (document) =>
      [...new Set(sentences(document).flatMap((sentence) => bySentence.get(sentence) ?? []))]
        .filter((text) => document.includes(text)),
  };
}

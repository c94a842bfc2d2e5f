import { WOMEN } from "./words.ts";

/**
 * The word with its indefinite article.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { withArticle } from "./grammar.ts";
 *
 * assert.equal(withArticle("owl"), "an owl");
 * assert.equal(withArticle("dog"), "a dog");
 * ```
 */
export function withArticle(word: string): string {
  return `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;
}

/**
 * Fills a sentence form: `{name}` becomes the word, `{a name}` the word with its article.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fill } from "./grammar.ts";
 *
 * assert.equal(fill("bake {a x} pie", { x: "apple" }), "bake an apple pie");
 * ```
 */
export function fill(form: string, words: Readonly<Record<string, string>>): string {
  return form.replace(/\{(a )?(\w+)\}/g, (_, article: string | undefined, name: string) => {
    const word = words[name]!;
    return article ? withArticle(word) : word;
  });
}

/** The first letter in upper case. */
export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "she" or "he", for a person of the world. */
export function pronoun(person: string): "she" | "he" {
  return WOMEN.includes(person) ? "she" : "he";
}

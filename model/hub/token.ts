import { UsageError } from "../../engine/mod.ts";

/**
 * An access token of the hub that cannot be printed by mistake: as text, JSON or in an inspection it is "[token]". Only
 * {@linkcode HubToken.authorization} gives it out, for the header of a request.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { HubToken } from "./token.ts";
 *
 * const token = HubToken.from(" hf_secret\n", "HF_TOKEN");
 * assert.equal(`${token} ${JSON.stringify({ token })}`, '[token] {"token":"[token]"}');
 * assert.equal(token?.authorization(), "Bearer hf_secret");
 * ```
 */
export class HubToken {
  readonly #text: string;
  private constructor(text: string) {
    this.#text = text;
  }

  /**
   * A token without the space around it; undefined where nothing is left, as in `huggingface_hub`.
   *
   * @param source where it was read, for the error
   * @throws {UsageError} where it has characters that no token has; fetch would print it in its own error
   */
  static from(text: string | undefined, source: string): HubToken | undefined {
    const token = text?.trim() ?? "";
    if (token === "") return undefined;
    if (/^[\x21-\x7e]+$/.test(token)) return new HubToken(token);
    throw new UsageError(
      `Cannot use the token of ${source} as it has spaces or characters that no token has; copy it again, one line alone`,
    );
  }

  /** Value of the Authorization header. */
  authorization(): string {
    return `Bearer ${this.#text}`;
  }

  /** The token itself, for a client that makes its own headers. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return "[token]";
  }

  toJSON(): string {
    return "[token]";
  }
}

/** What GGUF keeps in place of merges: a score and a kind for each token. */

/** Kinds of tokens in `tokenizer.ggml.token_type`. */
export const KIND = { normal: 1, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** Spare tokens: GGUF calls them control tokens, the published tokenizer.json shows them when it decodes. */
export const SPARE = /^<(?:unused\d+|mask)>$/;

/** Tokens that are runs of one white-space character. */
export const RUN = /^(?:\n+|▁+|\t+)$/;

interface Merge {
  readonly left: string;
  readonly right: string;
  readonly score: number;
}

/** Every way to part a token into two others, in the order of rank. */
export function mergesOf(tokens: readonly string[], scores: Float32Array): [string, string][] {
  const known = new Set(tokens);
  const runs: Merge[] = [];
  const merges: Merge[] = [];
  for (const [id, token] of tokens.entries()) {
    const target = RUN.test(token) ? runs : merges;
    for (let i = 1; i < token.length; i++) {
      if (isInsidePair(token, i)) continue;
      const [left, right] = [token.slice(0, i), token.slice(i)];
      if (known.has(left) && known.has(right)) target.push({ left, right, score: scores[id]! });
    }
  }
  runs.sort((a, b) => b.left.length - a.left.length || b.right.length - a.right.length);
  merges.sort((a, b) => b.score - a.score);
  return [...runs, ...merges].map(({ left, right }) => [left, right]);
}

/** Whether a cut at `i` would part the two halves of one character beyond the basic plane. */
function isInsidePair(token: string, i: number): boolean {
  const code = token.charCodeAt(i);
  return code >= 0xdc00 && code <= 0xdfff;
}

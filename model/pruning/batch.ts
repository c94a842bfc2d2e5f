/** B rows of T tokens with pads on one side: what importance is measured on. */
export interface ImportanceBatch {
  /** Token ids [B * T]; position (b, t) stands at b T + t. */
  readonly ids: Uint32Array;
  /** 1 for a token, 0 for a pad [B * T]; the tokens of a row stand together. */
  readonly mask: Uint32Array;
  /** Tokens of each row, pads not counted [B]. */
  readonly lengths: Uint32Array;
  readonly B: number;
  readonly T: number;
}

/** First token of each row, and the position after its last. */
export function tokenRanges({ mask, lengths, B, T }: ImportanceBatch): { first: number[]; end: Uint32Array } {
  const first = Array.from(
    { length: B },
    (_, b) => Math.max(0, mask.subarray(b * T, (b + 1) * T).indexOf(1)),
  );
  return { first, end: Uint32Array.from(first, (start, b) => start + lengths[b]!) };
}

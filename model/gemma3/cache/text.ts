import { createTensor, dispatch, kernel, type Tensor } from "../../../engine/mod.ts";
import source from "./append.wgsl" with { type: "text" };

/** Tokens that the device chooses for itself, so that the host need not look at one before the next is computed. */
export interface Text {
  /** u32 [1, 1]: the token to be fed next. */
  readonly next: Tensor;
  /** u32 [positions]: the token chosen for each position. */
  readonly tokens: Tensor;
}

/** Declares the text of a decoder that holds `maxLength` tokens; one more can be chosen after them. */
export function createText(maxLength: number): Text {
  return {
    next: createTensor("next token", "state", [1, 1], "u32"),
    tokens: createTensor("text", "state", [maxLength + 1], "u32"),
  };
}

/**
 * Records that a token goes to its place in the text and is the next to be fed.
 *
 * @param token u32 [1]
 * @param spans u32 [1, 3]; the middle one is the position of the first of the T tokens just fed
 */
export function appendToken(token: Tensor, spans: Tensor, T: number, { next, tokens }: Text): void {
  dispatch({
    op: "append_token",
    kernel: kernel("model/gemma3/cache/append.wgsl", source),
    tensors: { token, spans, next, text: tokens },
    params: { T, positions: tokens.shape[0]! },
    grid: [1, 1, 1],
    flops: 0,
  });
}

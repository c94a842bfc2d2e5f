import { DeviceError, type Target } from "../engine/mod.ts";
import type { Gemma3Config } from "../model/config/mod.ts";

/**
 * Refuses B rows of T tokens whose largest tensor one binding of the device cannot cover: the attention scores
 * [B, heads, T, T] or the widest activation [B, T, columns]. Logits are computed a chunk at a time and do not count.
 *
 * @param settings what lowers B or T, for the message
 * @throws {DeviceError} that names the need and the limit
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { requireRowsFit } from "./rows_fit.ts";
 *
 * const config = { numAttentionHeads: 4, headDim: 256, hiddenSize: 640, intermediateSize: 2048 };
 * requireRowsFit({ maxBinding: 2 ** 27 }, config, { B: 16, T: 512 }, "train.micro_batch");
 * assert.throws(() => requireRowsFit({ maxBinding: 2 ** 27 }, config, { B: 16, T: 1024 }, "train.micro_batch"));
 * ```
 */
export function requireRowsFit(
  { maxBinding }: Pick<Target, "maxBinding">,
  config: Pick<Gemma3Config, "numAttentionHeads" | "headDim" | "hiddenSize" | "intermediateSize">,
  { B, T }: { readonly B: number; readonly T: number },
  settings: string,
): void {
  const { numAttentionHeads: heads, headDim, hiddenSize, intermediateSize } = config;
  const scores = heads * T, widest = Math.max(scores, heads * headDim, hiddenSize, intermediateSize);
  const bytes = 4 * B * T * widest;
  if (bytes <= maxBinding) return;
  const mebibytes = (count: number) => `${(count / 2 ** 20).toFixed(1)} MiB`;
  throw new DeviceError(
    `Cannot compute ${B === 1 ? "1 row" : `${B} rows`} of ${T} tokens at once: the ${
      widest === scores ? "attention scores" : "activations of a layer"
    } take ${mebibytes(bytes)} and this device binds at most ${mebibytes(maxBinding)}; lower ${settings}`,
  );
}

import { DeviceError, type Target } from "../engine/mod.ts";
import { widestActivation, type Widths } from "../model/gemma3/mod.ts";

/**
 * Refuses B rows of T tokens whose widest activation [B, T, columns] one binding of the device cannot cover.
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
 * requireRowsFit({ maxBinding: 2 ** 27 }, config, { B: 16, T: 1024 }, "train.micro_batch");
 * assert.throws(() => requireRowsFit({ maxBinding: 2 ** 27 }, config, { B: 32, T: 1024 }, "train.micro_batch"));
 * ```
 */
export function requireRowsFit(
  { maxBinding }: Pick<Target, "maxBinding">,
  config: Widths,
  { B, T }: { readonly B: number; readonly T: number },
  settings: string,
): void {
  const bytes = 4 * B * T * widestActivation(config);
  if (bytes <= maxBinding) return;
  const mebibytes = (count: number) => `${(count / 2 ** 20).toFixed(1)} MiB`;
  throw new DeviceError(
    `Cannot compute ${
      B === 1 ? "1 row" : `${B} rows`
    } of ${T} tokens at once: the activations of a layer take ${
      mebibytes(bytes)
    } and this device binds at most ${mebibytes(maxBinding)}; lower ${settings}`,
  );
}

/** The mathematics of an op in one line, by the name that its dispatches have. */
import { REGISTRY } from "../../../engine/mod.ts";
import { LOSS_REGISTRY } from "../../../train/losses/mod.ts";

const known = new Map([...REGISTRY, ...LOSS_REGISTRY].map(({ op }) => [op.name, op.formula]));

/**
 * The formula of a dispatch's op; of a fused dispatch those of its parts; of a gradient the formula that it belongs to.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formulaOf } from "./formulas.ts";
 * assert.equal(formulaOf("matmul"), "C[m, n] = alpha Σ_k A[m, k] B[k, n]");
 * assert.equal(formulaOf("matmul.backward"), "gradient of C[m, n] = alpha Σ_k A[m, k] B[k, n]");
 * assert.equal(formulaOf("of no name"), undefined);
 * ```
 */
export function formulaOf(op: string): string | undefined {
  const parts = op.split("+").flatMap((name) => {
    const [forward, backward] = name.split(".") as [string, string?], formula = known.get(forward);
    if (formula === undefined) return [];
    return [backward === "backward" ? `gradient of ${formula}` : formula];
  });
  return parts.length === 0 ? undefined : [...new Set(parts)].join("; ");
}

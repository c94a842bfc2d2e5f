import { REGISTRY } from "../../engine/mod.ts";
import type { LossConfig } from "../../train/losses/mod.ts";
import * as back from "./backward.ts";
import * as forward from "./forward.ts";
import * as losses from "./loss.ts";
import * as optimizer from "./optimizer.ts";
import type { About, Seen, Told } from "./stop.ts";

/**
 * Tells of a dispatch what its op has to say of the token; of those without words of their own, the formula.
 *
 * @param all that was seen: the logits stand where the loss read them
 */
export function explainersFor(
  about: About,
  table: losses.Table,
  loss: LossConfig,
  weightName: string,
  all: readonly Seen[],
): (seen: Seen) => Told {
  const find = (op: string) => all.find(({ dispatch }) => dispatch.op === op);
  const pair = find("pair_loss"), measured = find("cross_entropy");
  const row = (data: Float64Array) => losses.panelRow(data, pair!.dispatch.params, about.token);
  const logits = () => pair ? row(pair.before.student!) : measured!.values.logits!;
  const rawGradient = () => losses.beforeCap(row(pair!.values.student!), logits(), about.cap);
  const tellers: Record<string, (seen: Seen) => Told | undefined> = {
    embedding: (seen) => forward.embedding(seen, about),
    rms_norm: forward.rmsNorm,
    matmul: forward.matmul,
    rope: (seen) => forward.rope(seen, about),
    attention: (seen) => forward.attention(seen, about),
    gated_linear: forward.gatedLinear,
    gated_gelu: forward.gatedGelu,
    logits: (seen) => losses.logits(seen, about, table, logits()),
    cross_entropy: (seen) => losses.crossEntropy(seen, about),
    pair_loss: (seen) => losses.pairLoss(seen, about, loss),
    "logits.backward": (seen) => losses.hiddenGradient(seen, about, table, rawGradient()),
    "rms_norm.backward": (seen) => back.rmsNormBackward(seen, about),
    "matmul.backward": (seen) => back.matmulBackward(seen, about),
    "gated_gelu.backward": back.gatedGeluBackward,
    "attention.backward": (seen) => back.attentionBackward(seen, about),
    "rope.backward": (seen) => forward.rope(seen, about),
    "embedding.backward": (seen) => back.embeddingBackward(seen, about),
    clip: optimizer.clip,
    adamw: (seen) => optimizer.adamw(seen, weightName),
  };
  return (seen) => tellers[seen.dispatch.op]?.(seen) ?? { formula: formulaOf(seen.dispatch.op), hand: [] };
}

/** The formula of an op, or whose gradient it helps with. */
function formulaOf(op: string): string {
  const known = (name: string) => REGISTRY.find((entry) => entry.op.name === name)?.op.formula;
  const own = known(op), of = op.endsWith(".backward") ? known(op.slice(0, -".backward".length)) : undefined;
  return own ?? (of ? `a part of the gradient of ${of}` : op === "sum_columns" ? "y[c] = Σ_r x[r, c]" : op);
}

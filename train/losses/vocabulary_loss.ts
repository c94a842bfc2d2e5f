import {
  backward,
  createGradients,
  gatherRows,
  type Gradients,
  rows,
  scope,
  softcap,
  sumColumns,
  temporary,
  type Tensor,
} from "../../engine/mod.ts";
import { positionChunks } from "../../model/gemma3/mod.ts";
import type { LossConfig } from "./kinds.ts";
import { pairLoss, PARTS } from "./pair_loss.ts";
import { panelLogits, panelsIntoEmbedding, panelsIntoHidden, panelWidth } from "./panels.ts";

/** Hidden states [N, C] after the final norm, the tied embedding [V, C], and Gemma 2's soft cap or null. */
export interface Head {
  readonly hidden: Tensor;
  readonly embedding: Tensor;
  readonly cap: number | null;
}

/**
 * Which of N positions count: targets u32 [M] and weights [M] of M places, a weight of zero where nothing is scored there.
 * Without `compaction` place m is position m.
 */
export interface Scored {
  readonly targets: Tensor;
  readonly weights: Tensor;
  readonly compaction?: Compaction | undefined;
}

/** M places for the scored ones of N positions; what has no counterpart holds {@link UNSCORED}. */
export interface Compaction {
  /** u32 [M]: the position of each place. */
  readonly positions: Tensor;
  /** u32 [N]: the place of each position. */
  readonly places: Tensor;
}

/** What {@link vocabularyLoss} is given. */
export interface VocabularyLossSpec {
  readonly student: Head;
  /** Its hidden states at the scored positions alone, see {@link scoredRows}; none where the loss needs none. */
  readonly teacher: Head | undefined;
  readonly scored: Scored;
  readonly loss: LossConfig;
  /** Positions whose logits exist at once, see `positionChunks`; null for the default. */
  readonly chunk?: number | null | undefined;
}

/**
 * The loss over the whole vocabulary and its gradients, chunk by chunk of positions, so that the logits of all
 * positions never exist at once (the idea of Liger-Kernel's fused linear losses: the gradient is made with the loss, in
 * the place of the logits).
 *
 * The gradient of the embedding goes to `gradients`; the one of the hidden states is returned, to walk back from.
 *
 * @returns parts [4]: sums over positions of {@link PARTS}; dHidden [N, C]
 */
export function vocabularyLoss(
  { student, teacher, scored, loss, chunk }: VocabularyLossSpec,
  gradients: Gradients,
): { parts: Tensor; dHidden: Tensor } {
  return scope("loss", () => {
    const { targets, weights, compaction } = scored, hidden = scoredRows(student.hidden, scored);
    const dHidden = temporary("d hidden", hidden.shape), total = temporary("losses", [PARTS.length]);
    const [M, V] = [hidden.shape[0]!, student.embedding.shape[0]!];
    const panel = panelWidth([student, ...teacher ? [teacher] : []].map(({ embedding }) => embedding));
    const dEmbedding = gradients.destination(student.embedding);
    for (const [first, last] of positionChunks(M, V, chunk)) {
      const part = (tensor: Tensor) => rows(tensor, first, last);
      const { logits } = panelLogits(part(hidden), student.embedding, panel);
      const raw = { ...logits, differentiable: true };
      const capped = student.cap === null ? logits : softcap(raw, student.cap);
      const pair = {
        student: capped,
        teacher: teacher && teacherLogits({ ...teacher, hidden: part(teacher.hidden) }, panel),
        targets: part(targets),
        weights: part(weights),
      };
      sumColumns(pairLoss(pair, loss, { panel }), total, first > 0); // from here on `capped` is its gradient
      const dLogits = { logits: student.cap === null ? logits : throughCap(raw, capped), panel };
      panelsIntoHidden(dLogits, student.embedding, part(dHidden));
      panelsIntoEmbedding(dLogits, part(hidden), dEmbedding.tensor, dEmbedding.accumulate || first > 0);
    }
    gradients.written(student.embedding);
    return { parts: total, dHidden: compaction ? gatherRows(dHidden, compaction.places) : dHidden };
  });
}

/** Hidden states [M, C] at the scored positions, of those at all positions [N, C]. */
export function scoredRows(hidden: Tensor, { compaction }: Scored): Tensor {
  return compaction ? gatherRows(hidden, compaction.positions) : hidden;
}

function teacherLogits({ hidden, embedding, cap }: Head, panel: number): Tensor {
  const { logits } = panelLogits(hidden, embedding, panel);
  return cap === null ? logits : softcap(logits, cap);
}

/** The gradient of the raw logits from the one that has taken the place of the capped. */
function throughCap(raw: Tensor, capped: Tensor): Tensor {
  const inner = createGradients();
  backward(capped, capped, inner);
  return inner.of(raw)!;
}

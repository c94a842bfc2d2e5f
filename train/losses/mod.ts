/** The losses: one family of divergences beside cross-entropy, over logits or over a whole vocabulary. */
export {
  effectiveKind,
  KINDS,
  type LossConfig,
  type LossKind,
  needsTeacher,
  type Term,
  TERMS,
} from "./kinds.ts";
export { distillationLoss } from "./op.ts";
export { type Pair, pairLoss, type PairOptions, PARTS } from "./pair_loss.ts";
export { type RowLoss, rowLoss } from "./reference.ts";
export { LOSS_REGISTRY } from "./registry.ts";
export { type LogitGradients, zeroGradientWarnings } from "./sentinel.ts";
export {
  type Compaction,
  type Head,
  type Scored,
  scoredRows,
  vocabularyLoss,
  type VocabularyLossSpec,
} from "./vocabulary_loss.ts";

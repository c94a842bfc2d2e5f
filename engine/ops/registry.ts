import { type Entry, entry } from "../autograd/op.ts";
import { argmaxEntry } from "./argmax/mod.ts";
import { attentionCases } from "./attention/cases.ts";
import { attentionOp } from "./attention/mod.ts";
import { attentionReference } from "./attention/reference.ts";
import { crossEntropyEntry } from "./cross_entropy/mod.ts";
import { elementwiseEntries } from "./elementwise/mod.ts";
import { embeddingEntry } from "./embedding/mod.ts";
import { gatedLinearCases } from "./gated_linear/cases.ts";
import { gatedLinearOp } from "./gated_linear/mod.ts";
import { gatedLinearReference } from "./gated_linear/reference.ts";
import { gatherRowsEntry } from "./gather_rows/mod.ts";
import { matmulCases } from "./matmul/cases.ts";
import { matmulOp } from "./matmul/mod.ts";
import { matmulReference } from "./matmul/reference.ts";
import { sumEntry } from "./reduce/mod.ts";
import { reshapeEntry } from "./reshape/mod.ts";
import { rmsNormCases } from "./rms_norm/cases.ts";
import { rmsNormOp } from "./rms_norm/mod.ts";
import { rmsNormReference } from "./rms_norm/reference.ts";
import { ropeCases } from "./rope/cases.ts";
import { ropeOp } from "./rope/mod.ts";
import { ropeReference } from "./rope/reference.ts";
import { softmaxCases } from "./softmax/cases.ts";
import { softmaxOp } from "./softmax/mod.ts";
import { softmaxReference } from "./softmax/reference.ts";

/** Every op of the engine with its reference and cases: what tests, benchmarks and explanations walk. */
export const REGISTRY: readonly Entry[] = [
  ...elementwiseEntries,
  reshapeEntry,
  sumEntry,
  entry(matmulOp, matmulReference, matmulCases),
  entry(gatedLinearOp, gatedLinearReference, gatedLinearCases),
  entry(rmsNormOp, rmsNormReference, rmsNormCases),
  entry(ropeOp, ropeReference, ropeCases),
  entry(softmaxOp, softmaxReference, softmaxCases),
  entry(attentionOp, attentionReference, attentionCases),
  embeddingEntry,
  gatherRowsEntry,
  crossEntropyEntry,
  argmaxEntry,
];

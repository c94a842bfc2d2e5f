/** The door of the engine: nothing outside `engine/` imports anything else of it. */
export { DataError, DeviceError, LapidaryError, ShapeError, UsageError } from "./core/errors.ts";
export {
  type Choice,
  type Choices,
  createChoices,
  type Layout,
  type ProductShape,
  type Variant,
  VARIANTS,
} from "./core/choices.ts";
export { type DType, elementBytes, firstNotFinite, type HostArray, toBf16 } from "./core/dtype.ts";
export { type EngineEvent, listen } from "./core/events.ts";
export { didYouMean, nearest } from "./core/nearest.ts";
export { createRandom, philox, type Random } from "./core/random.ts";
export { elementCount, formatShape, roundUp, sameShape, type Shape } from "./core/shape.ts";
export { type Device, type DeviceOptions, requestAdapter, type Target } from "./gpu/device.ts";
export { openDevice } from "./gpu/open.ts";
export { type Kernel, kernel } from "./compiler/kernel.ts";
export { accumulate, output } from "./program/accumulate.ts";
export { paramBytes } from "./program/params.ts";
export { fullestMoment, memoryByRole, type Plan, plan, planPool } from "./program/plan.ts";
export { accesses, beforeFusion, type Dispatch, type Program } from "./program/program.ts";
export { dispatch, record, scope, target, temporary } from "./program/record.ts";
export type { Prepared } from "./program/prepared.ts";
export { createEngine, type Engine, openEngine } from "./program/run.ts";
export type { Wanted } from "./program/tap.ts";
export { timeDispatches } from "./program/time.ts";
export { watchDispatches } from "./program/watch.ts";
export { flatSlices, foldedGrid, part, type Slice, slices } from "./program/slices.ts";
export { byteLength, createTensor, type Role, rows, type Slot, type Tensor } from "./program/tensor.ts";
export { backward, createGradients, type Gradients } from "./autograd/backward.ts";
export { apply } from "./autograd/apply.ts";
export { checkpoint } from "./autograd/checkpoint.ts";
export { type Case, type Entry, entry, type Op, type Reference, type Values } from "./autograd/op.ts";
export { attention } from "./ops/attention/mod.ts";
export { argmax, NO_COLUMN } from "./ops/argmax/mod.ts";
export { crossEntropy, UNSCORED } from "./ops/cross_entropy/mod.ts";
export { add, gatedGelu, multiply, scale, softcap } from "./ops/elementwise/mod.ts";
export { gatedLinear } from "./ops/gated_linear/mod.ts";
export { embedding } from "./ops/embedding/mod.ts";
export { gatherRows, scatterRows } from "./ops/gather_rows/mod.ts";
export { REGISTRY } from "./ops/registry.ts";
export { reshape } from "./ops/reshape/mod.ts";
export { rmsNorm } from "./ops/rms_norm/mod.ts";
export { rope } from "./ops/rope/mod.ts";
export { softmax } from "./ops/softmax/mod.ts";
export { type RowKernels, rowVariant } from "./ops/row_variant.ts";
export {
  type Epilogue,
  type Excluded,
  kernelsFingerprint,
  linear,
  matmul,
  measureProducts,
  type Product,
  product,
  type Tuned,
  type TunedClass,
} from "./ops/matmul/mod.ts";
export { sum, sumColumns, sumParts } from "./ops/reduce/mod.ts";
export { programDot } from "./view/dot.ts";
export { diffPrograms, formatProgramDiff, type ProgramDiff } from "./view/diff.ts";
export { PROGRAM_FORMAT, type ProgramJson, programJson } from "./view/json.ts";
export { lineOf } from "./view/source.ts";
export { formatAccesses, printProgram } from "./view/text.ts";
export {
  FMA_BODIES,
  type LimitProbe,
  type Limits,
  measureLimits,
  probeCopies,
  probeMultiplyAdds,
} from "./view/limits.ts";
export { statisticsOf, type ValueStatistics } from "./view/statistics.ts";
export { trace, TRACE_LEVELS } from "./view/trace.ts";
export { difference } from "./verify/difference.ts";
export { drawInputs } from "./verify/draw.ts";
export { type OpRun, runOp } from "./verify/run_case.ts";
export { chosenByDevice, drawUpstream, type Verdict, verifyCase } from "./verify/verify.ts";

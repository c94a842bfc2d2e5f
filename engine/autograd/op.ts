import type { Shape } from "../core/shape.ts";
import type { Tensor } from "../program/tensor.ts";

/** Scalars that shape an op: sizes, flags, constants. */
export type Attributes = Readonly<Record<string, unknown>>;

/** Where a backward kernel may put the gradient of one input. */
export interface Destination {
  readonly tensor: Tensor;
  /** True when `tensor` already holds a gradient, to which the kernel must add. */
  readonly accumulate: boolean;
}

/** What an op's backward can ask for. */
export interface BackwardContext<A extends Attributes> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly saved: readonly Tensor[];
  readonly attributes: A;
  /** Gradient of each output. */
  readonly gradients: readonly Tensor[];
  /** Whether the gradient of an input is wanted. */
  needs(input: number): boolean;
  /** For kernels that can add in place: where to put the gradient of `input`. Return that tensor from backward. */
  destination(input: number): Destination;
  /**
   * For an op that is made of others and records them again: walks back from `again`, its output once more, whose gradient
   * is that of its first. Leaves receive theirs as in the walk under way; those of `inputs` are answered.
   */
  walk(again: Tensor, inputs: readonly Tensor[]): (Tensor | undefined)[];
}

/**
 * The contract of an op. `forward` records dispatches and answers the outputs, with whatever backward will need in
 * `saved`; `backward` records those of the gradients and answers one tensor per input (undefined where not needed).
 */
export interface Op<A extends Attributes = Attributes> {
  /** As it appears in Programs; the gradient's dispatches are called `NAME.backward`. */
  readonly name: string;
  /** The mathematics in one line, in the letters of `engine/README.md`. */
  readonly formula: string;
  /** Throws ShapeError where the inputs do not fit together. */
  forward(inputs: readonly Tensor[], attributes: A): { outputs: Tensor[]; saved?: Tensor[] };
  /** One tensor for each input, of its shape; an alias of an upstream gradient is allowed where it is the same. */
  readonly backward: ((context: BackwardContext<A>) => (Tensor | undefined)[]) | "not differentiable";
}

/** One input of a test case: values are drawn from a seeded stream within the range. */
export interface CaseInput {
  readonly shape: Shape;
  /** Values: `[low, high)` for f32, or integers below `below` for u32. */
  readonly range?: readonly [number, number];
  readonly below?: number;
}

/** Shapes and attributes for tests, benchmarks and explanations; odd sizes always among them. */
export interface Case<A extends Attributes> {
  /** Names the case in the list of tests. */
  readonly name: string;
  /** One for each input of the op. */
  readonly inputs: readonly CaseInput[];
  /** Passed to the op and its reference alike. */
  readonly attributes: A;
}

/** A host array with its shape, as the reference functions see tensors. */
export interface Values {
  /** Axis lengths. */
  readonly shape: Shape;
  /** Elements, the last axis fastest. */
  readonly data: Float64Array;
}

/** The definition of an op as plain f64 loops, written to be read. */
export interface Reference<A extends Attributes> {
  /** The outputs. */
  forward(inputs: readonly Values[], attributes: A): Values[];
  /** Gradients of the inputs; undefined for inputs that have none (indices, masks). */
  backward?(inputs: readonly Values[], attributes: A, gradients: readonly Values[]): (Values | undefined)[];
}

/** An op with its definition and cases: what the registry holds and the walkers test. */
export interface Entry<A extends Attributes = Attributes> {
  /** What runs on the device. */
  readonly op: Op<A>;
  /** What it must compute. */
  readonly reference: Reference<A>;
  /** On which shapes and values it is shown to. */
  readonly cases: readonly Case<A>[];
}

/** Ties an op to its reference and cases; an op without a backward must say so, and its reference may then omit it. */
export function entry<A extends Attributes>(
  op: Op<A>,
  reference: Reference<A>,
  cases: readonly Case<A>[],
): Entry {
  return { op, reference, cases } as unknown as Entry;
}

/** What the libraries compute: the same numbers, and the definition in f64 that each result is held against. */
import { createRandom, elementCount, type Layout, type Shape } from "../../../engine/mod.ts";
import { draw } from "../../values.ts";

/** C = A B, stored as the layout says. */
export interface MatmulProblem {
  readonly kind: "matmul";
  readonly layout: Layout;
  readonly M: number;
  readonly K: number;
  readonly N: number;
}

/** Softmax of each row, or x / √(mean x² + eps) · g of each row. */
export interface RowProblem {
  readonly kind: "softmax" | "rms_norm";
  readonly rows: number;
  readonly columns: number;
}

/** One computation that is measured. */
export type Problem = MatmulProblem | RowProblem;

/** A problem's tensors; `b` is the gain of rms_norm, and empty for softmax. */
export interface Shapes {
  readonly a: Shape;
  readonly b: Shape;
  readonly c: Shape;
}

/** Values of `a` and `b`. */
export interface Inputs {
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/** Added to the mean square. */
export const EPS = 1e-6;

const MATMULS = [[512, 512, 512], [2048, 640, 2048], [512, 640, 16384]] as const;
const LAYOUTS: readonly Layout[] = ["NN", "NT", "TN"];

/** A cube, a projection and the vocabulary of gemma-3-270m; a row of scores; its residual stream. */
export const PROBLEMS: readonly Problem[] = [
  ...MATMULS.flatMap(([M, K, N]) => LAYOUTS.map((layout) => ({ kind: "matmul" as const, layout, M, K, N }))),
  { kind: "softmax", rows: 512, columns: 16384 },
  { kind: "rms_norm", rows: 2048, columns: 640 },
];

/** Name and size, as rows show them. */
export function describe(problem: Problem): { name: string; shape: string } {
  if (problem.kind !== "matmul") return { name: problem.kind, shape: `${problem.rows}x${problem.columns}` };
  const { layout, M, K, N } = problem;
  return { name: `matmul ${layout}`, shape: `${M}x${K}x${N}` };
}

/** Shapes of the stored tensors. */
export function shapesOf(problem: Problem): Shapes {
  if (problem.kind !== "matmul") {
    const a = [problem.rows, problem.columns];
    return { a, b: problem.kind === "softmax" ? [0] : [problem.columns], c: a };
  }
  const { layout, M, K, N } = problem;
  return { a: layout === "TN" ? [K, M] : [M, K], b: layout === "NT" ? [N, K] : [K, N], c: [M, N] };
}

/** Floating-point operations of a product, and the bytes of reading and writing each tensor once. */
export function costOf(problem: Problem): { flops: number; bytes: number } {
  const { a, b, c } = shapesOf(problem);
  return {
    flops: problem.kind === "matmul" ? 2 * problem.M * problem.K * problem.N : 0,
    bytes: 4 * (elementCount(a) + elementCount(b) + elementCount(c)),
  };
}

/** Seeded values: products of [-1, 1), logits of [-8, 8), gains of [0.5, 1.5). */
export function inputsOf(problem: Problem): Inputs {
  const { a, b } = shapesOf(problem), width = problem.kind === "softmax" ? 8 : 1;
  const repeated = (shape: Shape, low: number, high: number, stream: number) => {
    const values = draw({ shape, range: [low, high] }, stream);
    return Float32Array.from({ length: elementCount(shape) }, (_, i) => values[i % values.length]!);
  };
  return {
    a: repeated(a, -width, width, 1),
    b: problem.kind === "rms_norm" ? repeated(b, 0.5, 1.5, 2) : repeated(b, -1, 1, 2),
  };
}

/** Elements of each result that are computed again. */
const SAMPLES = 64;

/** What is wrong with a result: elements at random places and the last one, against the definition in f64. */
export function check(problem: Problem, inputs: Inputs, result: ArrayLike<number>): string | undefined {
  const [rows, columns] = shapesOf(problem).c as [number, number], random = createRandom(2);
  if (result.length !== rows * columns) return `it has ${result.length} elements for ${rows * columns}`;
  for (let i = 0; i < SAMPLES; i++) {
    const row = i === 0 ? rows - 1 : random.integer(rows);
    const column = i === 0 ? columns - 1 : random.integer(columns);
    const { expected, tolerance } = elementOf(problem, inputs, row, column);
    const actual = result[row * columns + column]!;
    if (!(Math.abs(actual - expected) <= tolerance)) {
      return `element [${row}, ${column}] is ${actual} where f64 gives ${expected}`;
    }
  }
  return undefined;
}

/** One element in f64, and how far f32 may be from it. */
function elementOf(problem: Problem, { a, b }: Inputs, row: number, column: number) {
  if (problem.kind === "matmul") {
    const { layout, M, K, N } = problem;
    let expected = 0;
    for (let k = 0; k < K; k++) {
      const left = layout === "TN" ? k * M + row : row * K + k;
      const right = layout === "NT" ? column * K + k : k * N + column;
      expected += a[left]! * b[right]!;
    }
    // Of K rounded sums of the size of √K; a wrong element is off by about √K / 3.
    return { expected, tolerance: 4e-6 * Math.sqrt(K) };
  }
  const { columns } = problem, x = a.subarray(row * columns, (row + 1) * columns), value = x[column]!;
  if (problem.kind === "softmax") {
    const highest = x.reduce((p, q) => Math.max(p, q), -Infinity);
    let total = 0;
    for (const z of x) total += Math.exp(z - highest);
    const expected = Math.exp(value - highest) / total;
    return { expected, tolerance: 1e-4 * expected };
  }
  let squares = 0;
  for (const z of x) squares += z * z;
  const expected = value / Math.sqrt(squares / columns + EPS) * b[column]!;
  return { expected, tolerance: 1e-5 * Math.max(1, Math.abs(expected)) };
}

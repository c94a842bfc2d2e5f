/** Laws that hold whatever the values are: few draws each, as every draw is a Program. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  add,
  type Engine,
  matmul,
  rmsNorm,
  rope,
  scale,
  softmax,
  sum,
  swapAxes,
  type Tensor,
} from "../../../engine/mod.ts";
import { assertClose } from "../../support/close.ts";
import { gpuTest } from "../../support/engine.ts";
import { evaluateOnDevice, type Input } from "../../support/evaluate.ts";

const RUNS = { seed: 1, numRuns: 6 };
const length = fc.integer({ min: 1, max: 21 });
/** Neither subnormal numbers nor a negative zero: sums need not keep those. */
const value = fc.integer({ min: -3000, max: 3000 }).map((thousandths) => Math.fround(thousandths / 1000));

function tensor(...shape: number[]): fc.Arbitrary<Input> {
  const count = shape.reduce((product, each) => product * each, 1);
  return fc.array(value, { minLength: count, maxLength: count }).map((values) => ({
    shape,
    data: Float32Array.from(values),
  }));
}

const matrix = fc.tuple(length, length).chain(([rows, columns]) => tensor(rows, columns));

/** Rows of a matrix. */
function rowsOf(data: ArrayLike<number>, columns: number): number[][] {
  return Array.from(
    { length: data.length / columns },
    (_, row) => Array.from(data).slice(row * columns, (row + 1) * columns),
  );
}

const normOf = (values: readonly number[]) =>
  Math.sqrt(values.reduce((total, each) => total + each * each, 0));

/** A law over drawn inputs: `f` gives tensors, `check` sees their values. */
function law<T>(
  name: string,
  drawn: fc.Arbitrary<T>,
  inputs: (drawn: T) => Input[],
  f: (tensors: Tensor[], drawn: T) => Tensor[],
  check: (values: Float32Array[], drawn: T) => void,
): void {
  gpuTest(name, async (engine: Engine) => {
    await fc.assert(
      fc.asyncProperty(drawn, async (each) => {
        check(await evaluateOnDevice(engine, inputs(each), (...tensors) => f(tensors, each)), each);
      }),
      RUNS,
    );
  });
}

const shift = fc.double({ min: -50, max: 50, noNaN: true }).map(Math.fround);
law(
  "softmax: rows sum to one, and a shift of a row changes nothing",
  fc.tuple(matrix, shift),
  ([x, shift]) => [x, { ...x, data: new Float32Array(x.data.length).fill(shift) }],
  ([x, shift]) => [softmax(x!), softmax(add(x!, shift!))],
  ([plain, shifted], [{ shape }]) => {
    const totals = rowsOf(plain!, shape[1]!).map((row) => row.reduce((a, b) => a + b));
    assertClose(totals, totals.map(() => 1), "sums", 0, 1e-6);
    assert.ok(plain!.every((y) => y > 0 && y <= 1));
    assertClose(shifted!, plain!, "shifted", 1e-5, 1e-6); // x + 50 is rounded to 4e-6
  },
);

const positions = fc.array(fc.nat(30), { minLength: 1, maxLength: 9 });
law(
  "rope: keeps the norm of every head, and turns position 0 not at all",
  fc.tuple(positions, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 3 }))
    .chain(([at, half, heads]) => fc.tuple(fc.constant(at), tensor(heads, at.length, 2 * half))),
  ([at, x]) => {
    const half = x.shape[2]! / 2, shape = [31, half];
    const angles = Float32Array.from({ length: 31 * half }, (_, i) => Math.floor(i / half) / 7 ** (i % half));
    return [
      x,
      { shape, data: angles.map(Math.cos) },
      { shape, data: angles.map(Math.sin) },
      { shape: [at.length], data: Uint32Array.from(at) },
    ];
  },
  ([x, cosine, sine, at]) => [rope(x!, cosine!, sine!, at!)],
  ([y], [at, x]) => {
    const [before, after] = [x.data, y!].map((data) => rowsOf(data, x.shape[2]!)) as [number[][], number[][]];
    assertClose(after.map(normOf), before.map(normOf), "norms", 1e-6, 1e-6);
    at.forEach((position, t) => {
      if (position === 0) assert.deepEqual(after[t], before[t]);
    });
  },
);

law(
  "rms_norm: a factor of the input changes nothing, and rows come out with mean square one",
  matrix.map((x) => ({ ...x, data: x.data.map((each) => each < 0 ? each - 1 : each + 1) })),
  (x) => [x as Input, { shape: [x.shape[1]!], data: new Float32Array(x.shape[1]!) }],
  ([x, w]) => [rmsNorm(x!, w!, 0), rmsNorm(scale(x!, 8), w!, 0)],
  ([plain, scaled], { shape }) => {
    assertClose(scaled!, plain!, "scaled", 2e-6, 0);
    const squares = rowsOf(plain!, shape[1]!).map((row) => normOf(row) ** 2 / shape[1]!);
    assertClose(squares, squares.map(() => 1), "mean squares", 0, 2e-6);
  },
);

const identity = (size: number): Input => ({
  shape: [size, size],
  data: Float32Array.from({ length: size * size }, (_, i) => i % (size + 1) === 0 ? 1 : 0),
});

law(
  "matmul: the identity changes nothing from either side",
  matrix,
  (a) => [a, identity(a.shape[0]!), identity(a.shape[1]!)],
  ([a, left, right]) => [
    matmul(left!, a!),
    matmul(a!, right!),
    matmul(a!, right!, "NT"),
    matmul(left!, a!, "TN"),
  ],
  (products, a) => products.forEach((product) => assert.deepEqual([...product], [...a.data])),
);

const factors = fc.tuple(length, length, length);
law(
  "matmul: linear in either factor",
  factors.chain(([m, k, n]) => fc.tuple(tensor(m, k), tensor(m, k), tensor(k, n))),
  ([a, b, c]) => [a, b, c],
  ([a, b, c]) => [matmul(add(a!, scale(b!, 2)), c!), add(matmul(a!, c!), matmul(b!, c!, "NN", 2))],
  ([whole, parts]) => assertClose(whole!, parts!, "product", 1e-5, 1e-4),
);

law(
  "matmul: associative with a third factor",
  factors.chain(([m, k, n]) => fc.tuple(tensor(m, k), tensor(k, n), tensor(n, m))),
  ([a, b, c]) => [a, b, c],
  ([a, b, c]) => [matmul(matmul(a!, b!), c!), matmul(a!, matmul(b!, c!))],
  ([left, right]) => assertClose(left!, right!, "product", 1e-5, 1e-3),
);

const transposed = ({ shape: [rows, columns], data }: Input): Input => ({
  shape: [columns!, rows!],
  data: Float32Array.from(data, (_, i) => data[(i % rows!) * columns! + Math.floor(i / rows!)]!),
});

law(
  "matmul: NT and TN are NN with a transposed factor",
  factors.chain(([m, k, n]) => fc.tuple(tensor(m, k), tensor(k, n))),
  ([a, b]) => [a, b, transposed(a), transposed(b)],
  ([a, b, aT, bT]) => [matmul(a!, b!), matmul(a!, bT!, "NT"), matmul(aT!, b!, "TN")],
  ([nn, nt, tn]) => {
    assertClose(nt!, nn!, "NT", 1e-6, 1e-5);
    assertClose(tn!, nn!, "TN", 1e-6, 1e-5);
  },
);

law(
  "swap_axes: twice is nothing, and once keeps the sum",
  fc.tuple(length, length).chain(([a, c]) => tensor(2, a, c, 3)),
  (x) => [x],
  ([x]) => [swapAxes(swapAxes(x!)), sum(swapAxes(x!))],
  ([same, total], x) => {
    assert.deepEqual([...same!], [...x.data]);
    assertClose(total!, [Array.from(x.data).reduce((a, b) => a + b, 0)], "sum", 1e-5, 1e-3);
  },
);

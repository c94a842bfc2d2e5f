/** Laws that hold whatever the values are: few draws each, as every draw is a Program. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  add,
  attention,
  type Engine,
  gatedGelu,
  gatedLinear,
  linear,
  matmul,
  rmsNorm,
  rope,
  scale,
  softmax,
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
    .chain(([at, half, heads]) => fc.tuple(fc.constant(at), tensor(at.length, heads, 2 * half))),
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
      const heads = x.shape[1]!;
      if (position !== 0) return;
      assert.deepEqual(after.slice(t * heads, (t + 1) * heads), before.slice(t * heads, (t + 1) * heads));
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

const frozen = (tensor: Tensor): Tensor => ({ ...tensor, differentiable: false });

law(
  "gated_linear: in place it is the gate of two products, and linear in the second weight",
  factors.chain(([m, k, n]) => fc.tuple(tensor(m, k), tensor(n, k), tensor(n, k))),
  (drawn) => drawn,
  (tensors) => {
    const [x, gate, up] = tensors.map(frozen) as [Tensor, Tensor, Tensor];
    const whole = gatedLinear(x, gate, up);
    return [
      whole,
      gatedGelu(linear(x, gate), linear(x, up)),
      scale(whole, 3),
      gatedLinear(x, gate, scale(up, 3)),
    ];
  },
  ([whole, parts, tripled, ofTriple]) => {
    assertClose(whole!, parts!, "gate of two products", 1e-5, 1e-4);
    assertClose(ofTriple!, tripled!, "of the tripled weight", 1e-5, 1e-3);
  },
);

/** Queries [B, T, H, D], keys and values [B, T, H_kv, D] and spans without padding. */
const looks = fc.tuple(
  fc.integer({ min: 1, max: 3 }),
  fc.integer({ min: 1, max: 19 }),
  fc.integer({ min: 1, max: 2 }),
  fc.constantFrom(3, 8),
).chain(([B, T, G, D]) => fc.tuple(tensor(B, T, 2 * G, D), tensor(B, T, 2, D), tensor(B, T, 2, D)));
const whole = (B: number, T: number): Input => ({
  shape: [B, 3],
  data: Uint32Array.from({ length: 3 * B }, (_, i) => i % 3 === 2 ? T : 0),
});
const attended = ([q, k, v]: readonly Input[]) => [q!, k!, v!, whole(q!.shape[0]!, q!.shape[1]!)];

law(
  "attention: a window as long as the text is none, and the weights of a query sum to one",
  looks,
  ([q, k, v]) => [...attended([q, k, v]), { ...v, data: new Float32Array(v.data.length).fill(3) }],
  ([q, k, v, spans, threes], [{ shape }]) => [
    attention(q!, k!, v!, spans!, 0, 0.5),
    attention(q!, k!, v!, spans!, shape[1]!, 0.5),
    attention(q!, k!, threes!, spans!, 2, 0.5),
  ],
  ([full, windowed, constant]) => {
    assert.deepEqual(windowed, full);
    assertClose(constant!, constant!.map(() => 3), "mean of equal values", 1e-6, 0);
  },
);

/** The rows of a batch in the opposite order. */
function reversed(x: Input): Input {
  const rows = rowsOf(x.data, x.data.length / x.shape[0]!).reverse().flat();
  return { ...x, data: x.data instanceof Uint32Array ? Uint32Array.from(rows) : Float32Array.from(rows) };
}

law(
  "attention: rows of a batch do not see one another, and no query sees what comes later",
  looks,
  (drawn) => {
    const [q, k, v, spans] = attended(drawn) as [Input, Input, Input, Input];
    const last = v.data.length - v.data.length / v.shape[0]! / v.shape[1]!; // the last position of the last row
    return [q, k, v, spans, ...[q, k, v].map(reversed), {
      ...v,
      data: v.data.map((x, i) => i < last ? x : 9),
    }];
  },
  ([q, k, v, spans, qr, kr, vr, changed]) => [
    attention(q!, k!, v!, spans!, 4, 0.5),
    attention(qr!, kr!, vr!, spans!, 4, 0.5),
    attention(q!, k!, changed!, spans!, 4, 0.5),
  ],
  ([plain, turned, later], [{ shape, data }]) => {
    assert.deepEqual(reversed({ shape, data: turned! }).data, plain);
    const known = data.length - data.length / shape[0]! / shape[1]!;
    assert.deepEqual(later!.subarray(0, known), plain!.subarray(0, known));
  },
);

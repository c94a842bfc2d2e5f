/** Every kernel of the ladder with every tile, against sums in f64: tiles that end inside the matrix and beyond it. */
import assert from "node:assert/strict";
import {
  type Choice,
  createRandom,
  createTensor,
  type Engine,
  type Epilogue,
  type Layout,
  product,
  type ProductShape,
  record,
  toBf16,
  VARIANTS,
} from "../../../engine/mod.ts";
import { candidates, choiceOf, serves } from "../../../engine/ops/matmul/choice.ts";
import { assertClose } from "../../support/close.ts";
import { gpuTest } from "../../support/engine.ts";

const LAYOUTS: readonly Layout[] = ["NN", "NT", "TN"];
const M = 132, N = 268, BATCH = 2, ALPHA = 0.5;

/** K ends inside a step of the kernels where it may; B is bf16 where its kernels are told apart by it. */
const shape = (layout: Layout, packed: boolean): ProductShape => ({
  layout,
  M,
  N,
  K: { NN: 20, NT: 24, TN: 21 }[layout],
  batch: BATCH,
  aligned: true,
  packed,
});

/** What each epilogue makes of what C holds and alpha A B. */
const FINISHED: Readonly<Record<Epilogue, (before: number, product: number) => number>> = {
  store: (_, product) => product,
  add: (before, product) => before + product,
  gate: (x, product) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))) * product,
};

/** C in f64, each matrix stored as the layout says. */
function expected(
  { layout, K }: ProductShape,
  epilogue: Epilogue,
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
): Float64Array {
  return Float64Array.from(c, (before, i) => {
    const z = Math.floor(i / (M * N)), m = Math.floor(i / N) % M, n = i % N;
    let sum = 0;
    for (let k = 0; k < K; k++) {
      sum += a[z * M * K + (layout === "TN" ? k * M + m : m * K + k)]! *
        b[z * K * N + (layout === "NT" ? n * K + k : k * N + n)]!;
    }
    return FINISHED[epilogue](before, ALPHA * sum);
  });
}

async function compare(
  engine: Engine,
  shape: ProductShape,
  choice: Choice,
  epilogue: Epilogue,
): Promise<void> {
  const { layout, K, packed } = shape, random = createRandom(1);
  const draw = (length: number, bits: number) =>
    Float32Array.from({ length: BATCH * length }, () => random.integer(2 ** bits) / 2 ** bits - 0.5);
  const values = { a: draw(M * K, 24), b: draw(K * N, 7), c: draw(M * N, 24) }; // 7 bits fit bf16
  const held = (length: number, dtype: "f32" | "bf16" = "f32") =>
    createTensor("x", "output", [length], dtype);
  const a = held(values.a.length), c = held(values.c.length);
  const b = held(values.b.length, packed ? "bf16" : "f32");
  const { program } = record(
    "product",
    engine.target,
    () =>
      product(
        { op: "matmul", layout, a, b, c, M, N, K, batch: BATCH, alpha: ALPHA, epilogue },
        choice,
      ),
  );
  const prepared = await engine.prepare(program);
  await engine.write(a, values.a);
  await engine.write(b, packed ? toBf16(values.b) : values.b);
  await engine.write(c, values.c);
  engine.run(prepared);
  const { variant, rows, columns } = choice;
  assertClose(
    await engine.read(c) as Float32Array,
    expected(shape, epilogue, values.a, values.b, values.c),
    `${layout}${packed ? " bf16" : ""} ${variant} ${rows}x${columns} ${epilogue}`,
    1e-5,
    4e-6,
  );
  engine.release([a, b, c].map(({ slot }) => slot));
}

const EPILOGUES = Object.keys(FINISHED) as Epilogue[];

gpuTest(
  "matmul: every tile of every kernel, each in two of the three layouts and epilogues",
  async (engine) => {
    for (const turn of [0, 1]) {
      const all = LAYOUTS.map((layout) => shape(layout, layout === "NT" && turn === 1));
      const count = candidates(engine.target, all[0]!).length;
      assert.ok(count >= 8);
      for (let i = 0; i < count; i++) {
        const one = all[(i + turn) % 3]!;
        await compare(engine, one, candidates(engine.target, one)[i]!, EPILOGUES[(i + 2 * turn) % 3]!);
      }
    }
  },
);

gpuTest("matmul: every kernel with every epilogue, f32 and bf16", async (engine) => {
  for (const variant of VARIANTS) {
    for (const packed of [false, true]) {
      const one = shape("NT", packed);
      if (!serves(variant, engine.target, one)) continue;
      for (const epilogue of EPILOGUES) {
        await compare(engine, one, choiceOf(variant, engine.target, one), epilogue);
      }
    }
  }
});

gpuTest("matmul: a kernel that cannot serve a product says what it needs", (engine) => {
  const x = createTensor("x", "input", [3, 5]), w = createTensor("w", "parameter", [7, 5]);
  assert.throws(
    () =>
      record("product", engine.target, () => {
        const c = createTensor("c", "output", [3, 7]);
        product({ op: "matmul", layout: "NT", a: x, b: w, c, M: 3, N: 7, K: 5 }, "vec4");
      }),
    {
      name: "TypeError",
      message:
        "Cannot multiply [3, 5] by [5, 7] in layout NT with the kernel vec4 as it takes sizes and strides in " +
        "multiples of 4 (of 8 along k where B is bf16); name another or none",
    },
  );
});

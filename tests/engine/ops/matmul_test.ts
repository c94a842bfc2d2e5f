/** Every kernel of the ladder with every tile, against sums in f64: tiles that end inside the matrix and beyond it. */
import assert from "node:assert/strict";
import {
  createRandom,
  createTensor,
  type Engine,
  type Layout,
  product,
  record,
} from "../../../engine/mod.ts";
import { candidates, type Choice, type ProductShape } from "../../../engine/ops/matmul/choice.ts";
import { assertClose } from "../../support/close.ts";
import { gpuTest } from "../../support/engine.ts";

const LAYOUTS: readonly Layout[] = ["NN", "NT", "TN"];
const M = 132, N = 268, K = 20, BATCH = 2, ALPHA = 0.5;
const shape = (layout: Layout): ProductShape => ({
  layout,
  M,
  N,
  K,
  batch: BATCH,
  aligned: true,
  packed: false,
});

/** alpha A B + C in f64, each matrix stored as the layout says. */
function expected(layout: Layout, a: Float32Array, b: Float32Array, c: Float32Array): Float64Array {
  return Float64Array.from(c, (before, i) => {
    const z = Math.floor(i / (M * N)), m = Math.floor(i / N) % M, n = i % N;
    let sum = 0;
    for (let k = 0; k < K; k++) {
      sum += a[z * M * K + (layout === "TN" ? k * M + m : m * K + k)]! *
        b[z * K * N + (layout === "NT" ? n * K + k : k * N + n)]!;
    }
    return before + ALPHA * sum;
  });
}

async function compare(engine: Engine, layout: Layout, choice: Choice): Promise<void> {
  const random = createRandom(1);
  const [a, b, c] = [M * K, K * N, M * N].map((length) => {
    const values = Float32Array.from({ length: BATCH * length }, () => random.uniform() - 0.5);
    return { values, tensor: createTensor("x", "output", [values.length]) };
  }) as [Operand, Operand, Operand];
  const { program } = record("product", engine.target, () =>
    product({
      op: "matmul",
      layout,
      a: a.tensor,
      b: b.tensor,
      c: c.tensor,
      M,
      N,
      K,
      batch: BATCH,
      alpha: ALPHA,
      add: true,
    }, choice));
  const prepared = await engine.prepare(program);
  for (const { tensor, values } of [a, b, c]) await engine.write(tensor, values);
  engine.run(prepared);
  const { variant, rows, columns } = choice;
  assertClose(
    await engine.read(c.tensor) as Float32Array,
    expected(layout, a.values, b.values, c.values),
    `${layout} ${variant} ${rows}x${columns}`,
    1e-5,
    4e-6,
  );
  engine.release([a, b, c].map(({ tensor }) => tensor.slot));
}

interface Operand {
  readonly values: Float32Array<ArrayBuffer>;
  readonly tensor: ReturnType<typeof createTensor>;
}

gpuTest("matmul: every tile of every kernel, each in two of the three layouts", async (engine) => {
  for (const turn of [0, 1]) {
    const count = candidates(engine.target, shape("NN")).length;
    assert.ok(count >= 8);
    for (let i = 0; i < count; i++) {
      const layout = LAYOUTS[(i + turn) % 3]!;
      await compare(engine, layout, candidates(engine.target, shape(layout))[i]!);
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
        "Cannot multiply [3, 5] by [5, 7] in layout NT with the kernel vec4 as it takes sizes in multiples of 4 " +
        "and f32; name another or none",
    },
  );
});

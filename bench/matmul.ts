import {
  createRandom,
  createTensor,
  type Engine,
  type Layout,
  product,
  record,
  type Tensor,
  type Variant,
} from "../engine/mod.ts";
import { type Effort, groupDispatches, measure, type Sample, sampleGroups } from "./measure.ts";
import type { Row } from "./report.ts";
import { draw, fill } from "./values.ts";

/** Rows, columns and inner length of a product. */
export interface MatmulSize {
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

/** A cube, a block's projection and the vocabulary of gemma-3-270m, a projection of Pebble. */
export const MATMUL_SIZES: readonly MatmulSize[] = [
  { M: 512, N: 512, K: 512 },
  { M: 2048, N: 2048, K: 640 },
  { M: 512, N: 16384, K: 640 },
  { M: 1024, N: 64, K: 160 },
];

const LAYOUTS: readonly Layout[] = ["NN", "NT", "TN"];
/** The naive kernel sits out larger products: on a CPU it would take minutes. */
const NAIVE_FLOPS = 2 ** 32;
/** Elements of each result that are computed again in f64. */
const SAMPLES = 64;

/** Every variant in every layout at every size; those of a size take turns. */
export async function benchMatmul(
  engine: Engine,
  sizes: readonly MatmulSize[],
  effort: Effort,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of sizes) rows.push(...await benchSize(engine, size, variantsFor(engine, size), effort));
  return rows;
}

function variantsFor({ target }: Engine, { M, N, K }: MatmulSize): Variant[] {
  return [
    ...(2 * M * N * K <= NAIVE_FLOPS ? ["naive" as const] : []),
    "tiled",
    ...(target.subgroupSize > 0 ? ["subgroup" as const] : []),
  ];
}

async function benchSize(
  engine: Engine,
  { M, N, K }: MatmulSize,
  variants: readonly Variant[],
  effort: Effort,
): Promise<Row[]> {
  const a = createTensor("A", "input", [M * K]), b = createTensor("B", "input", [K * N]);
  const c = createTensor("product", "output", [M, N]);
  const A = await filled(engine, a, 1), B = await filled(engine, b, 2);
  const found: { row: Row; sample: Sample }[] = [];
  for (const layout of LAYOUTS) {
    for (const variant of variants) {
      const { program } = record(
        "matmul",
        engine.target,
        () => product({ op: "matmul", layout, a, b, c, M, N, K }, variant),
      );
      const groups = groupDispatches(program.dispatches), prepared = await engine.prepare(program);
      engine.run(prepared);
      const wrong = check(await engine.read(c) as Float32Array, { M, N, K }, layout, A, B);
      const row: Row = {
        benchmark: "matmul",
        name: `${layout} ${variant}`,
        shape: `${M}x${K}x${N}`,
        kernel: groups[0]!.kernel,
        time: undefined,
        flops: groups[0]!.flops,
        bytes: groups[0]!.bytes,
        checked: true,
        ...(wrong === undefined ? {} : { wrong }),
      };
      found.push({ row, sample: sampleGroups(engine, prepared, groups) });
    }
  }
  const right = found.filter(({ row }) => row.wrong === undefined);
  const measured = await measure(right.map(({ sample }) => sample), effort);
  engine.release([a, b, c].map(({ slot }) => slot));
  return found.map((each) => ({ ...each.row, time: measured[right.indexOf(each)]?.[0] }));
}

/** Element of an operand, as the host knows it. */
type Element = (index: number) => number;

async function filled(engine: Engine, tensor: Tensor, stream: number): Promise<Element> {
  const values = draw({ shape: tensor.shape }, stream);
  await fill(engine, tensor, values);
  return (index) => values[index % values.length]!;
}

/** What is wrong with a product: elements at random places and the last one, against sums in f64. */
function check(
  c: Float32Array,
  { M, N, K }: MatmulSize,
  layout: Layout,
  A: Element,
  B: Element,
): string | undefined {
  const random = createRandom(2);
  for (let i = 0; i < SAMPLES; i++) {
    const m = i === 0 ? M - 1 : random.integer(M), n = i === 0 ? N - 1 : random.integer(N);
    let sum = 0;
    for (let k = 0; k < K; k++) {
      sum += A(layout === "TN" ? k * M + m : m * K + k) * B(layout === "NT" ? n * K + k : k * N + n);
    }
    const actual = c[m * N + n]!;
    // Of K rounded sums of the size of √K; a wrong element is off by about √K / 3.
    if (!(Math.abs(actual - sum) <= 4e-6 * Math.sqrt(K))) {
      return `element [${m}, ${n}] is ${actual} where f64 gives ${sum}`;
    }
  }
  return undefined;
}

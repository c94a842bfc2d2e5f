import {
  createRandom,
  createTensor,
  type Engine,
  type Layout,
  product,
  record,
  type Target,
  type Tensor,
  type Variant,
} from "../engine/mod.ts";
import { type Effort, groupDispatches, measure, type Sample, sampleGroups } from "./measure.ts";
import type { Row } from "./report.ts";
import { draw, fill } from "./values.ts";

/** Rows, columns and inner length of a product. */
export interface LadderSize {
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

/** A cube, a block's projection and the vocabulary of gemma-3-270m, a projection of Pebble. */
export const LADDER_SIZES: readonly LadderSize[] = [
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

/** The rungs, slowest idea first, each with the targets and sizes that it serves; a new variant needs its line here. */
const RUNGS: Readonly<Record<Variant, (target: Target, size: LadderSize) => boolean>> = {
  naive: (_, { M, N, K }) => 2 * M * N * K <= NAIVE_FLOPS,
  tiled: () => true,
  registers: () => true,
  vec4: (_, size) => isAligned(size),
  subgroup: ({ subgroupSize }, size) => subgroupSize >= 4 && isAligned(size),
};

/** Kernels that load vec4s take sizes in multiples of four, in whatever layout. */
function isAligned({ M, N, K }: LadderSize): boolean {
  return [M, N, K].every((length) => length % 4 === 0);
}

/** Every variant in every layout at every size; those of a size take turns. */
export async function benchLadder(
  engine: Engine,
  sizes: readonly LadderSize[],
  effort: Effort,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of sizes) rows.push(...await benchSize(engine, size, variantsFor(engine, size), effort));
  return rows;
}

/** Variants of the product that a target has for a size. */
export function variantsFor({ target }: Engine, size: LadderSize): Variant[] {
  return (Object.keys(RUNGS) as Variant[]).filter((variant) => RUNGS[variant](target, size));
}

async function benchSize(
  engine: Engine,
  { M, N, K }: LadderSize,
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
        "ladder",
        engine.target,
        () => product({ op: "matmul", layout, a, b, c, M, N, K }, variant),
      );
      const groups = groupDispatches(program.dispatches), prepared = await engine.prepare(program);
      engine.run(prepared);
      const wrong = check(await engine.read(c) as Float32Array, { M, N, K }, layout, A, B);
      const row: Row = {
        benchmark: "ladder",
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
  { M, N, K }: LadderSize,
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

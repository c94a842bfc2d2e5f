import { type Kernel, kernel } from "../../compiler/kernel.ts";
import { dispatch, target } from "../../program/record.ts";
import type { Tensor } from "../../program/tensor.ts";
import type { Choice, Layout, ProductShape, Variant } from "../../core/choices.ts";
import { choiceOf, choose, serves } from "./choice.ts";
import epilogues from "./epilogue.wgsl" with { type: "text" };
import naive from "./naive.wgsl" with { type: "text" };
import registers from "./registers.wgsl" with { type: "text" };
import subgroup from "./subgroup.wgsl" with { type: "text" };
import tiled from "./tiled.wgsl" with { type: "text" };
import vec4 from "./vec4.wgsl" with { type: "text" };

/** The text of each kernel. */
const SOURCES: Readonly<Record<Variant, string>> = {
  naive: naive + epilogues,
  tiled: tiled + epilogues,
  registers: registers + epilogues,
  vec4: vec4 + epilogues,
  subgroup: subgroup + epilogues,
};

/** The texts of all kernels. */
export const KERNEL_SOURCES: readonly string[] = Object.values(SOURCES);

/** One product of matrices, or a batch of them; strides in elements. */
export interface Product {
  readonly op: string;
  readonly layout: Layout;
  readonly a: Tensor;
  /** f32, or bf16 as frozen weights may be. */
  readonly b: Tensor;
  readonly c: Tensor;
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly batch?: number;
  /** The operand that all products of the batch share. */
  readonly shared?: "a" | "b";
  /** Distance of two stored rows; the matrix is dense when not given. */
  readonly aRow?: number;
  readonly bRow?: number;
  readonly cRow?: number;
  readonly alpha?: number;
  /** What becomes of the product; stored when not given. */
  readonly epilogue?: Epilogue;
}

/** C = alpha A B; C += alpha A B; C = gelu_tanh(C) alpha A B, elementwise, where C holds the gate of an MLP. */
export type Epilogue = keyof typeof EPILOGUES;

/** As the kernels number them. */
const EPILOGUES = { store: 0, add: 1, gate: 2 } as const;

/**
 * Records C = alpha A B, or C changed by it, in the layout given, by the kernel that serves such a product best here.
 *
 * @param choice a kernel, or one with its tile, instead: for tests and measurements
 * @throws {TypeError} where the named kernel cannot serve the product
 */
export function product(spec: Product, choice?: Variant | Choice): void {
  const { M, N, K, layout, batch = 1, shared, alpha = 1, epilogue = "store" } = spec;
  const strides: Strides = {
    a_row: spec.aRow ?? (layout === "TN" ? M : K),
    b_row: spec.bRow ?? (layout === "NT" ? K : N),
    c_row: spec.cRow ?? N,
    a_batch: shared === "a" ? 0 : M * K,
    b_batch: shared === "b" ? 0 : K * N,
    c_batch: M * N,
  };
  const packed = spec.b.dtype === "bf16";
  const shape: ProductShape = {
    layout,
    M,
    N,
    K,
    batch,
    aligned: isAligned(layout, M, N, K, strides, packed),
    packed,
  };
  const chosen = choice === undefined
    ? choose(target(), shape)
    : typeof choice === "string"
    ? choiceOf(choice, target(), shape)
    : choice;
  if (!serves(chosen.variant, target(), shape)) {
    throw new TypeError(
      `Cannot multiply [${M}, ${K}] by [${K}, ${N}] in layout ${layout} with the kernel ${chosen.variant} as it takes ` +
        `sizes and strides in multiples of 4 (of 8 along k where B is bf16)${
          chosen.variant === "subgroup" ? " and a device with subgroups of one size" : ""
        }; name another or none`,
    );
  }
  const launch = LAUNCHES[chosen.variant](chosen, shape, strides);
  dispatch({
    op: spec.op,
    kernel: launch.kernel,
    tensors: { A: spec.a, B: spec.b, C: spec.c },
    params: { M, N, K, alpha, epilogue: EPILOGUES[epilogue], ...launch.strides },
    grid: [Math.ceil(M / chosen.rows), Math.ceil(N / chosen.columns), batch],
    flops: 2 * M * N * K * batch,
    rounds: launch.rounds,
  });
}

/** In elements. */
interface Strides {
  readonly a_row: number;
  readonly b_row: number;
  readonly c_row: number;
  readonly a_batch: number;
  readonly b_batch: number;
  readonly c_batch: number;
}

/** A kernel ready to dispatch. */
interface Launch {
  readonly kernel: Kernel;
  readonly strides: Readonly<Record<string, number>>;
  /** Rounds of an invocation's loops. */
  readonly rounds: number;
}

type Launcher = (choice: Choice, shape: ProductShape, strides: Strides) => Launch;

/** How each kernel takes its tile, its strides and its layout. */
const LAUNCHES: Readonly<Record<Variant, Launcher>> = {
  naive: (_, shape, strides) => ({
    kernel: kernel("ops/matmul/naive.wgsl", SOURCES.naive, { PACKED: shape.packed }),
    strides: anyLayout(shape, strides),
    rounds: shape.K,
  }),
  tiled: ({ rows }, shape, strides) => ({
    kernel: kernel("ops/matmul/tiled.wgsl", SOURCES.tiled, { PACKED: shape.packed, TILE: rows / 8 }),
    strides: anyLayout(shape, strides),
    rounds: Math.ceil(shape.K / 16) * (1 + 16 + rows / 4), // a tile of 16 k: its products, then its loads
  }),
  registers: ({ rows, columns }, shape, strides) => ({
    kernel: kernel("ops/matmul/registers.wgsl", SOURCES.registers, {
      PACKED: shape.packed,
      ROWS: rows / 8,
      COLUMNS: columns / 8,
    }),
    strides: anyLayout(shape, strides),
    rounds: shape.K + rows / 8,
  }),
  vec4: ({ rows }, shape, strides) => ({
    kernel: kernel("ops/matmul/vec4.wgsl", SOURCES.vec4, {
      PACKED: shape.packed,
      SIDE: rows / 8,
      ...directions(shape),
    }),
    strides: inVec4(strides),
    rounds: Math.ceil(shape.K / 16) * (1 + 16 + 2), // a tile of 16 k: its products, then its loads
  }),
  subgroup: ({ rows, columns }, shape, strides) => {
    const LANES = target().subgroupSize, STEP = shape.packed ? 8 : 4;
    const knobs = {
      PACKED: shape.packed,
      LANES,
      ROWS: rows,
      OWNERS: shape.layout === "TN" ? Math.min(LANES, rows / 4) : LANES,
      BLOCKS: columns / (4 * LANES),
      STEP,
      K_TAIL: shape.K % STEP !== 0,
      ...directions(shape),
    };
    return {
      kernel: kernel("ops/matmul/subgroup.wgsl", SOURCES.subgroup, knobs),
      strides: inVec4(strides),
      rounds: Math.ceil(shape.K / STEP) + rows,
    };
  },
};

/** Every layout is a pair of strides for the kernels that load single elements. */
function anyLayout({ layout }: ProductShape, { a_row, b_row, ...rest }: Strides): Record<string, number> {
  return {
    ...rest,
    ...(layout === "TN" ? { a_row: 1, a_column: a_row } : { a_row, a_column: 1 }),
    ...(layout === "NT" ? { b_row: 1, b_column: b_row } : { b_row, b_column: 1 }),
  };
}

const directions = ({ layout }: ProductShape) => ({ A_ALONG_M: layout === "TN", B_ALONG_K: layout === "NT" });

const inVec4 = (strides: Strides) =>
  Object.fromEntries(Object.entries(strides).map(([name, length]) => [name, length / 4]));

/** True where A, B and C can be walked four elements at a time along their fast axes, bf16 eight at a time. */
function isAligned(
  layout: Layout,
  M: number,
  N: number,
  K: number,
  strides: Strides,
  packed: boolean,
): boolean {
  const inSteps = (step: number, ...lengths: number[]) => lengths.every((length) => length % step === 0);
  return inSteps(4, N, layout === "TN" ? M : K, ...Object.values(strides)) &&
    (!packed || (layout === "NT" && inSteps(8, K, strides.b_row, strides.b_batch)));
}

/** Choosing kernels by measurement: the products that recordings asked for, each by every kernel that serves it. */
import { type Choice, productClass, type ProductShape } from "../../core/choices.ts";
import { toBf16 } from "../../core/dtype.ts";
import { createRandom } from "../../core/random.ts";
import type { Target } from "../../gpu/device.ts";
import { record } from "../../program/record.ts";
import type { Engine } from "../../program/run.ts";
import { createTensor, type Tensor } from "../../program/tensor.ts";
import { timeDispatches } from "../../program/time.ts";
import { candidates, defaultChoice } from "./choice.ts";
import { KERNEL_SOURCES, product } from "./launch.ts";

/** A kernel that gave a wrong answer on this driver, so that it was not chosen. */
export interface Excluded {
  readonly name: string;
  readonly choice: Choice;
  /** What was wrong. */
  readonly reason: string;
}

/** What serves a class of products best. */
export interface TunedClass {
  readonly name: string;
  readonly choice: Choice;
  readonly gigaflops: number;
  /** Of one product as it was asked for, by that rate. */
  readonly milliseconds: number;
}

/** What measuring found. */
export interface Tuned {
  /** Classes that now have a choice, largest first. */
  readonly classes: readonly TunedClass[];
  /** Classes that are left because time was up. */
  readonly left: number;
  readonly excluded: readonly Excluded[];
}

/** How long to measure. */
export interface TuneOptions {
  /** Time for all classes, shared out as they come; a class that was begun measures one kernel at least. */
  readonly milliseconds: number;
  /** Called before a class is measured. */
  readonly onClass?: (name: string, done: number, total: number) => void;
  readonly signal?: AbortSignal | undefined;
  /** Which kernels to try, in this order; every one that serves, the usual one first, where missing. */
  readonly candidates?: (target: Target, shape: ProductShape) => readonly Choice[];
}

/** A product is cut to so many operations along N, then along M: enough to tell kernels apart. */
const MOST_FLOPS = 2 ** 31;
/** A kernel that is this much slower than the best after two runs is not timed again. */
const HOPELESS = 1.5;
/** A kernel whose first tile is this much slower than another kernel is not tried with its other tiles. */
const BEATEN = 2.5;
const TIMED_RUNS = 4;
/** Elements of each result that are computed again in f64. */
const SAMPLES = 64;

/**
 * Measures every product that recordings for this engine wanted a choice for, largest first, and remembers what serves
 * it best in `engine.target.choices`: record again to profit. Kernels whose answers differ from sums in f64 are left
 * out and reported. It does nothing on a device without timestamps.
 */
export async function measureProducts(engine: Engine, options: TuneOptions): Promise<Tuned> {
  const end = performance.now() + options.milliseconds, { choices } = engine.target;
  const excluded: Excluded[] = [], tried = options.candidates ?? usualFirst;
  const wanted = engine.device.timestamps ? choices.wanted().sort((a, b) => flops(b) - flops(a)) : [];
  const classes: TunedClass[] = [];
  let begun = 0;
  for (const shape of wanted) {
    if (performance.now() > end || options.signal?.aborted) break;
    const name = productClass(shape), now = performance.now(), share = (end - now) / (wanted.length - begun);
    options.onClass?.(name, begun++, wanted.length);
    const best = await measureClass(
      engine,
      cut(shape),
      tried(engine.target, shape),
      now + share,
      (choice, reason) => {
        excluded.push({ name, choice, reason });
      },
    );
    if (!best) continue;
    choices.set(name, best.choice);
    const gigaflops = flops(cut(shape)) / best.time / 1e6;
    classes.push({ name, choice: best.choice, gigaflops, milliseconds: flops(shape) / gigaflops / 1e6 });
  }
  return { classes, left: wanted.length - begun, excluded };
}

const flops = ({ M, N, K, batch }: ProductShape) => 2 * M * N * K * batch;

/** The same kind of product with at most {@link MOST_FLOPS} operations. */
function cut(shape: ProductShape): ProductShape {
  let { M, N } = shape;
  const { K } = shape;
  while (2 * M * N * K > MOST_FLOPS && N > 256) N = 4 * Math.ceil(N / 8);
  while (2 * M * N * K > MOST_FLOPS && M > 256) M = 4 * Math.ceil(M / 8);
  return { ...shape, M, N, batch: 1 };
}

/** A kernel and its best time, in milliseconds. */
interface Timed {
  readonly choice: Choice;
  readonly time: number;
}

/** The fastest of the kernels that serve a product and give right answers; undefined where none was timed. */
async function measureClass(
  engine: Engine,
  shape: ProductShape,
  tried: readonly Choice[],
  end: number,
  exclude: (choice: Choice, reason: string) => void,
): Promise<Timed | undefined> {
  const { layout, M, N, K } = shape, operands = await createOperands(engine, shape);
  const { a, b, c } = operands, times: Timed[] = [];
  try {
    const beaten = new Set<string>();
    for (const choice of tried) {
      if (times.length > 0 && performance.now() > end) break;
      if (beaten.has(choice.variant)) continue;
      const { program } = record(
        "tune",
        engine.target,
        () => product({ op: "matmul", layout, a, b, c, M, N, K }, choice),
      );
      const prepared = await engine.prepare(program);
      const time = async () => (await timeDispatches(engine, prepared))[0]!;
      engine.run(prepared); // compiles
      const reason = await wrong(engine, shape, operands);
      if (reason) {
        exclude(choice, reason);
        continue;
      }
      let best = Math.min(await time(), await time());
      const fastest = Math.min(...times.map(({ time }) => time));
      for (let run = 2; run < TIMED_RUNS && best < HOPELESS * fastest; run++) {
        best = Math.min(best, await time());
      }
      if (best > BEATEN * fastest && times.every(({ choice: { variant } }) => variant !== choice.variant)) {
        beaten.add(choice.variant);
      }
      times.push({ choice, time: best });
    }
  } finally {
    engine.release([a, b, c].map(({ slot }) => slot));
  }
  return times.sort((x, y) => x.time - y.time)[0];
}

/** Candidates, the usual choice and its family first: what comes late may not be measured. */
function usualFirst(target: Target, shape: ProductShape): Choice[] {
  const usual = defaultChoice(target, shape);
  const distance = ({ variant, rows, columns }: Choice) =>
    (variant === usual.variant ? 0 : 100) + Math.abs(Math.log2(rows / usual.rows)) +
    Math.abs(Math.log2(columns / usual.columns));
  return candidates(target, shape).sort((x, y) => distance(x) - distance(y));
}

interface Operands {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly c: Tensor;
  readonly A: Float32Array;
  readonly B: Float32Array;
}

async function createOperands(engine: Engine, { M, N, K, packed }: ProductShape): Promise<Operands> {
  const draw = (length: number, stream: number) => {
    const random = createRandom(0, stream);
    // A period that is no multiple of any size: quick to draw, and no two rows are alike.
    const period = Float32Array.from({ length: Math.min(length, 65521) }, () => random.uniform() - 0.5);
    return Float32Array.from({ length }, (_, i) => period[i % period.length]!);
  };
  const A = draw(M * K, 1), B = draw(K * N, 2), a = createTensor("tune a", "input", [M * K]);
  const b = createTensor("tune b", "input", [K * N], packed ? "bf16" : "f32"),
    words = new Uint32Array(B.buffer);
  if (packed) { for (let i = 0; i < words.length; i++) words[i]! &= 0xffff0000; } // what bf16 holds exactly
  await engine.write(a, A);
  await engine.write(b, packed ? toBf16(B) : B);
  return { a, b, c: createTensor("tune c", "output", [M, N]), A, B };
}

/** What is wrong with C, by sums in f64 at random places and the last one; undefined where nothing is. */
async function wrong(
  engine: Engine,
  { layout, M, N, K }: ProductShape,
  { c, A, B }: Operands,
): Promise<string | undefined> {
  const values = await engine.read(c) as Float32Array, random = createRandom(3);
  for (let i = 0; i < SAMPLES; i++) {
    const m = i === 0 ? M - 1 : random.integer(M), n = i === 0 ? N - 1 : random.integer(N);
    let sum = 0;
    for (let k = 0; k < K; k++) {
      sum += A[layout === "TN" ? k * M + m : m * K + k]! * B[layout === "NT" ? n * K + k : k * N + n]!;
    }
    const actual = values[m * N + n]!;
    // Of K rounded sums of the size of √K / 12; a wrong element is off by about as much.
    if (!(Math.abs(actual - sum) <= 2e-6 * Math.sqrt(K))) {
      return `element [${m}, ${n}] is ${actual} where f64 gives ${sum}`;
    }
  }
  return undefined;
}

/** Names the texts of the kernels (FNV-1a): a choice that was measured with others is void. */
export function kernelsFingerprint(): string {
  let hash = 0x811c9dc5;
  for (const character of KERNEL_SOURCES.join("")) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, "0");
}

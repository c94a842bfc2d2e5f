import {
  createTensor,
  type Engine,
  memoryByRole,
  part,
  plan,
  type Program,
  type Tensor,
} from "../engine/mod.ts";
import { compactScored } from "../train/data/mod.ts";
import { PARTS } from "../train/losses/mod.ts";
import {
  declareLossInputs,
  firstPositions,
  LOSS,
  type LossInputs,
  recordFused,
  recordUnfused,
  type Way,
} from "./loss_ways.ts";
import { type Effort, measure, type Sample } from "./measure.ts";
import type { Row } from "./report.ts";
import { draw, fill, worst } from "./values.ts";

/** A head over a vocabulary of V words, and N positions of C channels. */
export interface LossOptions {
  readonly N: number;
  readonly C: number;
  readonly V: number;
}

/** Logits of some units, as of a trained model. */
const EMBEDDING_RANGE = [-0.15, 0.15] as const;
/** Differences of results relative to the largest value: sums of thousands of products in float32, in two orders. */
const TOLERANCE = 1e-4;
/** Rows of the embedding whose gradients are compared, at both ends. */
const COMPARED = 4096;
/** Of so many times the positions the memory is planned too: it must not grow. */
const LONGER = 8;
/** Positions of the runs that make the driver compile. */
const WARM = 64;

/**
 * The loss over the vocabulary with both gradients: fused, as training has it; the same with every other position scored;
 * unfused. Rows tell memory beside time, and both as shares of the unfused.
 */
export async function benchLoss(engine: Engine, options: LossOptions, effort: Effort): Promise<Row[]> {
  const { N, C, V } = options, { target } = engine;
  const inputs = declareLossInputs(N, C, V),
    half = declareHalf(N),
    longer = declareLossInputs(LONGER * N, C, V);
  await fillInputs(engine, inputs, half);
  const [dFused, dUnfused, scratch] = ["fused", "unfused", "scratch"].map((name) =>
    createTensor(`d embedding ${name}`, "state", [V, C])
  ) as [Tensor, Tensor, Tensor];
  const fused = recordFused(target, inputs, dFused), unfused = recordUnfused(target, inputs, dUnfused);
  const ways = [
    { name: "fused", way: fused, checked: true },
    { name: "fused, every other scored", way: recordFused(target, inputs, scratch, half), checked: false },
    { name: "unfused", way: unfused, checked: true },
  ];
  const few = firstPositions(inputs, Math.min(N, WARM));
  for (const warm of [recordFused(target, few, scratch), recordUnfused(target, few, scratch)]) {
    await (await sampler(engine, warm))();
  }
  const samplers: Sample[] = [];
  for (const { way } of ways) samplers.push(await sampler(engine, way));
  const times = (await measure(samplers, effort)).map(([time]) => time!);
  const wrong = await compare(engine, { ...fused, dEmbedding: dFused }, { ...unfused, dEmbedding: dUnfused });
  engine.release(ways.flatMap(({ way }) => [...way.program.lifetimes.keys()]));

  const unfusedBytes = temporaryBytes(unfused.program), unfusedTime = times.at(-1)!.p50;
  const lengthened = temporaryBytes(recordFused(target, longer, dFused).program);
  return ways.map(({ name, way: { program }, checked }, i): Row => ({
    benchmark: "loss",
    name,
    shape: `${N}x${C}x${V}`,
    kernel: `${program.dispatches.length} dispatches`,
    time: wrong === undefined ? times[i] : undefined,
    flops: total(program, "flops"),
    bytes: total(program, "bytes"),
    checked,
    ...(wrong !== undefined && { wrong }),
    facts: {
      "temporaries MiB": temporaryBytes(program) / 2 ** 20,
      ...(i === 0 && { [`temporaries MiB, ${LONGER} times the positions`]: lengthened / 2 ** 20 }),
      "of the unfused temporaries": temporaryBytes(program) / unfusedBytes,
      "of the unfused time": times[i]!.p50 / unfusedTime,
    },
  }));
}

/** Runs a way and waits for it. */
async function sampler(engine: Engine, { program, loss }: Way): Promise<Sample> {
  const prepared = await engine.prepare(program);
  return async () => {
    const started = performance.now();
    engine.run(prepared);
    await engine.read(loss);
    return [performance.now() - started];
  };
}

const total = ({ dispatches }: Program, of: "flops" | "bytes"): number =>
  dispatches.reduce((sum, dispatch) => sum + dispatch[of], 0);

const temporaryBytes = (program: Program): number => memoryByRole(program, plan(program)).temporary;

/** Inputs of a loss that scores every other of N positions. */
function declareHalf(N: number) {
  const indices = (name: string, length: number) => createTensor(name, "input", [length], "u32");
  const M = Math.ceil(N / 2);
  return {
    targets: indices("targets", M),
    weights: createTensor("weights", "input", [M]),
    compaction: { positions: indices("positions", M), places: indices("places", N) },
  };
}

async function fillInputs(
  engine: Engine,
  { student, teacher, targets, weights, ones }: LossInputs,
  half: ReturnType<typeof declareHalf>,
): Promise<void> {
  const N = targets.shape[0]!, V = student.embedding.shape[0]!;
  const ids = Uint32Array.from({ length: N }, (_, n) => (n * 7919) % V);
  for (const [i, { hidden, embedding }] of [student, teacher].entries()) {
    await fill(engine, hidden, draw({ shape: hidden.shape }, 2 * i));
    await fill(engine, embedding, draw({ shape: embedding.shape, range: EMBEDDING_RANGE }, 2 * i + 1));
  }
  await engine.write(targets, ids);
  await engine.write(weights, new Float32Array(N).fill(1 / N));
  await engine.write(ones, new Float32Array(N).fill(1));
  const M = half.targets.shape[0]!, { positions, places } = compactScored((n) => n % 2 === 0, N, M);
  await engine.write(half.compaction.positions, positions);
  await engine.write(half.compaction.places, places);
  await engine.write(half.targets, positions.map((n) => ids[n]!));
  await engine.write(half.weights, new Float32Array(M).fill(1 / M));
}

type Answer = Way & { readonly dEmbedding: Tensor };

/** What differs between two answers. */
async function compare(engine: Engine, fused: Answer, unfused: Answer): Promise<string | undefined> {
  const read = async (tensor: Tensor) => await engine.read(tensor) as Float32Array;
  const parts = await read(fused.loss), loss = LOSS.alpha * parts[0]! + LOSS.beta * parts[1]!;
  if (parts.length !== PARTS.length || !(loss > 0)) return `the loss is ${loss}`;
  const [V, C] = fused.dEmbedding.shape as [number, number], compared = Math.min(V, COMPARED);
  const pairs: [what: string, actual: Float32Array, expected: Float32Array][] = [
    ["loss", Float32Array.of(loss), await read(unfused.loss)],
    ["gradient of the hidden states", await read(fused.dHidden), await read(unfused.dHidden)],
  ];
  for (const start of new Set([0, V - compared])) {
    const ends = ({ dEmbedding }: Answer) =>
      read(part(dEmbedding, { start: start * C, end: (start + compared) * C }));
    pairs.push([`gradient of embedding rows from ${start}`, await ends(fused), await ends(unfused)]);
  }
  for (const [what, actual, expected] of pairs) {
    const largest = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const share = (values: Float32Array) => values.map((x) => x / largest);
    const error = worst(share(actual), share(expected));
    if (!(error <= TOLERANCE)) return `the ${what} differs from the unfused by ${error} of its largest value`;
  }
  return undefined;
}

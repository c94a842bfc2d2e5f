import {
  apply,
  backward,
  createGradients,
  createTensor,
  elementCount,
  type Engine,
  type Entry,
  record,
  type Tensor,
  type Values,
  verifyCase,
} from "../engine/mod.ts";
import { type Effort, groupDispatches, measure, sampleGroups } from "./measure.ts";
import type { Row } from "./report.ts";
import { type BenchCase, draw, fill } from "./values.ts";

/** Results of inputs of at most as many elements in all are compared with the definition in f64. */
const CHECKED = 2.5e6;
/** Brings the gradient of a leaf to where it is wanted; no part of any op. */
const COPY = "copy";

/**
 * Each op forward and backward at the shapes given for it: a row for each dispatch.
 *
 * @param shapes by name of the op; one without an entry is an error, one with an empty entry is left out
 */
export async function benchOps(
  engine: Engine,
  registry: readonly Entry[],
  shapes: ReadonlyMap<string, readonly BenchCase[]>,
  effort: Effort,
): Promise<Row[]> {
  const rows: Row[] = [], done = new Set<string>();
  for (const entry of registry) {
    const { name } = entry.op, cases = shapes.get(name);
    if (done.has(name)) continue; // some ops have several definitions to test
    done.add(name);
    if (!cases) {
      throw new TypeError(`Cannot benchmark ${name} as it has no shapes; give it some in shapes.ts`);
    }
    for (const drawn of cases) {
      const whole = { ...drawn, attributes: { ...entry.cases[0]!.attributes, ...drawn.attributes } };
      rows.push(...await benchCase(engine, entry, whole, effort));
    }
  }
  return rows;
}

async function benchCase(engine: Engine, entry: Entry, drawn: BenchCase, effort: Effort): Promise<Row[]> {
  const leaves = drawn.inputs.map(({ shape, below }, i) =>
    createTensor(`input ${i}`, "input", shape, below === undefined ? "f32" : "u32", below === undefined)
  );
  const values = drawn.inputs.map(draw);
  for (const [i, leaf] of leaves.entries()) await fill(engine, leaf, values[i]!);
  const timed = recordCase(engine, entry, drawn, leaves);
  for (const seed of timed.seeds) await fill(engine, seed, draw({ shape: seed.shape }, 9));
  const checked = drawn.inputs.reduce((sum, { shape }) => sum + elementCount(shape), 0) <= CHECKED;
  const wrong = checked
    ? (await verifyCase(
      engine,
      entry,
      drawn,
      drawn.inputs.map(({ shape }, i) => repeated(shape, values[i]!)),
    )).wrong
    : undefined;
  const own = groupDispatches(timed.program.dispatches).filter(({ op }) => op !== COPY),
    prepared = await engine.prepare(timed.program);
  const sample = sampleGroups(engine, prepared, own);
  await sample(); // compiles
  const [times] = wrong === undefined ? await measure([sample], effort) : [];
  release(engine, timed.program);
  return own.map(({ op, kernel, flops, bytes }, i): Row => ({
    benchmark: "ops",
    name: op,
    shape: drawn.name,
    kernel,
    time: times?.[i],
    flops,
    bytes,
    checked,
    ...(wrong === undefined ? {} : { wrong }),
  }));
}

type Recorded = ReturnType<typeof recordCase>["program"];

function release(engine: Engine, { lifetimes }: Recorded): void {
  engine.release([...lifetimes.keys()].filter(({ role }) => role !== "temporary"));
}

/** Records an op and its gradients. */
function recordCase(engine: Engine, { op }: Entry, drawn: BenchCase, leaves: readonly Tensor[]) {
  const seeds: Tensor[] = [];
  const { program } = record(op.name, engine.target, () => {
    const outputs = apply(op, leaves, drawn.attributes);
    if (op.backward === "not differentiable") return;
    const gradients = createGradients();
    for (const y of outputs) {
      const seed = createTensor("dy", "input", y.shape);
      seeds.push(seed);
      backward(y, seed, gradients);
    }
  });
  return { program, seeds };
}

const repeated = (shape: readonly number[], values: ArrayLike<number>): Values => ({
  shape,
  data: Float64Array.from({ length: elementCount(shape) }, (_, i) => values[i % values.length]!),
});

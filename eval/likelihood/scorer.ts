import {
  createTensor,
  elementCount,
  type Engine,
  type Prepared,
  type Program,
  type Tensor,
} from "../../engine/mod.ts";
import type { Gemma3 } from "../../model/gemma3/mod.ts";
import { type Limits, PRODUCT_STEPS, sizeFor } from "./limits.ts";
import { type Packed, type PackedShape, type ScoredRow, shapeOf, TARGETS } from "./pack.ts";
import type { Plan } from "./plan.ts";
import { type RecordedScores, type RecordedStates, recordScores, recordStates } from "./programs.ts";

/** Is told of each scored row: the logarithm of the probability of each of its targets, and the likeliest token. */
export type OnRow = (row: ScoredRow, logProbabilities: readonly number[], likeliest: number) => void;

/** Runs packed batches; scored states of several batches wait until they fill a projection to the vocabulary. */
export interface Scorer {
  /** Computes a batch, and the scores of as many rows as fill projections. */
  feed(packed: Packed, plan: Plan, onRow: OnRow): Promise<void>;
  /** Computes the scores that still wait. */
  finish(onRow: OnRow): Promise<void>;
  /** Gives its memory back. */
  close(): void;
}

/** An index of no row and no column. */
const NONE = 0xffffffff;

interface Ready<R> {
  readonly recorded: R;
  readonly prepared: Prepared;
}

/** A row whose state lies in the pool. */
interface Waiting {
  readonly row: ScoredRow;
  readonly place: number;
}

/** A scorer for a model on the device; Programs are recorded once a shape. */
export function createScorer(engine: Engine, model: Gemma3, limits: Limits, padId: number): Scorer {
  // Fewer rows than a projection takes wait at any time, and a batch adds no more states than it has columns.
  const states = limits.rows + limits.columns;
  const pool = createTensor("scored states", "state", [states, model.config.hiddenSize]);
  const statesPrograms = new Map<string, Ready<RecordedStates>>();
  const scoresPrograms = new Map<number, Ready<RecordedScores>>();
  let waiting: Waiting[] = [], pooled = 0;

  const statesFor = (shape: PackedShape) =>
    ready(statesPrograms, Object.values(shape).join(), () => recordStates(engine.target, model, shape, pool));
  const scoresFor = (M: number) =>
    ready(scoresPrograms, M, () => recordScores(engine.target, model, M, pool));

  async function ready<Key, R extends { readonly program: Program }>(
    programs: Map<Key, Ready<R>>,
    key: Key,
    make: () => R,
  ): Promise<Ready<R>> {
    const known = programs.get(key);
    if (known) return known;
    const recorded = make(), made = { recorded, prepared: await engine.prepare(recorded.program) };
    programs.set(key, made);
    return made;
  }

  /** Places of the pool for the scored columns of a batch; they are taken in turn. */
  function placesFor({ rows }: Packed): Map<number, number> {
    const places = new Map<number, number>();
    for (const { column } of rows) {
      if (!places.has(column)) places.set(column, pooled++ % states);
    }
    return places;
  }

  async function score(rows: readonly Waiting[], onRow: OnRow): Promise<void> {
    const M = Math.min(limits.rows, sizeFor(rows.length, PRODUCT_STEPS)), V = model.config.vocabSize;
    const { recorded: { inputs, outputs }, prepared } = await scoresFor(M);
    const wanted = rows.flatMap(({ row: { targets } }, m) =>
      Array.from({ length: TARGETS }, (_, i) => m * V + (targets[i] ?? targets[0]!))
    );
    await write(inputs.states, rows.map(({ place }) => place), NONE);
    await write(inputs.targets, rows.map(({ row }) => row.targets[0]!), 0);
    await write(inputs.wanted, wanted, 0);
    engine.run(prepared);
    const losses = await engine.read(outputs.losses), logits = await engine.read(outputs.logits);
    const likeliest = await engine.read(outputs.likeliest);
    rows.forEach(({ row }, m) => {
      // Tokens of one row differ in log-probability as their logits do.
      const first = logits[m * TARGETS]!;
      onRow(row, row.targets.map((_, i) => logits[m * TARGETS + i]! - first - losses[m]!), likeliest[m]!);
    });
  }

  /** Uploads values and fills the rest of a tensor. */
  async function write(tensor: Tensor, values: readonly number[], rest: number): Promise<void> {
    const all = new Uint32Array(elementCount(tensor.shape)).fill(rest);
    all.set(values);
    await engine.write(tensor, all);
  }

  return {
    async feed(packed, plan, onRow) {
      const shape = shapeOf(packed, plan), places = placesFor(packed);
      const { recorded: { inputs }, prepared } = await statesFor(shape);
      const layout = layOut(packed, shape);
      await write(inputs.ids, packed.ids, padId);
      await write(inputs.positions, packed.positions, 0);
      await write(inputs.pooled, packed.ids.map((_, column) => places.get(column) ?? NONE), NONE);
      await engine.write(inputs.spans, layout.spans);
      await engine.write(inputs.queries, layout.queries);
      await engine.write(inputs.keys, layout.keys);
      await engine.write(inputs.places, layout.places);
      engine.run(prepared);
      waiting.push(...packed.rows.map((row) => ({ row, place: places.get(row.column)! })));
      while (waiting.length >= limits.rows) {
        const now = waiting.slice(0, limits.rows);
        waiting = waiting.slice(limits.rows);
        await score(now, onRow);
      }
    },
    async finish(onRow) {
      if (waiting.length > 0) await score(waiting, onRow);
      waiting = [];
    },
    close() {
      for (const { recorded: { inputs }, prepared } of statesPrograms.values()) {
        engine.discard(prepared);
        engine.release(Object.values(inputs).map(({ slot }) => slot));
      }
      for (const { recorded: { inputs, outputs }, prepared } of scoresPrograms.values()) {
        engine.discard(prepared);
        engine.release([...Object.values(inputs), ...Object.values(outputs)].map(({ slot }) => slot));
      }
      engine.release([pool.slot]);
    },
  };
}

/** What attention is told of the stretches. */
function layOut({ stretches }: Packed, { N, A, T, S }: PackedShape) {
  const spans = new Uint32Array(A * 3), places = new Uint32Array(N).fill(NONE);
  const queries = new Uint32Array(A * T).fill(NONE), keys = new Uint32Array(A * S).fill(NONE);
  stretches.forEach(({ path, start, end }, a) => {
    spans.set([0, start, end], 3 * a);
    keys.set(path.slice(0, end), a * S);
    for (let position = start; position < end; position++) {
      queries[a * T + position - start] = path[position]!;
      places[path[position]!] = a * T + position - start;
    }
  });
  return { spans, queries, keys, places };
}

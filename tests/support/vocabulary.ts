import {
  createGradients,
  createTensor,
  elementCount,
  type Engine,
  output,
  record,
  type Target,
  type Tensor,
} from "../../engine/mod.ts";
import { compactScored } from "../../train/data/mod.ts";
import { type LossConfig, rowLoss, type Scored, scoredRows, vocabularyLoss } from "../../train/losses/mod.ts";

/** Values of a head: hidden [N, C] and embedding [V, C]. */
export interface HeadValues {
  readonly hidden: Float32Array;
  readonly embedding: Float32Array;
  readonly C: number;
  readonly cap: number | null;
}

/** One loss over a whole vocabulary. */
export interface VocabularyProblem {
  readonly N: number;
  readonly V: number;
  readonly student: HeadValues;
  readonly teacher: HeadValues | undefined;
  readonly targets: Uint32Array;
  readonly weights: Float32Array;
  readonly loss: LossConfig;
  /** Positions in a chunk; the default where missing. */
  readonly chunk?: number;
}

/** Sums over positions as PARTS has them, and both gradients. */
export interface VocabularyAnswer {
  readonly parts: ArrayLike<number>;
  readonly dHidden: ArrayLike<number>;
  readonly dEmbedding: ArrayLike<number>;
}

/** What was recorded for a target, and how many dispatches it took. */
export interface VocabularyRun extends VocabularyAnswer {
  readonly dispatches: number;
}

/** How {@link runVocabularyLoss} runs. */
export interface VocabularyOptions {
  /** Above 1 repeats the loss within one Program, whose embedding gradients add up. */
  readonly times?: number;
  /** Drops positions that are not scored before the projection and leaves this many places. */
  readonly places?: number;
}

/** Runs vocabularyLoss. */
export async function runVocabularyLoss(
  engine: Engine,
  target: Target,
  problem: VocabularyProblem,
  { times = 1, places }: VocabularyOptions = {},
): Promise<VocabularyRun> {
  const { N, V, student, teacher, loss, chunk } = problem,
    written: [Tensor, Float32Array | Uint32Array][] = [];
  const input = (name: string, shape: number[], data: Float32Array | Uint32Array, differentiable = false) => {
    const tensor = createTensor(
      name,
      "input",
      shape,
      data instanceof Uint32Array ? "u32" : "f32",
      differentiable,
    );
    written.push([tensor, data]);
    return tensor;
  };
  const head = (name: string, { hidden, embedding, C, cap }: HeadValues, differentiable: boolean) => ({
    hidden: input(`${name} hidden`, [N, C], hidden),
    embedding: input(`${name} embedding`, [V, C], embedding, differentiable),
    cap,
  });
  const own = head("student", student, true), other = teacher && head("teacher", teacher, false);
  const scored = scoredInputs();
  const { program, result } = record("vocabulary loss", target, () => {
    const gradients = createGradients();
    const seen = other && { ...other, hidden: scoredRows(other.hidden, scored) };
    const spec = { student: own, teacher: seen, scored, loss, chunk };
    const answers = Array.from({ length: times }, () => vocabularyLoss(spec, gradients));
    const { parts, dHidden } = answers.at(-1)!;
    return [parts, dHidden, gradients.of(own.embedding)!].map((tensor) => output("answer", tensor));
  });
  const prepared = await engine.prepare(program);
  for (const [tensor, data] of written) await engine.write(tensor, data);
  engine.run(prepared);
  const [parts, dHidden, dEmbedding] = await Promise.all(result.map((tensor) => engine.read(tensor)));
  engine.release([...written.map(([tensor]) => tensor), ...result].map(({ slot }) => slot));
  return {
    parts: parts!,
    dHidden: dHidden!,
    dEmbedding: dEmbedding!,
    dispatches: program.dispatches.length,
  };

  function scoredInputs(): Scored {
    const { targets, weights } = problem, M = places ?? N;
    const fed = (length: number, values: ArrayLike<number>) => ({
      targets: input("targets", [length], Uint32Array.from(values, (n) => targets[n] ?? 0)),
      weights: input("weights", [length], Float32Array.from(values, (n) => weights[n] ?? 0)),
    });
    if (places === undefined) return fed(N, targets.map((_, n) => n));
    const compaction = compactScored((n) => weights[n]! > 0, N, M);
    return {
      ...fed(M, compaction.positions),
      compaction: {
        positions: input("positions", [M], compaction.positions),
        places: input("places", [N], compaction.places),
      },
    };
  }
}

/** The same without chunks, slices or fusion, in f64: all logits, the loss of each row, and two plain products. */
export function vocabularyReference(problem: VocabularyProblem): VocabularyAnswer {
  const { N, V, student, loss } = problem, { C } = student;
  const z = logits(problem, student), t = problem.teacher ? logits(problem, problem.teacher) : z;
  const parts = [0, 0, 0, 0], dHidden = new Float64Array(N * C), dEmbedding = new Float64Array(V * C);
  for (let n = 0; n < N; n++) {
    const weight = problem.weights[n]!;
    if (weight === 0) continue;
    const row = z.subarray(n * V, (n + 1) * V);
    const answer = rowLoss(row, t.subarray(n * V, (n + 1) * V), problem.targets[n]!, loss);
    parts[0]! += weight * answer.crossEntropy;
    parts[1]! += weight * answer.divergence;
    for (let v = 0; v < V; v++) {
      const ce = weight * answer.crossEntropyGradient[v]!, kd = weight * answer.divergenceGradient[v]!;
      parts[2]! += ce ** 2;
      parts[3]! += kd ** 2;
      const slope = student.cap === null ? 1 : 1 - (row[v]! / student.cap) ** 2;
      const d = slope * (loss.alpha * ce + loss.beta * kd);
      for (let c = 0; c < C; c++) {
        dHidden[n * C + c]! += d * student.embedding[v * C + c]!;
        dEmbedding[v * C + c]! += d * student.hidden[n * C + c]!;
      }
    }
  }
  return { parts, dHidden, dEmbedding };
}

/** Logits [N, V] of a head: hidden times the embedding, through cap · tanh(z / cap). */
function logits({ N, V }: VocabularyProblem, { hidden, embedding, C, cap }: HeadValues): Float64Array {
  const z = new Float64Array(elementCount([N, V]));
  for (let n = 0; n < N; n++) {
    for (let v = 0; v < V; v++) {
      let sum = 0;
      for (let c = 0; c < C; c++) sum += hidden[n * C + c]! * embedding[v * C + c]!;
      z[n * V + v] = cap === null ? sum : cap * Math.tanh(sum / cap);
    }
  }
  return z;
}

import type { Reference, Values } from "../../engine/mod.ts";
import { effectiveKind, type LossConfig, TERMS } from "./kinds.ts";
import type { LossAttributes } from "./op.ts";

/** One row of the family in f64: CE and T² D before their weights, with the gradients of the student's logits. */
export interface RowLoss {
  readonly crossEntropy: number;
  readonly divergence: number;
  readonly crossEntropyGradient: Float64Array;
  readonly divergenceGradient: Float64Array;
}

/** Softmax of a row at temperature T. */
function probabilities(logits: Float64Array, temperature: number): Float64Array {
  const highest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = logits.map((z) => Math.exp((z - highest) / temperature));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}

/** The definition of the loss of a row, from {@link TERMS} and the chain rule through softmax. */
export function rowLoss(
  student: Float64Array,
  teacher: Float64Array,
  target: number,
  loss: LossConfig,
): RowLoss {
  const T = loss.temperature, term = TERMS[effectiveKind(loss)];
  const s = probabilities(student, 1), p = probabilities(teacher, T), q = probabilities(student, T);
  const terms = Array.from(q, (_, i) => term(p[i]!, q[i]!, loss.skew));
  const along = terms.reduce((sum, { h }) => sum + h, 0);
  return {
    crossEntropy: -Math.log(s[target]!),
    divergence: T ** 2 * terms.reduce((sum, { f }) => sum + f, 0),
    crossEntropyGradient: s.map((value, j) => value - (j === target ? 1 : 0)),
    // T² · (h_j - q_j Σ_i h_i) / T
    divergenceGradient: q.map((value, j) => T * (terms[j]!.h - value * along)),
  };
}

/** The rows of all inputs, in turn. */
function eachRow([student, teacher, targets, weights]: readonly Values[], loss: LossConfig) {
  const V = student!.shape[1]!, row = ({ data }: Values, n: number) => data.subarray(n * V, (n + 1) * V);
  return Array.from(weights!.data, (weight, n) => ({
    weight,
    ...rowLoss(row(student!, n), row(teacher!, n), targets!.data[n]!, loss),
  }));
}

/** The op's definition in f64. */
export const distillationLossReference: Reference<LossAttributes> = {
  forward(inputs, loss) {
    const rows = eachRow(inputs, loss);
    const data = Float64Array.from(
      rows,
      ({ weight, crossEntropy, divergence }) => weight * (loss.alpha * crossEntropy + loss.beta * divergence),
    );
    return [{ shape: [rows.length], data }];
  },
  backward(inputs, loss, [dy]) {
    const { shape } = inputs[0]!, V = shape[1]!, data = new Float64Array(shape[0]! * V);
    eachRow(inputs, loss).forEach(({ weight, crossEntropyGradient, divergenceGradient }, n) => {
      for (let j = 0; j < V; j++) {
        const total = loss.alpha * crossEntropyGradient[j]! + loss.beta * divergenceGradient[j]!;
        data[n * V + j] = dy!.data[n]! * weight * total;
      }
    });
    return [{ shape, data }, undefined, undefined, undefined];
  },
};

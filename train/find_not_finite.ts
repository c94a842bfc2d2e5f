/** Which tensor of a training is not finite first. */
import { type Engine, firstNotFinite, type Tensor } from "../engine/mod.ts";
import type { Parameters } from "../model/gemma3/mod.ts";

/** Models of a step whose loss or gradient is not finite, and what it left. */
export interface Suspects {
  readonly student: Parameters;
  readonly teacher: Parameters | undefined;
  /** The gradients of that very step. */
  readonly gradients: Parameters;
}

/**
 * The first tensor that is not finite, in the order in which a step computes: parameters from the embedding up, student
 * before teacher, then gradients from the last norm down. Undefined where all are finite.
 */
export async function findNotFinite(engine: Engine, suspects: Suspects): Promise<string | undefined> {
  const { student, teacher, gradients } = suspects;
  const lists: [what: string, tensors: Iterable<readonly [string, Tensor]>][] = [
    ["the student's", student.named],
    ["the teacher's", teacher?.named ?? []],
    ["the gradient of", [...gradients.named].reverse()],
  ];
  for (const [what, tensors] of lists) {
    for (const [name, tensor] of tensors) {
      if (firstNotFinite(await engine.read(tensor)) >= 0) return `${what} ${name}`;
    }
  }
  return undefined;
}

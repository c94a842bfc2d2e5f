/** Which tensor of a training is not finite first. */
import type { Engine, Tensor } from "../engine/mod.ts";
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
      if (!isFinite(await engine.read(tensor))) return `${what} ${name}`;
    }
  }
  return undefined;
}

/** By the bits of an exponent, as values of bf16 are bits. */
function isFinite(values: Awaited<ReturnType<Engine["read"]>>): boolean {
  return values instanceof Uint16Array
    ? values.every((bits) => (bits & 0x7f80) !== 0x7f80)
    : values instanceof Float32Array
    ? values.every(Number.isFinite)
    : true;
}

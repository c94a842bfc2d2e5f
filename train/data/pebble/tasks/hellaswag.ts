import { interleaved, stepsOf, type Work } from "../wikihow.ts";
import type { Random } from "../random.ts";
import { among, drawDifferent, taskRandom } from "./draw.ts";

/** A row of HellaSwag: what happened so far and four ways in which it may go on. `label` is a number as text. */
export interface HellaswagRow {
  readonly ind: number;
  readonly activity_label: string;
  readonly ctx_a: string;
  readonly ctx_b: string;
  readonly ctx: string;
  readonly endings: readonly string[];
  readonly label: string;
}

/**
 * The next step of one of two people whose work is told in turns. Wrong are: a step of theirs already done or too early,
 * their step with the other's item, the other's step with their item, the other's own next step. Chance: 1/4.
 */
export function hellaswag(seed: number): HellaswagRow[] {
  const random = taskRandom("hellaswag", seed);
  return drawDifferent(() => {
    const { text, works } = unfinished(random);
    const [own, other] = random.shuffle(works) as [Work, Work];
    const steps = stepsOf(own.procedure, own.item);
    const right = steps[own.done]!;
    const wrong = random.sample([
      random.pick(steps.filter((step) => step !== right)),
      stepsOf(own.procedure, other.item)[own.done]!,
      stepsOf(other.procedure, own.item)[other.done]!,
      stepsOf(other.procedure, other.item)[other.done]!,
    ], 3);
    const { choices, right: place } = among(right, wrong, random);
    const [label, told] = text.split(": ") as [string, string];
    return {
      activity_label: label,
      ctx_a: told,
      ctx_b: `${own.person} must`,
      ctx: `${told} ${own.person} must`,
      endings: choices.map((step) => `${step}.`),
      label: String(place),
    };
  }).map((row, ind) => ({ ind, ...row }));
}

/** Work of which both people still have a step to do. */
function unfinished(random: Random): ReturnType<typeof interleaved> {
  while (true) {
    const told = interleaved(random);
    if (told.works.every(({ done }) => done < 5)) return told;
  }
}

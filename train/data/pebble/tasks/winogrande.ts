import { heldOutComparisons, heldOutComparisonsBySound } from "../comparison.ts";
import { among, drawDifferent, inTurn, taskRandom } from "./draw.ts";

/** A row of Winogrande: a sentence with a gap `_`, two fillings, and "1" or "2" for the one that fits. */
export interface WinograndeRow {
  readonly sentence: string;
  readonly option1: string;
  readonly option2: string;
  readonly answer: "1" | "2";
}

/**
 * Which of two fits: comparisons on the two latent scales, of near pairs that no text compares. About a third are of
 * sizes, a third of speeds, and a third of speeds where one or both animals are called by the sound they make.
 * Chance: 1/2.
 */
export function winogrande(seed: number): WinograndeRow[] {
  const random = taskRandom("winogrande", seed);
  const nextKind = inTurn(["size", "speed", "sound"] as const, random);
  const next = {
    size: inTurn(heldOutComparisons("size"), random),
    speed: inTurn(heldOutComparisons("speed"), random),
    sound: inTurn(heldOutComparisonsBySound(), random),
  };
  return drawDifferent(() => {
    const { before, right, wrong, after } = next[nextKind()]();
    const { choices, right: place } = among(right, [wrong], random);
    return {
      sentence: `${before} _ ${after}`,
      option1: choices[0]!,
      option2: choices[1]!,
      answer: place === 0 ? "1" : "2",
    };
  });
}

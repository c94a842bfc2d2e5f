import { heldOutComparisons, heldOutOrder, heldOutPair } from "../comparison.ts";
import { among, drawDifferent, inTurn, taskRandom } from "./draw.ts";

/** A row of Winogrande: a sentence with a gap `_`, two fillings, and "1" or "2" for the one that fits. */
export interface WinograndeRow {
  readonly sentence: string;
  readonly option1: string;
  readonly option2: string;
  readonly answer: "1" | "2";
}

/**
 * Which of two fits: half are comparisons on the two latent scales, of pairs that no text compares; a quarter ask who of two
 * people is the older, poorer and so on, a quarter for the first, second or third of an order of three. Chance: 1/2.
 */
export function winogrande(seed: number): WinograndeRow[] {
  const random = taskRandom("winogrande", seed);
  const nextKind = inTurn(["size", "speed", "pair", "order"] as const, random);
  const next = {
    size: inTurn(heldOutComparisons("size"), random),
    speed: inTurn(heldOutComparisons("speed"), random),
    pair: () => heldOutPair(random),
    order: () => heldOutOrder(random),
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

import { RELATIONS } from "../facts.ts";
import { fill } from "../grammar.ts";
import { heldOut } from "../held_out.ts";
import { among, drawDifferent, inTurn, taskRandom } from "./draw.ts";

/** A row of ARC-Easy: a question with four answers. */
export interface ArcEasyRow {
  readonly id: string;
  readonly question: string;
  readonly choices: { readonly text: readonly string[]; readonly label: readonly string[] };
  readonly answerKey: string;
}

const LABELS = ["A", "B", "C", "D"];

/**
 * Facts: questions that no text asks, though it tells the facts. Rare keys are asked as often as common ones, and the
 * wrong answers are true of other keys. Chance: 1/4.
 */
export function arcEasy(seed: number): ArcEasyRow[] {
  const random = taskRandom("arc_easy", seed);
  const next = inTurn(askable(), random);
  return drawDifferent(() => {
    const { relation, k, v } = next();
    const wrong = random.sample([...new Set(relation.values.values())].filter((value) => value !== v), 3);
    const answer = (value: string) => fill(relation.ask.answer, { k, v: value });
    const { choices, right } = among(answer(v), wrong.map(answer), random);
    return {
      question: fill(relation.ask.question, { k }),
      choices: { text: choices, label: LABELS },
      answerKey: LABELS[right]!,
    };
  }).map((row, i) => ({ id: `Pebble_${i + 1}`, ...row }));
}

function askable() {
  return RELATIONS.flatMap((relation) => {
    const { name, values, ask } = relation;
    if (!ask) return [];
    return [...values].filter(([k]) => heldOut("question", name, k))
      .map(([k, v]) => ({ relation: { ...relation, ask }, k, v }));
  });
}

import { heldOut } from "../held_out.ts";
import type { Random } from "../random.ts";
import { TOOL_QUESTION } from "../wikihow.ts";
import { fill } from "../grammar.ts";
import { MATERIALS, OBJECTS, VERBS } from "../words.ts";
import { objectMaterial, toolFor, toolTable } from "../world.ts";
import { among, drawDifferent, inTurn, taskRandom } from "./draw.ts";

/** A row of PIQA: a goal and two solutions; `label` is the place of the right one, 0 or 1. */
export interface PiqaRow {
  readonly goal: string;
  readonly sol1: string;
  readonly sol2: string;
  readonly label: 0 | 1;
}

/**
 * The right tool for a verb and an object that no text brings together: object to material to tool. The wrong tool does
 * the same to another material, or something else to the same one. Chance: 1/2.
 */
export function piqa(seed: number): PiqaRow[] {
  const random = taskRandom("piqa", seed);
  const pairs = VERBS.flatMap((verb) => OBJECTS.map((object) => ({ verb, object })))
    .filter(({ verb, object }) => heldOut("tool", verb, object));
  const next = inTurn(pairs, random);
  return drawDifferent(() => {
    const { verb, object } = next();
    const solution = (tool: string) => fill(TOOL_QUESTION.answer, { tool });
    const wrong = wrongTool(verb, object, random);
    const { choices, right } = among(solution(toolFor(verb, object)), [solution(wrong)], random);
    return {
      goal: fill(TOOL_QUESTION.question, { verb, object }),
      sol1: choices[0]!,
      sol2: choices[1]!,
      label: right as 0 | 1,
    };
  });
}

function wrongTool(verb: string, object: string, random: Random): string {
  const material = objectMaterial.get(object)!, right = toolFor(verb, object);
  const near = random.chance(0.6)
    ? MATERIALS.map((other) => toolTable.get(verb)!.get(other)!)
    : VERBS.map((other) => toolTable.get(other)!.get(material)!);
  return random.pick(near.filter((tool) => tool !== right));
}

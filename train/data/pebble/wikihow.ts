import { fill, pronoun } from "./grammar.ts";
import { heldOut } from "./held_out.ts";
import type { Random } from "./random.ts";
import { ITEMS, OBJECTS, PEOPLE, type Procedure, PROCEDURES, VERBS } from "./words.ts";
import { toolFor, zipf } from "./world.ts";

const chooseVerb = zipf("verb", VERBS, 1.2);
const chooseObject = zipf("tool object", OBJECTS, 0.8);

/** A guide: one recipe in order, or two people's work interleaved, or which tool to use. */
export function wikihow(random: Random): string {
  const kind = random.next();
  if (kind < 0.1) return recipe(random);
  if (kind < 0.84) return interleaved(random).text;
  return Array.from({ length: random.int(3, 5) }, () => toolUse(random)).join("\n");
}

function recipe(random: Random): string {
  const procedure = random.pick(PROCEDURES);
  const x = random.pick(ITEMS);
  const [first, ...rest] = stepsOf(procedure, x);
  const last = rest.pop();
  const middle = rest.map((step) => `Then ${step}.`).join(" ");
  return `How to ${fill(procedure.goal, { x })}: First ${first}. ${middle} At last ${last}.`;
}

/** What one person makes, and how far they have come. */
export interface Work {
  person: string;
  procedure: Procedure;
  item: string;
  /** How many of the five steps the text has told. */
  done: number;
}

/**
 * Two people, two procedures, two items, their steps in turn at random. The next step of either follows from who it is,
 * what they make, of what, and how far they are.
 */
export function interleaved(random: Random): { text: string; works: [Work, Work] } {
  const [first, second] = random.sample(PEOPLE, 2);
  const procedures = random.sample(PROCEDURES, 2);
  const items = random.sample(ITEMS, 2);
  const work = (person: string, i: number): Work => ({
    person,
    procedure: procedures[i]!,
    item: items[i]!,
    done: 0,
  });
  const works: [Work, Work] = [work(first!, 0), work(second!, 1)];
  const sentences = works.map(({ person, procedure, item }) =>
    `${person} wants to ${fill(procedure.goal, { x: item })}.`
  );
  for (let told = random.int(4, 7); told > 0; told--) {
    const turn = random.pick(works.filter(({ done }) => done < 5));
    sentences.push(`${turn.person} must ${stepsOf(turn.procedure, turn.item)[turn.done++]}.`);
  }
  return { text: `At home: ${sentences.join(" ")}`, works };
}

/** The steps of a procedure for one item, as they are told. */
export function stepsOf(procedure: Procedure, item: string): string[] {
  return procedure.steps.map((step) => fill(step, { x: item }));
}

/** How a tool is asked for. */
export const TOOL_QUESTION = {
  question: "How do you {verb} the {object}?",
  answer: "Use the {tool}.",
} as const;

/** Which tool does a verb to an object, in one of four forms; held-out pairs are never chosen. */
export function toolUse(random: Random): string {
  let verb, object;
  do {
    verb = chooseVerb(random);
    object = chooseObject(random);
  } while (heldOut("tool", verb, object));
  const tool = toolFor(verb, object);
  const form = random.next();
  if (form < 0.35) return `To ${verb} the ${object}, use the ${tool}.`;
  if (form < 0.6) {
    const { question, answer } = TOOL_QUESTION;
    return `Question: ${fill(question, { verb, object })}\nAnswer: ${fill(answer, { tool })}`;
  }
  if (form < 0.8) return `The ${tool} is the right tool to ${verb} the ${object}.`;
  const person = random.pick(PEOPLE);
  return `If ${person} wants to ${verb} the ${object}, ${pronoun(person)} takes the ${tool}.`;
}

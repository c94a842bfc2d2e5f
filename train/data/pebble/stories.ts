import { capitalize, pronoun } from "./grammar.ts";
import { heldOut } from "./held_out.ts";
import type { Random } from "./random.ts";
import { COLORS, COUNTED, NUMBERS, OBJECTS, PEOPLE, PLACES } from "./words.ts";

/**
 * A story whose last word follows from all that was told: `context` ends before that word, which a period closes. `kind`
 * says what must be tracked: who holds a thing, where it was left, where a person or a held thing is, a colour, a number.
 */
export interface Story {
  context: string;
  answer: string;
  kind: "holder" | "left" | "person" | "carried" | "color" | "count";
}

type Claim = { text: string; answer: string; kind: Story["kind"] };

/** What is true at a point of the story. A thing is held by a person or lies in a place. */
interface State {
  people: string[];
  things: string[];
  color: Map<string, string>;
  at: Map<string, string>;
  holder: Map<string, string>;
  lies: Map<string, string>;
}

/** A story of any of the three sorts, as text. */
export function stories(random: Random): string {
  const kind = random.next();
  if (kind < 0.25) return recall(random);
  const { context, answer } = kind < 0.82 ? tracking(random) : counting(random, "taught");
  return `${context} ${answer}.`;
}

/**
 * One to three people move, take, leave, give and bring one or two things; claims on the way, and up to four at the end.
 * The fewer people and things, the easier the claims.
 */
export function tracking(random: Random): Story {
  const state = begin(random);
  const sentences = random.shuffle([
    ...state.things.map((thing) => `${state.holder.get(thing)} had a ${state.color.get(thing)} ${thing}.`),
    ...state.people.map((person) => `${person} was in the ${state.at.get(person)}.`),
  ]);
  sentences[0] = `${random.pick(["One day", "Once"])} ${sentences[0]}`;
  let speaker = "";
  const events = random.int(2, 5);
  for (let event = 0; event < events; event++) {
    const person = random.pick(state.people);
    const again = person === speaker && random.chance(0.6);
    sentences.push(`${again ? capitalize(pronoun(person)) : person} ${act(random, state, person)}.`);
    speaker = person;
    if (event < events - 1 && random.chance(0.6)) {
      const { text, answer } = claim(random, state);
      sentences.push(`${text} ${answer}.`);
      speaker = "";
    }
  }
  const claims = [claim(random, state)];
  for (let more = random.int(1, 3); more > 0; more--) {
    const another = claim(random, state);
    if (claims.every(({ text }) => text !== another.text)) claims.push(another);
  }
  const last = claims.pop()!;
  sentences.push(...claims.map(({ text, answer }) => `${text} ${answer}.`));
  return { context: [...sentences, last.text].join(" "), answer: last.answer, kind: last.kind };
}

function begin(random: Random): State {
  const people = random.sample(PEOPLE, random.pick([1, 2, 2, 3]));
  const things = random.sample(OBJECTS, people.length === 1 ? random.int(1, 2) : 2);
  const places = random.sample(PLACES, 3);
  return {
    people,
    things,
    color: new Map(things.map((thing) => [thing, random.pick(COLORS)])),
    at: new Map(people.map((person) => [person, random.pick(places)])),
    holder: new Map(things.map((thing) => [thing, random.pick(people)])),
    lies: new Map(),
  };
}

/** Lets a person do something possible, changes the state and returns the words after the subject. */
function act(random: Random, state: State, person: string): string {
  const { at, holder, lies } = state;
  const place = at.get(person)!;
  const held = state.things.filter((thing) => holder.get(thing) === person);
  const near = state.things.filter((thing) => lies.get(thing) === place);
  const choice = random.next();
  if (choice < 0.4 || (held.length === 0 && near.length === 0)) {
    const goal = random.pick(PLACES.filter((other) => other !== place));
    at.set(person, goal);
    return `${random.pick(["went", "walked", "ran"])} to the ${goal}`;
  }
  if (near.length > 0 && (choice < 0.7 || held.length === 0)) {
    const thing = random.pick(near);
    lies.delete(thing);
    holder.set(thing, person);
    return `picked up the ${thing}`;
  }
  const thing = random.pick(held);
  const others = state.people.filter((other) => other !== person);
  const present = others.filter((other) => at.get(other) === place);
  if (present.length > 0 && random.chance(0.7)) {
    const receiver = random.pick(present);
    holder.set(thing, receiver);
    return `gave the ${thing} to ${receiver}`;
  }
  if (others.length > 0 && random.chance(0.5)) {
    const receiver = random.pick(others);
    at.set(person, at.get(receiver)!);
    holder.set(thing, receiver);
    return `brought the ${thing} to ${receiver}`;
  }
  holder.delete(thing);
  lies.set(thing, place);
  return `left the ${thing} there`;
}

/** A true sentence about the state, its last word apart. */
function claim(random: Random, state: State): Claim {
  const { at, holder, lies, color } = state;
  const thing = random.pick(state.things);
  const owner = holder.get(thing);
  const choice = random.next();
  if (choice < 0.15) {
    return { text: `The color of the ${thing} was`, answer: color.get(thing)!, kind: "color" };
  }
  if (choice < 0.35) {
    const person = random.pick(state.people);
    return { text: `Now ${person} was in the`, answer: at.get(person)!, kind: "person" };
  }
  if (owner === undefined) {
    return { text: `Now the ${thing} was in the`, answer: lies.get(thing)!, kind: "left" };
  }
  if (choice < 0.65) return { text: `Now the ${thing} was with`, answer: owner, kind: "holder" };
  return { text: `Now the ${thing} was in the`, answer: at.get(owner)!, kind: "carried" };
}

/** Two to four people with their things, recalled in another order: dense practice in looking back. */
function recall(random: Random): string {
  const count = random.int(2, 4);
  const [people, things, places, colors] = [PEOPLE, OBJECTS, PLACES, COLORS].map((list) =>
    random.sample(list, count)
  ) as [string[], string[], string[], string[]];
  const told: string[] = [];
  const recalled: string[] = [];
  people.forEach((person, i) => {
    told.push(`${person} had a ${colors[i]} ${things[i]}.`);
    recalled.push(
      `The color of the ${things[i]} was ${colors[i]}.`,
      `Now the ${things[i]} was with ${person}.`,
    );
    if (random.chance(0.7)) {
      told.push(`${person} was in the ${places[i]}.`);
      recalled.push(`Now ${random.chance(0.5) ? person : `the ${things[i]}`} was in the ${places[i]}.`);
    }
  });
  return `Once ${[...random.shuffle(told), ...random.sample(recalled, random.int(4, 7))].join(" ")}`;
}

/**
 * Two people count, find and give away. After each event the text says how many are left, so that sums are small.
 * Whether the two are a pair held out from training is `pair`.
 */
export function counting(random: Random, pair: "taught" | "held out"): Story {
  let people;
  do people = random.sample(PEOPLE, 2) as [string, string]; while (
    heldOut("count", ...people) !== (pair === "held out")
  );
  const counted = random.pick(COUNTED);
  const owned = new Map(people.map((person) => [person, random.int(2, 5)]));
  const say = (person: string) => `Now the number of ${counted} that ${person} had was`;
  const sentences = people.map((person) => `${person} had ${NUMBERS[owned.get(person)!]} ${counted}.`);
  sentences[0] = `Once ${sentences[0]}`;
  const asked = new Set<string>();
  for (let events = random.int(1, 3); events > 0; events--) {
    const [giver, receiver] = random.sample(people, 2) as [string, string];
    const change = random.int(2, 3);
    asked.clear();
    if (owned.get(giver)! > change && owned.get(receiver)! + change <= 10) {
      owned.set(giver, owned.get(giver)! - change).set(receiver, owned.get(receiver)! + change);
      sentences.push(`${giver} gave ${NUMBERS[change]} ${counted} to ${receiver}.`);
    } else if (owned.get(giver)! + change <= 10) {
      owned.set(giver, owned.get(giver)! + change);
      sentences.push(`${giver} found ${NUMBERS[change]} ${counted}.`);
    } else {
      continue;
    }
    if (events > 1 || random.chance(0.5)) {
      asked.add(giver);
      sentences.push(`${say(giver)} ${NUMBERS[owned.get(giver)!]}.`);
    }
  }
  const person = random.pick(people.filter((one) => !asked.has(one)));
  return {
    context: [...sentences, say(person)].join(" "),
    answer: NUMBERS[owned.get(person)!]!,
    kind: "count",
  };
}

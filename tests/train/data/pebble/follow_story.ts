import assert from "node:assert/strict";
import { NUMBERS, WOMEN } from "../../../../train/data/pebble/words.ts";

/** Reads a story sentence by sentence, keeps its own state, fails on a false claim or an impossible act; returns the claims. */
export function followStory(text: string): number {
  const at = new Map<string, string>();
  const holder = new Map<string, string>();
  const lies = new Map<string, string>();
  const color = new Map<string, string>();
  const count = new Map<string, number>();
  let subject = "";
  let claims = 0;
  const number = (word: string) => NUMBERS.indexOf(word);
  const claim = (expected: unknown, said: unknown) => {
    claims++;
    assert.equal(said, expected, text);
  };
  const owns = (person: string, thing: string) => assert.equal(holder.get(thing), person, text);
  const rules: [RegExp, (...found: string[]) => void][] = [
    [/^Now the number of \w+ that (\w+) had was (\w+)$/, (p, n) => claim(count.get(p!), number(n!))],
    [/^Now the (\w+) was with (\w+)$/, (x, p) => claim(holder.get(x!), p)],
    [/^Now the (\w+) was in the (\w+)$/, (x, l) => claim(at.get(holder.get(x!) ?? "") ?? lies.get(x!), l)],
    [/^Now (\w+) was in the (\w+)$/, (p, l) => claim(at.get(p!), l)],
    [/^The color of the (\w+) was (\w+)$/, (x, c) => claim(color.get(x!), c)],
    [/^(\w+) had a (\w+) (\w+)$/, (p, c, x) => void (holder.set(x!, p!), color.set(x!, c!))],
    [/^(\w+) had (\w+) \w+$/, (p, n) => void count.set(p!, number(n!))],
    [/^(\w+) was in the (\w+)$/, (p, l) => void at.set(p!, l!)],
    [/^(\w+) (?:went|walked|ran) to the (\w+)$/, (p, l) => {
      assert.notEqual(at.get(p!), l, text);
      at.set(p!, l!);
    }],
    [/^(\w+) picked up the (\w+)$/, (p, x) => {
      assert.equal(lies.get(x!), at.get(p!), text);
      lies.delete(x!);
      holder.set(x!, p!);
    }],
    [/^(\w+) left the (\w+) there$/, (p, x) => {
      owns(p!, x!);
      holder.delete(x!);
      lies.set(x!, at.get(p!)!);
    }],
    [/^(\w+) gave the (\w+) to (\w+)$/, (p, x, q) => {
      owns(p!, x!);
      assert.equal(at.get(p!), at.get(q!), text);
      holder.set(x!, q!);
    }],
    [/^(\w+) brought the (\w+) to (\w+)$/, (p, x, q) => {
      owns(p!, x!);
      at.set(p!, at.get(q!)!);
      holder.set(x!, q!);
    }],
    [/^(\w+) gave (\w+) \w+ to (\w+)$/, (p, n, q) => {
      count.set(p!, count.get(p!)! - number(n!));
      count.set(q!, count.get(q!)! + number(n!));
    }],
    [/^(\w+) found (\w+) \w+$/, (p, n) => void count.set(p!, count.get(p!)! + number(n!))],
  ];
  for (const written of text.replace(/^(One day|Once) /, "").replace(/\.$/, "").split(". ")) {
    const pronoun = /^(She|He) /.exec(written)?.[1];
    if (pronoun) assert.equal(pronoun === "She", WOMEN.includes(subject), text);
    const sentence = written.replace(/^(She|He) /, `${subject} `);
    const rule = rules.find(([form]) => form.test(sentence)) ?? assert.fail(sentence);
    rule[1](...rule[0].exec(sentence)!.slice(1));
    subject = sentence.split(" ")[0]!;
  }
  return claims;
}

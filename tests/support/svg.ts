import assert from "node:assert/strict";

/** Every element is closed, and nothing is there that an attribute or a text must not hold. */
export function assertWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [tag, slash, name, rest] of svg.matchAll(/<(\/?)([a-z]+)((?:\s[\w:-]+="[^"<]*")*\s*\/?)>/g)) {
    if (slash) assert.equal(open.pop(), name, tag);
    else if (!rest!.endsWith("/")) open.push(name!);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  assert.ok(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"'));
}

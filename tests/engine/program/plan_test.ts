import assert from "node:assert/strict";
import fc from "fast-check";
import { memoryByRole, type Plan, plan, type Program, type Role, type Slot } from "../../../engine/mod.ts";

/** A Program that is nothing but lifetimes: all that planning looks at. */
const programs: fc.Arbitrary<Program> = fc.array(
  fc.record({
    role: fc.constantFrom<Role>("temporary", "temporary", "temporary", "parameter", "output"),
    bytes: fc.integer({ min: 4, max: 5000 }),
    first: fc.nat(20),
    length: fc.nat(8),
  }),
  { minLength: 1, maxLength: 30 },
).map((slots) => ({
  name: "drawn",
  dispatches: [],
  lifetimes: new Map(
    slots.map(({ role, bytes, first, length }, i): [Slot, { first: number; last: number }] => [
      { name: `slot ${i}`, role, bytes },
      { first, last: first + length },
    ]),
  ),
}));

const pools = fc.array(fc.integer({ min: 1, max: 20 }).map((blocks) => 256 * blocks), { maxLength: 5 });
const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);

/** What must hold of every plan. */
function assertSound(program: Program, { buffers, sizes }: Plan, existing: readonly number[]): void {
  const temporaries = [...program.lifetimes].filter(([slot]) => slot.role === "temporary");
  assert.deepEqual(new Set(buffers.keys()), new Set(temporaries.map(([slot]) => slot)));
  for (const [slot] of temporaries) assert.ok(sizes[buffers.get(slot)!]! >= slot.bytes);
  for (const [i, [a, lifeA]] of temporaries.entries()) {
    for (const [b, lifeB] of temporaries.slice(i + 1)) {
      const meet = lifeA.first <= lifeB.last && lifeB.first <= lifeA.last;
      assert.ok(!meet || buffers.get(a) !== buffers.get(b), `${a.name} and ${b.name} meet in one buffer`);
    }
  }
  assert.deepEqual(sizes.slice(0, existing.length), existing);
  assert.ok(sizes.every((size) => size % 256 === 0));
}

Deno.test("temporaries whose lifetimes meet never share a buffer, and every buffer is large enough", () => {
  fc.assert(
    fc.property(programs, pools, (program, existing) => {
      const planned = plan(program, existing);
      assertSound(program, planned, existing);
      const alone = [...program.lifetimes.keys()].filter(({ role }) => role === "temporary")
        .map(({ bytes }) => Math.ceil(bytes / 256) * 256);
      assert.ok(sum(planned.sizes) - sum(existing) <= sum(alone));
    }),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("a second Program is planned onto the buffers of the first", () => {
  fc.assert(
    fc.property(programs, programs, (first, second) => {
      const pool = plan(first).sizes;
      assertSound(second, plan(second, pool), pool);
    }),
    { seed: 2, numRuns: 200 },
  );
});

const slot = (name: string, role: Role, bytes: number): Slot => ({ name, role, bytes });
const chain = (...slots: Slot[]): Program => ({
  name: "chain",
  dispatches: [],
  lifetimes: new Map(slots.map((each, i) => [each, { first: i, last: i + 1 }])),
});

Deno.test("a chain needs two buffers, however long it is, and nothing new the second time", () => {
  const program = chain(...[100, 300, 600, 200, 900].map((bytes, i) => slot(`${i}`, "temporary", bytes)));
  const { sizes } = plan(program);
  assert.deepEqual(sizes, [1024, 512]);
  assert.deepEqual(plan(program, sizes).sizes, sizes);
});

Deno.test("memory by role counts persistent slots once and temporaries as planned", () => {
  const program = chain(
    slot("x", "input", 4),
    slot("w", "parameter", 300),
    slot("t", "temporary", 10),
    slot("y", "output", 256),
  );
  assert.deepEqual(memoryByRole(program, plan(program, [1024])), {
    input: 256,
    parameter: 512,
    state: 0,
    temporary: 1024,
    output: 256,
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createTensor,
  dispatch,
  fullestMoment,
  kernel,
  memoryByRole,
  type Plan,
  plan,
  planPool,
  type Program,
  record,
  type Role,
  type Slot,
  type Tensor,
} from "../../../engine/mod.ts";
import { TARGET } from "../../support/target.ts";

/** A kernel that reads x and y and writes z. */
const JOIN = kernel(
  "join.wgsl",
  ["read", "read", "read_write"].map((access, i) =>
    `@group(0) @binding(${i}) var<storage, ${access}> ${"xyz"[i]}: array<f32>;`
  ).join("\n"),
);

const ROLES: readonly Role[] = ["temporary", "temporary", "temporary", "parameter", "output"];

/** A Program of dispatches that each read two of the slots and write a third. */
const programs: fc.Arbitrary<Program> = fc.record({
  slots: fc.array(
    fc.record({ role: fc.constantFrom(...ROLES), elements: fc.integer({ min: 1, max: 1250 }) }),
    { minLength: 3, maxLength: 25 },
  ),
  launches: fc.array(fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000)), { minLength: 1, maxLength: 40 }),
}).map(({ slots, launches }) => {
  const tensors = slots.map(({ role, elements }, i) => createTensor(`slot ${i}`, role, [elements]));
  return record("drawn", TARGET, () => {
    for (const picks of launches) {
      const [x, y, z] = picks.map((pick) => tensors[pick % tensors.length]!);
      if (z === x || z === y) continue;
      dispatch({ op: "join", kernel: JOIN, tensors: { x: x!, y: y!, z: z! }, grid: [1, 1, 1], flops: 0 });
    }
  }).program;
});

const pools = fc.array(fc.integer({ min: 1, max: 20 }).map((blocks) => 256 * blocks), { maxLength: 5 });
const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);

/** What must hold of every plan. */
function assertSound(program: Program, { places, sizes }: Plan, existing: readonly number[]): void {
  const temporaries = [...program.lifetimes].filter(([slot]) => slot.role === "temporary");
  assert.deepEqual(new Set(places.keys()), new Set(temporaries.map(([slot]) => slot)));
  const ends = (slot: Slot) => places.get(slot)!.offset + slot.bytes;
  for (const [slot] of temporaries) assert.ok(ends(slot) <= sizes[places.get(slot)!.buffer]!);
  for (const [i, [a, lifeA]] of temporaries.entries()) {
    for (const [b, lifeB] of temporaries.slice(i + 1)) {
      const meet = lifeA.first <= lifeB.last && lifeB.first <= lifeA.last;
      const [at, other] = [places.get(a)!, places.get(b)!];
      const beside = at.buffer !== other.buffer || ends(a) <= other.offset || ends(b) <= at.offset;
      assert.ok(!meet || beside, `${a.name} and ${b.name} live on the same bytes at once`);
    }
  }
  for (const { tensors: { x, y, z } } of program.dispatches) {
    const written = places.get(z!.slot)?.buffer;
    for (const { slot } of [x!, y!]) {
      const read = places.get(slot)?.buffer;
      assert.ok(read === undefined || read !== written, `one dispatch reads and writes buffer ${read}`);
    }
  }
  assert.deepEqual(sizes.slice(0, existing.length), existing);
  assert.ok([...sizes, ...[...places.values()].map(({ offset }) => offset)].every((n) => n % 256 === 0));
}

Deno.test("temporaries never meet on the same bytes, nor in a buffer that a dispatch reads and writes", () => {
  fc.assert(
    fc.property(programs, pools, (program, existing) => {
      const planned = plan(program, existing);
      assertSound(program, planned, existing);
      const alone = [...program.lifetimes.keys()].filter(({ role }) => role === "temporary")
        .map(({ bytes }) => Math.ceil(bytes / 256) * 256);
      assert.ok(sum(planned.sizes) - sum(existing) <= sum(alone));
      assert.ok(sum(planned.sizes) >= fullestMoment(program).bytes);
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

Deno.test("onto a pool planned for several Programs each goes without growing it", () => {
  fc.assert(
    fc.property(fc.array(programs, { minLength: 1, maxLength: 4 }), (several) => {
      const pool = planPool(several);
      for (const program of several) assert.deepEqual(plan(program, pool).sizes, pool);
      assert.ok(sum(pool) >= Math.max(...several.map((program) => fullestMoment(program).bytes)));
    }),
    { seed: 3, numRuns: 100 },
  );
});

/** Tensors of these sizes, each computed from the one before. */
const chain = (...bytes: number[]): Program =>
  record("chain", TARGET, () => {
    bytes.map((size, i) => createTensor(`${i}`, "temporary", [size / 4])).reduce((x, z) => {
      dispatch({ op: "join", kernel: JOIN, tensors: { x, y: x, z }, grid: [1, 1, 1], flops: 0 });
      return z;
    });
  }).program;

Deno.test("a chain needs two buffers, however long it is, and nothing new the second time", () => {
  const program = chain(100, 300, 600, 200, 900);
  const { sizes } = plan(program);
  assert.deepEqual(sizes, [1024, 512]);
  assert.deepEqual(plan(program, sizes).sizes, sizes);
});

Deno.test("slots that are read together share one buffer side by side, tightest gap first", () => {
  const [a, b, c, d] = [2048, 512, 768, 512].map((bytes, i) =>
    createTensor("abcd"[i]!, "temporary", [bytes / 4])
  );
  const out = createTensor("out", "output", [64]);
  const { program } = record("sides", TARGET, () => {
    const read = (x: Tensor, y: Tensor) =>
      dispatch({ op: "join", kernel: JOIN, tensors: { x, y, z: out }, grid: [1, 1, 1], flops: 0 });
    read(a!, a!); // makes a buffer, whose bytes are then free
    read(b!, c!);
    read(c!, d!);
  });
  const { places, sizes } = plan(program);
  assert.deepEqual(sizes, [2048]);
  assert.deepEqual([a, b, c, d].map((tensor) => places.get(tensor!.slot)), [
    { buffer: 0, offset: 0 },
    { buffer: 0, offset: 768 },
    { buffer: 0, offset: 0 },
    { buffer: 0, offset: 768 },
  ]);
  assert.deepEqual(fullestMoment(program), { bytes: 2048, slots: [a!.slot], dispatch: 0 });
});

Deno.test("memory by role counts persistent slots once and temporaries as planned", () => {
  const [x, w, t, y] = (["input", "parameter", "temporary", "output"] as const).map((role, i) =>
    createTensor(role, role, [[1, 75, 3, 64][i]!])
  );
  const { program } = record("roles", TARGET, () => {
    dispatch({ op: "join", kernel: JOIN, tensors: { x: x!, y: w!, z: t! }, grid: [1, 1, 1], flops: 0 });
    dispatch({ op: "join", kernel: JOIN, tensors: { x: t!, y: w!, z: y! }, grid: [1, 1, 1], flops: 0 });
  });
  assert.deepEqual(memoryByRole(program, plan(program, [1024])), {
    input: 256,
    parameter: 512,
    state: 0,
    temporary: 1024,
    output: 256,
  });
});

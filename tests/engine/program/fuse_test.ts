import assert from "node:assert/strict";
import fc from "fast-check";
import {
  accesses,
  accumulate,
  add,
  backward,
  beforeFusion,
  createGradients,
  createTensor,
  type Engine,
  gatedGelu,
  multiply,
  output,
  part,
  printProgram,
  type Program,
  record,
  rows,
  scale,
  scope,
  softmax,
  temporary,
  type Tensor,
} from "../../../engine/mod.ts";
import { gpuTest } from "../../support/engine.ts";
import { TARGET } from "../../support/target.ts";

const input = (name: string, count = 64) => createTensor(name, "input", [count]);
const recorded = (f: () => void): Program => record("p", TARGET, f).program;
const ops = ({ dispatches }: Program): string[] => dispatches.map(({ op }) => op);
/** Names of the slots that a dispatch reads only, and of those that it writes. */
const touched = ({ dispatches }: Program, index: number) => {
  const all = accesses(dispatches[index]!);
  const names = (write: boolean) =>
    all.filter((each) => each.write === write).map(({ tensor }) => tensor.slot.name);
  return { reads: names(false), writes: names(true) };
};

Deno.test("a chain becomes one kernel, and what was between is neither stored nor planned", () => {
  const [a, b] = [input("a"), input("b")], y = createTensor("y", "output", [64]);
  const program = recorded(() => accumulate(y, multiply(add(a, b), scale(b, 3)), false));
  assert.deepEqual(ops(program), ["add+scale+multiply"]);
  assert.deepEqual(touched(program, 0), { reads: ["a", "b"], writes: ["y"] });
  assert.equal(program.dispatches[0]!.flops, 3 * 64);
  assert.equal(program.dispatches[0]!.bytes, 3 * 256);
  assert.equal(program.lifetimes.size, 3);
  assert.deepEqual(beforeFusion(program), { dispatches: 4, bytes: (3 + 2 + 3 + 2) * 256 });
});

Deno.test("gradients that read the same tensors become one kernel with two results", () => {
  const [gate, up] = ["gate", "up"].map((name) => createTensor(name, "input", [64], "f32", true));
  const dy = input("dy");
  const program = recorded(() => backward(gatedGelu(gate!, up!), dy, createGradients()));
  assert.deepEqual(ops(program), ["gated_gelu+gated_gelu.backward"]);
  assert.deepEqual(touched(program, 0).writes, ["gated_gelu", "d gate", "d up"]);
});

Deno.test("what is read again is still written", () => {
  const a = input("a"), y = createTensor("y", "output", [64]);
  const program = recorded(() => {
    const twice = scale(a, 2), more = add(twice, a);
    softmax(twice);
    accumulate(y, more, false);
  });
  assert.deepEqual(ops(program), ["scale+add", "softmax"]);
  assert.deepEqual(touched(program, 0).writes, ["scale", "y"]);
});

Deno.test("an addition into what stands there works in place", () => {
  const a = input("a"), into = createTensor("into", "state", [64]);
  const program = recorded(() => accumulate(into, scale(a, 2), true));
  assert.deepEqual(ops(program), ["scale+accumulate"]);
  assert.deepEqual(touched(program, 0), { reads: ["a"], writes: ["into"] });
});

Deno.test("nothing moves over a write to what it reads, or over a use of what it writes", () => {
  const a = input("a"), b = createTensor("b", "state", [64]), y = createTensor("y", "output", [64]);
  const overInput = recorded(() => {
    const twice = scale(a, 2);
    accumulate(b, softmax(a), false);
    accumulate(y, add(twice, b), false);
  });
  assert.deepEqual(ops(overInput), ["scale", "softmax", "add"]);
  assert.deepEqual(touched(overInput, 2), { reads: ["softmax", "scale"], writes: ["b", "y"] });
  const overUse = recorded(() => {
    const twice = scale(a, 2);
    softmax(y);
    accumulate(y, twice, false);
  });
  assert.deepEqual(ops(overUse), ["scale", "softmax", "copy"]);
});

Deno.test("parts of one slot that are not the same elements stay apart", () => {
  const arena = createTensor("arena", "state", [128]), a = input("a");
  const program = recorded(() => {
    accumulate(part(arena, { start: 0, end: 64 }), scale(a, 2), false);
    accumulate(part(arena, { start: 64, end: 128 }), add(a, part(arena, { start: 0, end: 64 })), false);
  });
  assert.equal(program.dispatches.length, 2);
  for (const { tensors } of program.dispatches) {
    const slots = Object.values(tensors).map(({ slot }) => slot);
    assert.equal(new Set(slots).size, slots.length);
  }
});

Deno.test("other lengths, and more tensors than an adapter binds, end a chain", () => {
  assert.equal(
    recorded(() => {
      accumulate(
        createTensor("y", "output", [64]),
        rows(scale(createTensor("a", "input", [2, 64]), 2), 0, 1),
        false,
      );
    }).dispatches.length,
    2,
  );
  const many = recorded(() => {
    let sum: Tensor = input("x 0");
    for (let i = 1; i < 12; i++) sum = add(sum, input(`x ${i}`));
    output("y", sum);
  });
  assert.equal(many.dispatches.length, 2);
  for (const { tensors } of many.dispatches) assert.ok(Object.keys(tensors).length <= 8);
});

Deno.test("a joined dispatch carries the scope that its parts share, and record can leave it all apart", () => {
  const a = input("a"),
    f = () =>
      scope("block", () => {
        const y = scope("attention", () => scale(a, 2));
        return scope("mlp", () => output("y", add(y, a)));
      });
  const { program } = record("p", TARGET, f);
  assert.deepEqual(program.dispatches.map(({ op, scope }) => [op, scope]), [["scale+add", "block"]]);
  assert.match(printProgram(program), /generated\/scale\+add\.vec4\.wgsl\n {5}x0s: a \[64\] -> y: y \[64\]/);
  const apart = record("p", TARGET, f, { fuse: false }).program;
  assert.deepEqual(ops(apart), ["scale", "add", "copy"]);
});

/** One instruction over four persistent tensors and the temporaries made so far. */
type Instruction = readonly [kind: number, a: number, b: number];
const instruction: fc.Arbitrary<Instruction> = fc.tuple(fc.nat(8), fc.nat(9), fc.nat(9));

const COUNT = 64;

function perform(instructions: readonly Instruction[], kept: readonly Tensor[]): void {
  const known = [...kept], pick = (i: number) => known[i % known.length]!;
  for (const [kind, a, b] of instructions) {
    const x = pick(a), y = pick(b);
    if (kind === 0) known.push(add(x, y));
    if (kind === 1) known.push(scale(x, 0.7));
    if (kind === 2) known.push(gatedGelu(x, y));
    if (kind === 3 || kind > 6) known.push(softmax(x));
    if (kind === 4 && x.slot !== y.slot) accumulate(x, y, true);
    if (kind === 5 && x.slot !== y.slot) accumulate(x, y, false);
    if (kind === 6) known.push(multiply(temporaryCopy(x), y));
  }
}

function temporaryCopy(x: Tensor): Tensor {
  const copy = temporary("copy", x.shape);
  accumulate(copy, x, false);
  return copy;
}

async function run(engine: Engine, program: Program, kept: readonly Tensor[]): Promise<Float32Array[]> {
  for (const [k, tensor] of kept.entries()) {
    await engine.write(tensor, Float32Array.from({ length: COUNT }, (_, i) => Math.sin(1.3 * i + k)));
  }
  engine.run(await engine.prepare(program));
  const values: Float32Array[] = [];
  for (const tensor of kept) values.push(await engine.read(tensor) as Float32Array);
  return values;
}

gpuTest("a fused Program gives the bits of the one that is not", async (engine) => {
  const kept = [0, 1, 2, 3].map((k) => createTensor(`kept ${k}`, "state", [COUNT]));
  const drawn = fc.sample(fc.array(instruction, { minLength: 8, maxLength: 16 }), { seed: 5, numRuns: 20 });
  let before = 0, after = 0;
  for (const instructions of drawn) {
    const [apart, fused] = [false, true].map((fuse) =>
      record("drawn", engine.target, () => perform(instructions, kept), { fuse }).program
    ) as [Program, Program];
    before += apart.dispatches.length;
    after += fused.dispatches.length;
    assert.deepEqual(await run(engine, fused, kept), await run(engine, apart, kept), printProgram(apart));
  }
  assert.ok(after < 0.8 * before, `${before} dispatches became ${after}`);
});

import assert from "node:assert/strict";
import {
  accesses,
  createTensor,
  DeviceError,
  dispatch,
  kernel,
  record,
  rows,
  scope,
  type Target,
  target,
  temporary,
  type Tensor,
} from "../../../engine/mod.ts";
import { throwsWith } from "../../support/errors.ts";
import { TARGET } from "../../support/target.ts";

const COPY = kernel(
  "copy.wgsl",
  `struct Params { count: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) { if (id.x < params.count) { y[id.x] = x[id.x]; } }`,
);

const input = createTensor("x", "input", [4, 100]);

interface Changes {
  readonly tensors?: Record<string, Tensor>;
  readonly params?: Record<string, number>;
  readonly grid?: [number, number, number];
}

function copy({ tensors, params, grid }: Changes = {}): void {
  dispatch({
    op: "copy",
    kernel: COPY,
    tensors: tensors ?? { x: input, y: temporary("y", [4, 100]) },
    params: params ?? { count: 400 },
    grid: grid ?? [7, 1, 1],
    flops: 0,
  });
}

function fails(changes: () => Changes, what: string): void {
  throwsWith(
    () => record("bad", TARGET, () => copy(changes())),
    TypeError,
    `Cannot dispatch copy with copy.wgsl as ${what}`,
  );
}

Deno.test("ops belong into a recording, and recordings do not nest", () => {
  const outside = "Cannot record an op outside record(name, target, f)";
  for (const action of [() => target(), () => temporary("t", [1]), () => scope("s", () => 0), () => copy()]) {
    throwsWith(action, TypeError, outside);
  }
  throwsWith(
    () => record("outer", TARGET, () => record("inner", TARGET, () => 0)),
    TypeError,
    "Cannot record inner inside another recording",
  );
});

Deno.test("a recording that failed leaves room for the next", () => {
  assert.throws(() => record("bad", TARGET, () => copy({ params: {} })));
  assert.equal(record("good", TARGET, () => copy()).program.dispatches.length, 1);
});

Deno.test("a launch that does not fit its kernel's interface is refused", () => {
  const y = () => temporary("y", [4, 100]);
  fails(() => ({ tensors: { x: input } }), "no tensor is given for its binding y");
  fails(() => ({ tensors: { x: input, y: y(), z: input } }), "it has no binding z");
  fails(() => ({ params: {} }), "its parameter count has no value");
  fails(() => ({ params: { count: 1, scale: 2 } }), "it has no parameter scale");
});

Deno.test("a launch that WebGPU would refuse is refused with its reason", () => {
  const huge = createTensor("huge", "parameter", [2 ** 26]);
  fails(
    () => ({ tensors: { x: huge, y: temporary("y", [1]) } }),
    "x covers 268435456 bytes and one binding may cover 134217728: bind it in slices",
  );
  fails(
    () => ({ tensors: { x: rows(input, 1, 2), y: temporary("y", [100]) } }),
    "x starts at byte 400, which is no multiple of 256",
  );
  fails(() => ({ tensors: { x: input, y: input } }), "it writes y in the same slot that it binds as x");
  for (const length of [0, 65536, 1.5]) {
    fails(() => ({ grid: [length, 1, 1] }), `its grid [${length},1,1] leaves 1 to 65535`);
  }
});

Deno.test("loops that a software adapter would leave early are refused there alone", () => {
  const rounds = (device: Target) => () =>
    record("long", device, () => {
      const tensors = { x: input, y: temporary("y", [4, 100]) };
      dispatch({
        op: "copy",
        kernel: COPY,
        tensors,
        params: { count: 4 },
        grid: [1, 1, 1],
        flops: 0,
        rounds: 65536,
      });
    });
  throwsWith(
    rounds(TARGET),
    DeviceError,
    "Cannot run copy on this software adapter: an invocation takes 65536 rounds of its loops and the adapter " +
      "stops after 65535; use a GPU, or a smaller vocabulary or max_length",
  );
  assert.equal(rounds({ ...TARGET, software: false })().program.dispatches.length, 1);
});

Deno.test("a dispatch knows its scopes, its bytes, and what it reads and writes", () => {
  const { program, result } = record("p", TARGET, () =>
    scope("student", () => {
      copy();
      scope("layer 0", () => copy());
      return "anything";
    }));
  assert.equal(result, "anything");
  assert.deepEqual(program.dispatches.map((each) => each.scope), ["student", "student/layer 0"]);
  assert.deepEqual(program.dispatches.map((each) => each.bytes), [3200, 3200]);
  assert.deepEqual(
    accesses(program.dispatches[0]!).map(({ name, write }) => [name, write]),
    [["x", false], ["y", true]],
  );
});

Deno.test("a slot lives from its first to its last dispatch, through views too", () => {
  const { program } = record("p", TARGET, () => {
    const a = temporary("a", [4, 128]), b = temporary("b", [128]), c = temporary("c", [128]);
    copy({ tensors: { x: input, y: a } });
    copy({ tensors: { x: rows(a, 0, 1), y: b } });
    copy({ tensors: { x: rows(a, 2, 3), y: c } });
  });
  const lifetimes = Object.fromEntries([...program.lifetimes].map(([slot, life]) => [slot.name, life]));
  assert.deepEqual(lifetimes, {
    x: { first: 0, last: 0 },
    a: { first: 0, last: 2 },
    b: { first: 1, last: 1 },
    c: { first: 2, last: 2 },
  });
});

/** What needs none of the packages: the problems, this engine's part, and that a peer's mistakes are told. */
import assert from "node:assert/strict";
import { countDispatches } from "../../../bench/peers/dispatches.ts";
import { benchKernel } from "../../../bench/peers/kernels/bench.ts";
import { onnxModel } from "../../../bench/peers/kernels/onnx_model.ts";
import { ours } from "../../../bench/peers/kernels/ours.ts";
import type { Peer } from "../../../bench/peers/kernels/peer.ts";
import {
  check,
  type Inputs,
  inputsOf,
  type MatmulProblem,
  type Problem,
  shapesOf,
} from "../../../bench/peers/kernels/problem.ts";
import { gpuTest } from "../../support/engine.ts";

const ONCE = { milliseconds: 0, minimum: 1 };
const PRODUCT: MatmulProblem = { kind: "matmul", layout: "NN", M: 5, K: 3, N: 7 };
const PROBLEMS: readonly Problem[] = [
  PRODUCT,
  { kind: "matmul", layout: "NT", M: 12, K: 20, N: 8 },
  { kind: "matmul", layout: "TN", M: 6, K: 9, N: 4 },
  { kind: "softmax", rows: 3, columns: 37 },
  { kind: "rms_norm", rows: 4, columns: 12 },
];

/** A library that answers a wrong element, or fails. */
const broken = (title: string, kind: Peer["kind"], error?: Error): Peer => ({
  title,
  kind,
  prepare: (problem) => {
    if (error) return Promise.reject(error);
    const [rows, columns] = shapesOf(problem).c as [number, number];
    return Promise.resolve({
      run: () => Promise.resolve(),
      result: () => Promise.resolve(new Float32Array(rows * columns).fill(100)),
      release() {},
    });
  },
});

/** A product NN by its definition. */
function solve({ M, K, N }: MatmulProblem, { a, b }: Inputs): Float32Array {
  const c = new Float32Array(M * N);
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      for (let k = 0; k < K; k++) c[m * N + n]! += a[m * K + k]! * b[k * N + n]!;
    }
  }
  return c;
}

gpuTest(
  "this engine is right in every problem, and others' mistakes are told and get no time",
  async (engine) => {
    for (const problem of PROBLEMS) {
      const peers = [
        ours(engine),
        broken("idle", "webgpu"),
        broken("wrong", "cpu"),
        broken("failing", "webgpu", new Error("no adapter")),
      ];
      const { entries } = await benchKernel(engine, peers, problem, ONCE);
      const [own, idle, wrong, failing] = entries;
      assert.equal(own!.wrong, undefined, own!.wrong);
      assert.ok(own!.time && own!.facts!.dispatches! >= 1);
      assert.equal(idle!.wrong, "it dispatched nothing on the adapter");
      assert.match(wrong!.wrong!, /^element \[\d+, \d+\] is 100 where f64 gives /);
      assert.equal(failing!.wrong, "it failed: Error: no adapter");
      assert.ok([idle, wrong, failing].every((entry) => entry!.time === undefined));
    }
  },
);

gpuTest("a library that fails while it is timed is told, and the others go on", async (engine) => {
  const tired: Peer = {
    title: "tired",
    kind: "cpu",
    prepare: (_, inputs) => {
      let runs = 0;
      return Promise.resolve({
        run: () => ++runs > 2 ? Promise.reject(new Error("no more")) : Promise.resolve(),
        result: () => Promise.resolve(solve(PRODUCT, inputs)),
        release() {},
      });
    },
  };
  const { entries: [late, own] } = await benchKernel(engine, [tired, ours(engine)], PRODUCT, ONCE);
  assert.equal(late!.wrong, "it failed: Error: no more");
  assert.equal(late!.time, undefined);
  assert.ok(own!.time);
});

Deno.test("a result is checked element by element, and its length", () => {
  const problem = PRODUCT, inputs = inputsOf(problem), right = solve(problem, inputs);
  assert.equal(check(problem, inputs, right), undefined);
  assert.match(check(problem, inputs, right.map((x, i) => i === 34 ? NaN : x))!, /^element \[4, 6\] is NaN/);
  assert.equal(check(problem, inputs, right.subarray(1)), "it has 34 elements for 35");
});

gpuTest("dispatches are counted on any device of the process", async (engine) => {
  const ready = await ours(engine).prepare(PROBLEMS[0]!, inputsOf(PROBLEMS[0]!));
  assert.equal(await countDispatches(() => ready.run(3)), 3);
  assert.equal(await countDispatches(() => Promise.resolve()), 0);
  ready.release();
});

Deno.test("an ONNX model of one node, byte for byte", () => {
  const text = new TextDecoder("latin1").decode(onnxModel({ kind: "softmax", rows: 3, columns: 300 }));
  const ints = "\x0a\x04axis\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\xa0\x01\x02"; // -1 in 64 bits, type 2
  const value = (name: string) =>
    `\x0a\x01${name}\x12\x0f\x0a\x0d\x08\x01\x12\x09\x0a\x02\x08\x03\x0a\x03\x08\xac\x02`;
  const node = `\x0a\x01a\x12\x01c\x22\x07Softmax\x2a${String.fromCharCode(ints.length)}${ints}`;
  const graph = `\x0a${String.fromCharCode(node.length)}${node}\x12\x04peer\x5a\x14${value("a")}\x62\x14${
    value("c")
  }`;
  assert.equal(text, `\x08\x08\x3a${String.fromCharCode(graph.length)}${graph}\x42\x04\x0a\x00\x10\x11`);
});

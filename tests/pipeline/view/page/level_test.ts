import assert from "node:assert/strict";
import type { RecordedDispatch, RecordedTensor, Recording } from "../../../../pipeline/view/recording.ts";
import { levelAt } from "../../../../pipeline/view/page/levels.ts";
import { familyOf, flowOf, phaseOf, placeOf } from "../../../../pipeline/view/page/step.ts";

const tensor = (name: string, slot: number, write = false, offset = 0): RecordedTensor => ({
  ...{ name, slot, offset, shape: [4], dtype: "f32", write },
});
const dispatch = (op: string, scope: string, ...tensors: RecordedTensor[]): RecordedDispatch => ({
  ...{
    op,
    scope,
    kernel: 0,
    tensors,
    params: {},
    grid: [1, 1, 1],
    bytes: 1,
    flops: 1,
    milliseconds: 1,
    kept: true,
  },
});

const dispatches = [
  dispatch("embedding", "micro-batch 0/student/embedding", tensor("y", 0, true)),
  dispatch("matmul", "micro-batch 0/student/block 0/mlp", tensor("A", 0), tensor("C", 1, true)),
  dispatch("gelu", "micro-batch 0/student/block 0/mlp", tensor("x", 1), tensor("y", 2, true)),
  dispatch(
    "gelu.backward",
    "micro-batch 0/student/backward/block 0/mlp",
    tensor("x", 1),
    tensor("y", 3, true),
  ),
  dispatch("metrics", "", tensor("losses", 3)),
];
const places = dispatches.map(placeOf), flow = flowOf({ dispatches } as unknown as Recording);

Deno.test("the way back stands where the way forth does", () => {
  assert.deepEqual(places[3], { path: ["student", "block 0", "mlp"], backward: true });
  assert.deepEqual(placeOf({ op: "x", scope: "micro-batch 0/student/backward/block 1/recompute/mlp" }), {
    ...{ path: ["student", "block 1", "mlp"], backward: true },
  });
  assert.deepEqual(places.map(phaseOf), [
    "student forward",
    "student forward",
    "student forward",
    "backward",
    "optimizer",
  ]);
  assert.deepEqual(["rms_norm.backward", "logits", "pair_loss"].map(familyOf), ["norms", "products", "loss"]);
});

Deno.test("a level has a box for each part and direction, and what flows between", () => {
  const boxes = (path: string[]) => {
    const { boxes, edges } = levelAt(path, dispatches, places, flow);
    return {
      boxes: boxes.map(({ name, backward, dispatches }) =>
        `${name}${backward ? " back" : ""}: ${dispatches}`
      ),
      edges: edges.map(({ from, to, tensors }) => `${from} -> ${to}: ${tensors}`),
    };
  };
  assert.deepEqual(boxes([]), {
    boxes: ["student: 0,1,2", "student back: 3", "metrics: 4"],
    edges: ["0 -> 1: 1", "1 -> 2: 1"],
  });
  assert.deepEqual(boxes(["student"]).boxes, ["embedding: 0", "block 0: 1,2", "block 0 back: 3"]);
  assert.deepEqual(boxes(["student", "block 0", "mlp"]), {
    boxes: ["matmul: 1", "gelu: 2", "gelu.backward back: 3"],
    edges: ["0 -> 1: 1", "0 -> 2: 1"],
  });
});

Deno.test("makers and readers are those of the same elements, up to the next write", () => {
  const steps = [
    dispatch("a", "", tensor("y", 0, true)),
    dispatch("b", "", tensor("y", 0, true, 4)),
    dispatch("c", "", tensor("x", 0)),
    dispatch("d", "", tensor("y", 0, true)),
    dispatch("e", "", tensor("x", 0)),
  ];
  const { maker, readers } = flowOf({ dispatches: steps } as unknown as Recording);
  assert.equal(maker(2, steps[2]!.tensors[0]!), 0);
  assert.equal(maker(0, steps[0]!.tensors[0]!), undefined);
  assert.deepEqual(readers(0, steps[0]!.tensors[0]!), [2, 3]);
  assert.deepEqual(readers(1, steps[1]!.tensors[0]!), []);
});

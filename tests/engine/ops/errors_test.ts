/** What shapes that do not fit are told. */
import assert from "node:assert/strict";
import {
  add,
  attention,
  createTensor,
  type Layout,
  matmul,
  record,
  reshape,
  rmsNorm,
  rope,
  ShapeError,
  softmax,
  type Tensor,
} from "../../../engine/mod.ts";
import { throwsWith } from "../../support/errors.ts";
import { TARGET } from "../../support/target.ts";

const tensor = (...shape: number[]) => createTensor("x", "input", shape);

function refuses(f: () => Tensor, message: string): void {
  throwsWith(() => record("bad", TARGET, f), ShapeError, message);
}

Deno.test("matmul names both shapes, both axes and the layout", () => {
  const attempts: [number[], number[], Layout, string][] = [
    [[2, 1152], [2048, 640], "NT", "got 1152 (a, axis 1) and 640 (b, axis 1)"],
    [[2, 3], [4, 5], "NN", "got 3 (a, axis 1) and 4 (b, axis 0)"],
    [[7, 2, 3], [7, 4, 5], "TN", "got 2 (a, axis 1) and 4 (b, axis 1)"],
  ];
  for (const [a, b, layout, sizes] of attempts) {
    refuses(
      () => matmul(tensor(...a), tensor(...b), layout),
      `Cannot matmul a [${a.join(", ")}] by b [${
        b.join(", ")
      }] in layout ${layout} as inner sizes must be equal: ` +
        sizes,
    );
  }
  refuses(
    () => matmul(tensor(2, 3, 4), tensor(5, 4, 6)),
    "Cannot matmul a [2, 3, 4] by b [5, 4, 6] as their batch axes differ: got [2] and [5]",
  );
});

Deno.test("elementwise ops name both shapes", () => {
  refuses(
    () => add(tensor(2, 3), tensor(3, 2)),
    "Cannot add tensors of shapes [2, 3] and [3, 2] as the shapes must be equal",
  );
});

Deno.test("rms_norm names the axis that w must have", () => {
  for (const w of [[4], [5, 1]]) {
    refuses(
      () => rmsNorm(tensor(2, 5), tensor(...w), 1e-6),
      `Cannot rms_norm x [2, 5] with w [${w.join(", ")}] as w must have the last axis of x: [5]`,
    );
  }
});

Deno.test("rms_norm names a residual that is not like x", () => {
  refuses(
    () => rmsNorm(tensor(2, 5), tensor(5), 1e-6, tensor(2, 1, 5)),
    "Cannot rms_norm x [2, 5] onto residual [2, 1, 5] as the shapes must be equal",
  );
});

Deno.test("rope names what tables and positions must be", () => {
  refuses(
    () => rope(tensor(2, 3, 1, 8), tensor(9, 3), tensor(9, 3), tensor(3)),
    "Cannot rope x [2, 3, 1, 8] with tables [9, 3] as the last axis of x must be twice that of the tables",
  );
  refuses(
    () => rope(tensor(2, 3, 1, 8), tensor(9, 4), tensor(9, 4), tensor(2)),
    "Cannot rope x [2, 3, 1, 8] at positions [2] as there must be one position for each index of axis 1 of x",
  );
});

Deno.test("attention names the three shapes and what they must have in common", () => {
  const attempts: [q: number[], k: number[], v: number[], spans: number[], cause: string][] = [
    [[2, 5, 12], [2, 5, 1, 12], [2, 5, 1, 12], [2, 3], "q must be [B, T, H, D] and k and v [B, S, H_kv, D]"],
    [[2, 5, 4, 8], [2, 5, 1, 8], [2, 6, 1, 8], [2, 3], "k and v must have one shape"],
    [[2, 5, 4, 8], [2, 5, 1, 9], [2, 5, 1, 9], [2, 3], "all must have the same first and last axis"],
    [[2, 5, 4, 8], [2, 5, 3, 8], [2, 5, 3, 8], [2, 3], "4 heads cannot share 3 heads of keys evenly"],
    [[2, 5, 4, 8], [2, 5, 2, 8], [2, 5, 2, 8], [3, 3], "spans must be [2, 3]: got [3, 3]"],
  ];
  for (const [q, k, v, spans, cause] of attempts) {
    const shape = (axes: number[]) => `[${axes.join(", ")}]`;
    refuses(
      () => attention(tensor(...q), tensor(...k), tensor(...v), tensor(...spans), 0, 1),
      `Cannot attend from q ${shape(q)} to k ${shape(k)} and v ${shape(v)} as ${cause}`,
    );
  }
});

Deno.test("reshape counts both", () => {
  refuses(
    () => reshape(tensor(2, 3), [7]),
    "Cannot reshape [2, 3] to [7] as 6 elements are not 7",
  );
});

Deno.test("an axis that does not exist is named with the shape", () => {
  throwsWith(
    () => record("bad", TARGET, () => softmax(tensor())),
    RangeError,
    "Axis -1 does not exist in shape []",
  );
});

Deno.test("a ShapeError carries the op and the shapes", () => {
  assert.throws(() => record("bad", TARGET, () => add(tensor(2), tensor(3))), {
    op: "add",
    shapes: [[2], [3]],
  });
});

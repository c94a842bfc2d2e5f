/** What the ops of a forward pass have to say of a token. */
import { type Entry, REGISTRY, type Values } from "../../engine/mod.ts";
import {
  compared,
  dot,
  equals,
  largestOf,
  pairsOf,
  short,
  signed,
  softmaxOf,
  sumOfProducts,
} from "./numbers.ts";
import { layoutOf } from "./see.ts";
import type { About, Seen, Told } from "./stop.ts";

/** An entry of the registry, with its definition in f64. */
export const entryOf = (name: string): Entry => REGISTRY.find(({ op }) => op.name === name)!;

/** A host array with its shape, as definitions take them. */
export const shaped = (data: Float64Array, shape: readonly number[]): Values => ({ shape, data });

/** E[id] times √C. */
export function embedding(
  { values: { y }, dispatch: { params } }: Seen,
  { ids, token, embeddingRow }: About,
): Told {
  const row = embeddingRow(ids[token]!)!, scale = params.scale!;
  return {
    formula: `${entryOf("embedding").op.formula}   (scale = √C)`,
    hand: [
      `y[0] = ${short(scale)} · E[${ids[token]}, 0] = ${short(scale)} · ${signed(row[0]!)}`,
      equals(scale * row[0]!, y![0]!),
    ],
    reference: compared(y!, row.map((value) => scale * value)),
  };
}

/** Gemma's norm; over heads where x is [.., H, D], whose first is written out. */
export function rmsNorm({ values: { x, y, residual }, weights: { w }, dispatch }: Seen): Told {
  const { kernel: { knobs }, params: { eps } } = dispatch, C = w!.length, head = x!.subarray(0, C);
  const onto = knobs.RESIDUAL === true, r = 1 / Math.sqrt(dot(head, head) / C + eps!);
  const inputs = [shaped(x!, [x!.length / C, C]), shaped(w!, [C])];
  if (onto) inputs.push(shaped(residual!, [x!.length / C, C]));
  const squares = Array.from(head.subarray(0, 3), (v) => `${signed(v)}²`).join(" + ");
  const exact = entryOf("rms_norm").reference.forward(inputs, { eps })[0]!.data;
  return {
    formula: entryOf("rms_norm").op.formula,
    hand: [
      `mean(x²) = (${squares} + ... ${C - 3} more) / ${C} = ${short(dot(head, head) / C)}, 1/√ of it r = ${
        short(r)
      }`,
      `y[0] = ${onto ? `${short(residual![0]!)} + ` : ""}${short(head[0]!)} · ${signed(r)} · (1 + ${
        signed(w![0]!)
      })`,
      equals(exact[0]!, y![0]!),
    ],
    reference: compared(y!, exact),
  };
}

/** Rows of a product's results, by the layout of B: Σ_k x[k] B[n, k] or Σ_k x[k] B[k, n]. */
function productOf(x: Float64Array, B: Float64Array, N: number, transposed: boolean): Float64Array {
  const K = x.length, y = new Float64Array(N);
  for (let n = 0; n < N; n++) {
    let sum = 0;
    for (let k = 0; k < K; k++) sum += x[k]! * B[transposed ? n * K + k : k * N + n]!;
    y[n] = sum;
  }
  return y;
}

/** The first column of B that a result is made of. */
const column = (B: Float64Array, K: number, N: number, transposed: boolean): Float64Array =>
  Float64Array.from({ length: K }, (_, k) => B[transposed ? k : k * N]!);

/** A linear layer at the token, or a gradient walking back through one (layout NN); added where the epilogue adds. */
export function matmul(seen: Seen): Told {
  const { values: { A, C, B: made }, before, weights: { B = made }, dispatch } = seen;
  const { K, N, epilogue } = dispatch.params as Record<string, number>,
    transposed = layoutOf(dispatch) === "NT";
  const sums = productOf(A!, B!, N!, transposed), added = epilogue === 1 ? before.C : undefined;
  const exact = sums.map((value, n) => value + (added?.[n] ?? 0));
  const written = sumOfProducts(
    "C[0]",
    transposed ? "Σ_k A[k] B[0, k]" : "Σ_k A[k] B[k, 0]",
    pairsOf(A!, column(B!, K!, N!, transposed)),
    C![0]!,
  );
  return {
    formula: `C[n] = Σ_k A[k] ${transposed ? "B[n, k]" : "B[k, n]"} over ${K} values of k${
      added ? ", added to what is there" : ""
    }`,
    hand: added
      ? [
        written[0]!,
        `  = ${short(sums[0]!)}; with the ${short(added[0]!)} of before`,
        equals(exact[0]!, C![0]!),
      ]
      : written,
    reference: compared(C!, exact),
  };
}

const gelu = (x: number): number => x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** The gated MLP where nothing is trained: the second product finishes what the first wrote. */
export function gatedLinear(seen: Seen): Told {
  const { values: { A, C }, before, weights: { B }, dispatch: { params } } = seen;
  if (params.epilogue !== 2) return matmul(seen);
  const up = productOf(A!, B!, params.N!, true), gate = before.C!;
  const exact = up.map((value, n) => gelu(gate[n]!) * value);
  return {
    formula: entryOf("gated_linear").op.formula,
    hand: [
      `x·up[0] = ${short(up[0]!)}, the first product left x·gate[0] = ${short(gate[0]!)}, gelu of it ${
        short(gelu(gate[0]!))
      }`,
      `C[0] = ${short(gelu(gate[0]!))} · ${signed(up[0]!)}`,
      equals(exact[0]!, C![0]!),
    ],
    reference: compared(C!, exact),
  };
}

/** gelu(gate) · up, elementwise. */
export function gatedGelu({ values: { x0s, x1s, y } }: Seen): Told {
  const [gate, up] = [x0s!, x1s!], { op, reference } = entryOf("gated_gelu");
  const exact = reference.forward([shaped(gate, [gate.length]), shaped(up, [up.length])], {})[0]!.data;
  return {
    formula: op.formula,
    hand: [
      `y[0] = gelu(${short(gate[0]!)}) · ${signed(up[0]!)} = ${short(gelu(gate[0]!))} · ${signed(up[0]!)}`,
      equals(exact[0]!, y![0]!),
    ],
    reference: compared(y!, exact),
  };
}

/** Rotation by the token's position; backwards where the sign says so. */
export function rope(
  { values: { x, y }, weights: { cosine, sine }, dispatch }: Seen,
  { token }: About,
): Told {
  const { tensors, params: { sign } } = dispatch, D = tensors.x!.shape.at(-1)!, H = tensors.x!.shape.at(-2)!;
  const half = D / 2, at = token * half, c = cosine![at]!, s = sine![at]! * sign!;
  const inputs = [
    shaped(x!, [1, H, D]),
    shaped(cosine!, [cosine!.length / half, half]),
    shaped(sine!.map((value) => value * sign!), [sine!.length / half, half]),
    shaped(Float64Array.of(token), [1]),
  ];
  const exact = entryOf("rope").reference.forward(inputs, {})[0]!.data;
  return {
    formula: `${entryOf("rope").op.formula}; pair i of position p turns by p / base^(2i/${D})${
      sign! < 0 ? ", here back" : ""
    }`,
    hand: [
      `position ${token}, pair (0, ${half}): cos ${short(c)}, sin ${short(s)}`,
      `y[0] = ${short(x![0]!)} · ${signed(c)} - ${signed(x![half]!)} · ${signed(s)}`,
      equals(exact[0]!, y![0]!),
    ],
    reference: compared(y!, exact),
  };
}

/** Positions that are listed of those a head looked at. */
const LOOKED_AT = 5;

/** Where each head looked, with weights; the first head's softmax by hand. */
export function attention(
  { values: { q, k, v, y, spans }, dispatch }: Seen,
  { T, token, ids, piece }: About,
): Told {
  const [, , H, D] = dispatch.tensors.q!.shape as [number, number, number, number];
  const kvHeads = dispatch.tensors.k!.shape[2]!,
    { window, scale } = dispatch.params as Record<string, number>;
  const own = q!.subarray(token * H * D, (token + 1) * H * D);
  const first = Math.max(spans![0]!, window! > token ? 0 : token - window! + 1);
  const seen = Array.from({ length: token - first + 1 }, (_, i) => first + i);
  const headOf = (x: Float64Array, position: number, h: number) => {
    const start = (position * kvHeads + Math.floor(h * kvHeads / H)) * D;
    return x.subarray(start, start + D);
  };
  const looks = Array.from({ length: H }, (_, h) => {
    const query = own.subarray(h * D, (h + 1) * D);
    const scores = seen.map((position) => scale! * dot(query, headOf(k!, position, h)));
    return { query, scores, weights: softmaxOf(scores) };
  });
  const { query, scores, weights } = looks[0]!,
    order = largestOf(weights, seen.length),
    [most] = order as [number];
  const result = y!.subarray(token * H * D, (token + 1) * H * D);
  const inputs = [shaped(own, [1, 1, H, D]), shaped(k!, [1, T, kvHeads, D]), shaped(v!, [1, T, kvHeads, D])];
  const exact = entryOf("attention").reference.forward(
    [...inputs, shaped(Float64Array.of(spans![0]!, token, spans![2]!), [1, 3])],
    { window: window! > T ? 0 : window, scale },
  )[0]!.data;
  const powers = order.slice(0, 3).map((i) => `e^${signed(scores[i]!)}`).join(" + ");
  const more = seen.length > 3 ? ` + ... ${seen.length - 3} more` : "";
  return {
    formula: `${entryOf("attention").op.formula}; scale ${short(scale!)}`,
    hand: [
      ...looks.map(({ weights }, h) => `head ${h} looks at ${lookedAt(weights, seen, ids, piece)}`),
      sumOfProducts(
        `q·k of head 0 with position ${seen[most]}`,
        "Σ_d q[d] k[d]",
        pairsOf(query, headOf(k!, seen[most]!, 0)),
        0,
      )[0]!,
      `score = ${short(scale!)} · ${signed(scores[most]! / scale!)} = ${short(scores[most]!)}`,
      `weight = e^${signed(scores[most]!)} / (${powers}${more}) = ${short(weights[most]!)}`,
      ...sumOfProducts(
        "y[0]",
        "Σ_c weight[c] v[c, 0]",
        order.map((i) => [weights[i]!, headOf(v!, seen[i]!, 0)[0]!] as const),
        result[0]!,
      ),
    ],
    reference: compared(result, exact),
  };
}

function lookedAt(
  weights: Float64Array,
  seen: readonly number[],
  ids: Uint32Array,
  piece: About["piece"],
): string {
  return largestOf(weights, LOOKED_AT).map((i) =>
    `${seen[i]} ${JSON.stringify(piece(ids[seen[i]!]!))} ${(100 * weights[i]!).toFixed(1)} %`
  ).join(", ");
}

/** What gradients have to say of a token: each op's formula turned round, on its way from the loss down to the embedding. */
import { entryOf, matmul, shaped } from "./forward.ts";
import { compared, dot, equals, pairsOf, short, signed, softmaxOf, sumOfProducts } from "./numbers.ts";
import { layoutOf } from "./see.ts";
import type { About, Seen, Told } from "./stop.ts";

/** dx of the norm, over heads where x is [.., H, D]; the derivation stands in the kernel. */
export function rmsNormBackward(
  { values: { x, dy, dx }, before, weights: { w }, dispatch }: Seen,
  { eps }: About,
): Told | undefined {
  if (!dx) return undefined; // the other half of it, for the weights
  const C = w!.length, rows = x!.length / C, [row, up] = [x!.subarray(0, C), dy!.subarray(0, C)];
  const r = 1 / Math.sqrt(dot(row, row) / C + eps);
  const g = up.map((value, c) => value * (1 + w![c]!)), along = dot(g, row);
  const added = dispatch.kernel.knobs.ADD === true ? before.dx : undefined;
  const alone = entryOf("rms_norm").reference.backward!(
    [shaped(x!, [rows, C]), shaped(w!, [C])],
    { eps },
    [shaped(dy!, [rows, C])],
  )[0]!.data;
  const exact = alone.map((value, c) => value + (added?.[c] ?? 0));
  return {
    formula: "dx_c = r g_c - r³ x_c (Σ_j g_j x_j) / C with g = dy (1 + w)" +
      (added ? ", added to what came past the norm" : ""),
    hand: [
      ...sumOfProducts("Σ g x", "Σ_j g_j x_j", pairsOf(g, row), along).slice(0, 1),
      `dx[0] = ${signed(r)} · ${signed(g[0]!)} - ${signed(r)}³ · ${signed(row[0]!)} · ${
        signed(along)
      } / ${C}${added ? ` + ${signed(added[0]!)}` : ""}`,
      equals(exact[0]!, dx[0]!),
    ],
    reference: compared(dx, exact),
  };
}

/** A product walking back: to its input at the token (through the weights), or to the weights (over all tokens). */
export function matmulBackward(seen: Seen, about: About): Told {
  if (layoutOf(seen.dispatch) !== "TN") return matmul(seen);
  const { values: { A, B, C }, before, dispatch: { params } } = seen;
  const { M, N, epilogue } = params as Record<string, number>, { T } = about;
  const exact = Float64Array.from({ length: N! }, (_, n) => {
    let sum = epilogue === 1 ? before.C![n]! : 0;
    for (let t = 0; t < T; t++) sum += A![t * M!]! * B![t * N! + n]!;
    return sum;
  });
  const terms = Array.from({ length: T }, (_, t) => [A![t * M!]!, B![t * N!]!] as const);
  return {
    formula: `dW[m, n] = Σ_t A[t, m] B[t, n]: every one of the ${T} tokens gives its share`,
    hand: sumOfProducts("dW[0, 0]", "Σ_t A[t, 0] B[t, 0]", terms, C![0]!),
    reference: compared(C!.subarray(0, N!), exact),
  };
}

/** Both gradients of gelu(gate) · up. */
export function gatedGeluBackward(
  { values: { x0s: gate, x1s: up, x2s: dy, y0, y1 } }: Seen,
): Told | undefined {
  if (!gate || !up || !dy || !y0 || !y1) return undefined;
  const row = (data: Float64Array) => shaped(data, [data.length]);
  const [dGate, dUp] = entryOf("gated_gelu").reference.backward!([row(gate), row(up)], {}, [row(dy)]);
  const slope = dGate!.data[0]! / dy[0]! / up[0]!;
  return {
    formula: "d gate = dy · up · gelu'(gate), d up = dy · gelu(gate)",
    hand: [
      `d gate[0] = ${short(dy[0]!)} · ${signed(up[0]!)} · ${signed(slope)}`,
      equals(dGate!.data[0]!, y0[0]!),
    ],
    reference: compared([...y0, ...y1], [...dGate!.data, ...dUp!.data]),
  };
}

/** Attention walks back in three kernels; those of queries and of keys have something to say. */
export function attentionBackward({ values, dispatch }: Seen, { T, token }: About): Told | undefined {
  const { q, k, v, dy, spans, dq, dk, dv } = values;
  if (!dq && !dk) return undefined;
  const [, , H, D] = dispatch.tensors.q!.shape as [number, number, number, number];
  const kvHeads = dispatch.tensors.k!.shape[2]!,
    { window, scale } = dispatch.params as Record<string, number>;
  const attributes = { window: window! > T ? 0 : window, scale };
  const keys = [1, T, kvHeads, D], queries = [1, T, H, D];
  const gradients = entryOf("attention").reference.backward!(
    [shaped(q!, queries), shaped(k!, keys), shaped(v!, keys), shaped(spans!, [1, 3])],
    attributes,
    [shaped(dy!, queries)],
  );
  const [exactQ, exactK, exactV] = gradients.map((gradient) => gradient?.data) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const first = Math.max(spans![0]!, window! > token ? 0 : token - window! + 1);
  if (dq) {
    const at = token * H * D, query = q!.subarray(at, at + D), up = dy!.subarray(at, at + D);
    const head = (x: Float64Array, c: number) => x.subarray(c * kvHeads * D, c * kvHeads * D + D);
    const seen = Array.from({ length: token - first + 1 }, (_, i) => first + i);
    const weights = softmaxOf(seen.map((c) => scale! * dot(query, head(k!, c))));
    const slopes = seen.map((c) => dot(up, head(v!, c))), mean = dot(weights, Float64Array.from(slopes));
    const terms = seen.map((c, i) => [scale! * weights[i]! * (slopes[i]! - mean), head(k!, c)[0]!] as const);
    return {
      formula: "dq = Σ_c ds_c k_c with ds_c = scale · weight_c (dy · v_c - Σ_j weight_j dy · v_j)",
      hand: [
        `dy · v of head 0 over the keys: ${slopes.slice(0, 3).map(short).join(", ")}${
          seen.length > 3 ? ", ..." : ""
        }; their weighted mean ${short(mean)}`,
        ...sumOfProducts("dq[0]", "Σ_c ds[c] k[c, 0]", terms, dq[at]!),
      ],
      reference: compared(dq.subarray(at, at + H * D), exactQ.subarray(at, at + H * D)),
    };
  }
  const at = token * kvHeads * D, part = (x: Float64Array) => x.subarray(at, at + kvHeads * D);
  return {
    formula:
      "dk = Σ_t ds_t q_t, dv = Σ_t weight_t dy_t over all queries t that see this key, of all heads that share it",
    hand: [
      `queries ${token} to ${T - 1} see this key`,
      "dk[0]",
      equals(exactK[at]!, dk![at]!),
      "dv[0]",
      equals(exactV[at]!, dv![at]!),
    ],
    reference: compared([...part(dk!), ...part(dv!)], [...part(exactK), ...part(exactV)]),
  };
}

/** The lookup walks back: the row of each id gets what its positions get. */
export function embeddingBackward(
  { values: { dy, gradient }, before, dispatch: { params } }: Seen,
  { ids, token }: About,
): Told | undefined {
  if (!gradient) return undefined;
  const id = ids[token]!, C = gradient.length, scale = params.scale!, old = before.gradient!;
  const places = [...ids.keys()].filter((t) => ids[t] === id && id !== params.padding);
  const exact = old.map((value, c) => places.reduce((sum, t) => sum + scale * dy![t * C + c]!, value));
  const terms = places.map((t) => `${short(scale)} · ${signed(dy![t * C]!)}`).slice(0, 3).join(" + ");
  return {
    formula:
      `dE[id] += √C dh[t] for each position t of the id; the head gave its share before, as it is tied`,
    hand: [
      `dE[${id}, 0] = ${short(old[0]!)} of the head${places.length > 0 ? ` + ${terms}` : ""}${
        places.length > 3 ? " + ..." : ""
      }`,
      equals(exact[0]!, gradient[0]!),
    ],
    reference: compared(gradient, exact),
  };
}

/** From the last state to the loss and its gradient. */
import { UNSCORED } from "../../engine/mod.ts";
import { type LossConfig, rowLoss } from "../../train/losses/mod.ts";
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
import type { About, Seen, Told } from "./stop.ts";

/** Words that are listed. */
const LISTED = 5;

/** The embedding as the head sees it, [V, C]. */
export interface Table {
  readonly V: number;
  readonly row: (id: number) => Float64Array;
}

const word = (id: number, { piece }: About): string => `${id} ${JSON.stringify(piece(id))}`;

/** Logits at the token: the last state against every word. @param logits row of all words, as the device had it */
export function logits(
  { values: { A: hidden } }: Seen,
  about: About,
  table: Table,
  logits: Float64Array,
): Told {
  const top = largestOf(logits, LISTED), share = softmaxOf(logits);
  const { cap } = about, capped = (z: number) => cap === null ? z : cap * Math.tanh(z / cap);
  const exact = Float64Array.from({ length: table.V }, (_, id) => capped(dot(table.row(id), hidden!)));
  return {
    formula: "z[v] = Σ_c h[c] E[v, c]: the last state against each of " +
      `${table.V} words, by the table of the lookup${
        cap === null ? "" : `, then ${short(cap)} tanh(z / ${short(cap)})`
      }`,
    hand: [
      `likeliest: ${top.map((id) => `${word(id, about)} ${(100 * share[id]!).toFixed(1)} %`).join(", ")}`,
      sumOfProducts(`z[${top[0]}]`, "Σ_c h[c] E[v, c]", pairsOf(hidden!, table.row(top[0]!)), 0)[0]!,
      equals(exact[top[0]!]!, logits[top[0]!]!),
    ],
    reference: compared(logits, exact),
  };
}

/** -log of the share that the next word got. */
export function crossEntropy({ values: { logits, targets, loss } }: Seen, about: About): Told {
  const target = targets![about.token]!,
    formula = "loss = log Σ_v exp(z[v]) - z[next word] = -log of its share";
  if (target === UNSCORED) return { formula, hand: ["no word follows, so nothing is scored here"] };
  const share = softmaxOf(logits!)[target]!, exact = -Math.log(share);
  return {
    formula,
    hand: [
      `the next word ${word(target, about)} got ${(100 * share).toFixed(2)} %: -log ${short(share)}`,
      equals(exact, loss![0]!),
    ],
    reference: compared(loss!, [exact]),
  };
}

/** A row of logits that stand in panels of columns. */
export function panelRow(
  data: Float64Array,
  { rows, columns, panel }: Record<string, number>,
  n: number,
): Float64Array {
  return Float64Array.from({ length: columns! }, (_, v) => {
    const start = Math.floor(v / panel!) * panel!, width = Math.min(panel!, columns! - start);
    return data[start * rows! + n * width + v - start]!;
  });
}

/** Gradients of both losses with respect to the student's logits, word by word, and what the step makes of them. */
export function pairLoss(
  { values, before, dispatch: { params, tensors } }: Seen,
  about: About,
  loss: LossConfig,
): Told {
  const row = (data: Float64Array) => panelRow(data, params, about.token), T = loss.temperature;
  const target = values.targets![about.token]!, weight = values.weights![about.token]!;
  const formula =
    `gradient = w (α (softmax(z) - 1[next]) + β T² dD/dz), D of ${loss.kind}, α ${loss.alpha}, β ${loss.beta}, T ${T}, w 1 / scored tokens = ${
      short(weight)
    }`;
  if (target === UNSCORED) return { formula, hand: ["no word follows, so nothing is scored here"] };
  const student = row(before.student!), taught = tensors.teacher !== tensors.weights;
  const teacher = taught ? row(values.teacher!) : student, device = row(values.student!);
  const { crossEntropyGradient: ce, divergenceGradient: kd, ...losses } = rowLoss(
    student,
    teacher,
    target,
    loss,
  );
  const alpha = loss.alpha, beta = taught ? loss.beta : 0;
  const exact = ce.map((value, v) => weight * (alpha * value + beta * kd[v]!));
  const p = softmaxOf(teacher, T), q = softmaxOf(student, T);
  const words = [...new Set([target, ...largestOf(p, 3), ...largestOf(q, 3)])];
  const line = (cells: readonly (string | number)[]) =>
    cells.map((cell) => (typeof cell === "number" ? short(cell) : cell).padStart(13)).join(" ");
  const norm = (x: Float64Array) => Math.sqrt(dot(x, x));
  return {
    formula,
    hand: [
      `cross-entropy ${short(losses.crossEntropy)}, T² D ${
        short(taught ? losses.divergence : 0)
      }; norms of their gradients ${short(norm(ce))} and ${short(taught ? norm(kd) : 0)}`,
      `${line(["student q", "teacher p", "d CE", `d ${loss.kind}`, "gradient", "device"])}  word`,
      ...words.map((v) =>
        `${line([q[v]!, taught ? p[v]! : "-", ce[v]!, taught ? kd[v]! : "-", exact[v]!, device[v]!])}  ${
          word(v, about)
        }${v === target ? ", the next word" : ""}`
      ),
    ],
    reference: compared(device, exact),
  };
}

/** The gradient of logits before the cap, from that of those after it: tanh has the slope 1 - tanh². */
export function beforeCap(gradient: Float64Array, capped: Float64Array, cap: number | null): Float64Array {
  return cap === null ? gradient : gradient.map((g, v) => g * (1 - (capped[v]! / cap) ** 2));
}

/** The gradient of the last state: every word pulls along its own row of the embedding. @param gradient of the logits */
export function hiddenGradient(
  { values: { C } }: Seen,
  about: About,
  table: Table,
  gradient: Float64Array,
): Told {
  const exact = new Float64Array(C!.length);
  gradient.forEach((g, id) => table.row(id).forEach((value, c) => exact[c]! += g * value));
  const strongest = largestOf(gradient.map(Math.abs), 3);
  return {
    formula: "dh[c] = Σ_v g[v] E[v, c]: words that got too much push away, those that got too little pull",
    hand: [
      `strongest: ${strongest.map((id) => `${word(id, about)} ${short(gradient[id]!)}`).join(", ")}`,
      `dh[0] = ${
        strongest.map((id) => `${short(gradient[id]!)}·${signed(table.row(id)[0]!)}`).join(" + ")
      } + ... ${table.V - strongest.length} more`,
      equals(exact[0]!, C![0]!),
    ],
    reference: compared(C!, exact),
  };
}

/** An explanation for a terminal. */
import { short } from "./numbers.ts";
import type { Explanation, Stop, StreamStep } from "./stop.ts";

const grouped = (value: number): string => value.toLocaleString("en-US");

/** Lines of an explanation, stop by stop. */
export function formatExplanation(explanation: Explanation): string {
  const { model, tokens, token, layer, dropped, stream, stops } = explanation;
  const name = (i: number) => `${i} ${JSON.stringify(tokens[i]!.piece)}`, next = tokens[token + 1];
  const shownBlocks = stream.length > 0 ? ["", ...streamLines(stream, layer)] : [];
  return [
    `${model}, a text of ${tokens.length} tokens: ${tokens.map((_, i) => name(i)).join(" ")}`,
    `token ${name(token)}, id ${tokens[token]!.id}, ${
      next ? `which ${name(token + 1)} follows` : "the last"
    }; block ${layer} in full`,
    ...dropped
      ? [`a training step of the student without blocks ${dropped.join(", ")}; the teacher has them all`]
      : [],
    ...shownBlocks,
    ...stops.flatMap((stop, i) => ["", ...stopLines(stop, i + 1)]),
  ].join("\n");
}

function streamLines(stream: readonly StreamStep[], layer: number): string[] {
  const back = stream.some(({ gradientRms }) => gradientRms !== undefined);
  return [
    `the stream at this token, block by block${back ? ", and the gradient that comes back to it" : ""}`,
    `  block   rms after   cosine in to out${back ? "   rms of d in" : ""}`,
    ...stream.map(({ block, rms, cosine, gradientRms }) =>
      `  ${String(block).padStart(5)}   ${rms.toFixed(4).padStart(9)}   ${cosine.toFixed(6).padStart(16)}${
        gradientRms === undefined ? "" : `   ${gradientRms.toExponential(2).padStart(11)}`
      }${block === layer ? "   <- below" : ""}`
    ),
  ];
}

function stopLines(
  { op, scope, dispatch, formula, shapes, source, bytes, flops, values, hand, reference }: Stop,
  number: number,
): string[] {
  const first = values.map(({ name, first }) => `${name} = ${first.map(short).join(", ")}, ...`);
  return [
    `${number}. ${op}${scope ? ` in ${scope}` : ""}`,
    `   ${formula}`,
    `   ${shapes}`,
    `   ${source}, dispatch ${dispatch}: ${grouped(bytes)} B moved, ${grouped(flops)} flop`,
    ...first.map((line) => `   ${line}`),
    ...hand.map((line) => `     ${line}`),
    ...reference
      ? [
        `   f64 differs by at most ${reference.difference.toExponential(1)} in ${grouped(reference.count)} ${
          reference.count === 1 ? "value" : "values"
        } of up to ${short(reference.largest)}`,
      ]
      : [],
  ];
}

import type { CardCheck } from "./check.ts";
import type { Finding } from "./findings.ts";

/** A check for a person: each figure, the card's and its own numbers', then what they are worth. */
export function formatCheck({ findings, sentences, missing }: CardCheck): string {
  const width = Math.max(0, ...findings.map(({ label }) => label.length));
  const lines = findings.flatMap((finding) => {
    const { label, stated, agrees, formula, interval, notes } = finding;
    const [card, own] = [shown(finding, stated), shown(finding, finding.computed)];
    const verdict = !agrees
      ? "DIFFERS"
      : card === own
      ? "agrees"
      : "agrees within the rounding of its numbers";
    return [
      `${agrees ? "   " : "-> "}${label.padEnd(width)}  card ${card.padStart(9)}, recomputed ${
        own.padStart(9)
      }: ${verdict}`,
      `     ${formula}${
        interval
          ? `; answers drawn again: ${shown(finding, interval[0])} to ${shown(finding, interval[1])}`
          : ""
      }`,
      ...notes.map((note) => `     ${note}`),
    ];
  });
  const differing = findings.filter(({ agrees }) => !agrees).length;
  return [
    ...lines,
    "",
    `${findings.length} figures recomputed, ${differing} ${
      differing === 1 ? "differs" : "differ"
    } beyond rounding.`,
    ...sentences.length > 0
      ? ["", "What the scores rest on:", ...sentences.map((sentence) => `  ${sentence}`)]
      : [],
    ...missing.length > 0
      ? ["", "Not found on the card, so not checked:", ...missing.map((what) => `  ${what}`)]
      : [],
  ].join("\n");
}

const shown = ({ unit, decimals }: Finding, value: number) => `${value.toFixed(decimals)} ${unit}`;

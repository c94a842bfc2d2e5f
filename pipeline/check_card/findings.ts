import {
  capabilityRetention,
  type Interval,
  mean,
  overallHalfAndHalf,
  overallMeanOfRatios,
  perplexityRetention,
  taskRecovery,
} from "../../eval/statistics/mod.ts";
import type { Intervals } from "./intervals.ts";
import { type Printed, slackOf } from "./printed.ts";
import type { Claim, PublishedCard } from "./published.ts";

/** A figure of a card beside what its own numbers give. */
export interface Finding {
  /** The card's own name for it. */
  readonly label: string;
  /** As the card has it. */
  readonly stated: number;
  readonly computed: number;
  readonly unit: "%" | "nats";
  readonly decimals: number;
  /** What is averaged or divided. */
  readonly formula: string;
  /** How far rounding of the card's numbers may move `computed`. */
  readonly slack: number;
  readonly agrees: boolean;
  /** What drawing the answers again makes of the figure, models taken as independent; null where n is unknown. */
  readonly interval: Interval | null;
  readonly notes: readonly string[];
}

type Formula = (values: readonly number[]) => number;

/** Every figure of a card that its own numbers give, in the order of the card. */
export function findingsOf(card: PublishedCard, intervals: Intervals | undefined): Finding[] {
  return [
    ...perplexityFindings(card),
    ...retentionFindings(card, intervals),
    ...recoveryFindings(card, intervals),
    ...averageFindings(card),
    ...reductionFindings(card),
    ...lossFindings(card),
  ];
}

/** Beyond the slack of what goes in, the stated number's own rounding is allowed for. */
function finding(
  claim: { readonly label: string; readonly value: Printed },
  formula: string,
  compute: Formula,
  inputs: readonly Printed[],
  more: Partial<Pick<Finding, "interval" | "notes" | "unit">> = {},
): Finding {
  const computed = compute(inputs.map(({ value }) => value)), slack = slackOf(compute, inputs);
  const { value, half, decimals } = claim.value;
  return {
    ...{
      label: claim.label,
      stated: value,
      computed,
      unit: "%",
      decimals,
      formula,
      slack,
      interval: null,
      notes: [],
    },
    agrees: Math.abs(value - computed) <= slack + half + 1e-9,
    ...more,
  };
}

function perplexityFindings({ claims, perplexity: { teacher, student } }: PublishedCard): Finding[] {
  if (!claims.perplexity || !teacher || !student) return [];
  const ratio: Formula = ([t, s]) => perplexityRetention({ teacher: t!, student: s! });
  const notes = teacher.value > student.value
    ? ["Above 100 %: the student was tuned on text of this kind and the teacher was not"]
    : [];
  return [
    finding(claims.perplexity, "teacher's perplexity / student's", ratio, [teacher, student], { notes }),
  ];
}

function retentionFindings(card: PublishedCard, intervals: Intervals | undefined): Finding[] {
  const { claims: { capability, overall }, perplexity, scores } = card, count = scores.length;
  const pairs = scores.flatMap(({ teacher, student }) => [teacher, student]);
  const teacherOf = (values: readonly number[]) => scores.map((_, i) => values[2 * i]!),
    studentOf = (values: readonly number[]) => scores.map((_, i) => values[2 * i + 1]!);
  const findings = capability
    ? [finding(
      capability,
      `mean of the student's ${count} scores / mean of the teacher's`,
      (values) => capabilityRetention(teacherOf(values), studentOf(values)),
      pairs,
      { interval: intervals?.capability ?? null },
    )]
    : [];
  if (!overall || !perplexity.teacher || !perplexity.student) return findings;
  const inputs = [...pairs, perplexity.teacher, perplexity.student];
  const by = (formula: typeof overallMeanOfRatios): Formula => (values) =>
    formula(teacherOf(values), studentOf(values), {
      teacher: values[2 * count]!,
      student: values[2 * count + 1]!,
    });
  const ratios = finding(
    overall,
    `mean of the ${count} tasks' ratios and the perplexity's, ${count + 1} numbers`,
    by(overallMeanOfRatios),
    inputs,
    { interval: intervals?.overall ?? null },
  );
  const halves = finding(
    overall,
    "mean of perplexity retention and capability retention, 2 numbers",
    by(overallHalfAndHalf),
    inputs,
    { interval: intervals?.halves ?? null },
  );
  return [...findings, ...overallFindings(overall, ratios, halves)];
}

/** Which of the two averages a card's overall figure is, and whether its own words say the same. */
function overallFindings(overall: Claim, ratios: Finding, halves: Finding): Finding[] {
  const [is, other] = halves.agrees && !ratios.agrees ? [halves, ratios] : [ratios, halves];
  const figure = `${other.computed.toFixed(other.decimals)} %`;
  const meant = is.agrees ? `It is the ${is.formula}` : "Neither formula for such a figure gives it";
  if (other === halves && !halves.agrees && /average of/i.test(overall.description)) {
    return [
      { ...is, notes: [meant] },
      {
        ...halves,
        label: `${overall.label}, as described`,
        notes: [`The card's words, "${overall.description}", describe this figure; its number is another`],
      },
    ];
  }
  return [{
    ...is,
    notes: [meant, `The ${other.formula}, ${other.agrees ? "agrees too" : "would be"}: ${figure}`],
  }];
}

function recoveryFindings({ scores, average }: PublishedCard, intervals: Intervals | undefined): Finding[] {
  return [...scores, ...average ? [average] : []].flatMap((row, i) => {
    const { task, teacher, pruned, student, recovery } = row;
    if (!pruned || !recovery) return [];
    const compute: Formula = ([t, p, s]) => taskRecovery({ teacher: t!, pruned: p!, student: s! });
    const notes = teacher.value <= pruned.value
      ? ["Pruning lost nothing here, so there was nothing to win back: 0 is the card's convention"]
      : student.value > teacher.value
      ? ["Above 100 %: the student scores above its teacher"]
      : [];
    return [finding(
      { label: `Recovery, ${task}`, value: recovery },
      "(student - pruned) / (teacher - pruned)",
      compute,
      [teacher, pruned, student],
      { interval: intervals?.recoveries[i] ?? null, notes },
    )];
  });
}

function averageFindings({ scores, average }: PublishedCard): Finding[] {
  if (!average) return [];
  return (["teacher", "pruned", "student"] as const).flatMap((model) => {
    const stated = average[model], each = scores.map((row) => row[model]);
    if (!stated || each.some((score) => !score)) return [];
    const label = `${average.task}, ${model}`;
    return [finding({ label, value: stated }, `mean of ${each.length} scores`, mean, each as Printed[])];
  });
}

function reductionFindings({ reduction, parameters: { teacher, student } }: PublishedCard): Finding[] {
  if (!reduction || !teacher || !student) return [];
  const share: Formula = ([t, s]) => 100 * (t! - s!) / t!;
  return [finding(reduction, "share of the teacher's parameters that are gone", share, [teacher, student])];
}

function lossFindings({ trainingLoss, perplexity: { student } }: PublishedCard): Finding[] {
  if (!trainingLoss || !student) return [];
  const found = finding(trainingLoss, "logarithm of the student's perplexity", ([p]) => Math.log(p!), [
    student,
  ], {
    unit: "nats",
  });
  return found.agrees
    ? [{ ...found, notes: ["It is the cross-entropy on the held-out text, not a loss of training"] }]
    : [];
}

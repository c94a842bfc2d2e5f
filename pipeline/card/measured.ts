/** Sections of a card that say how well the models do. */
import {
  isTold,
  measureRetention,
  pairedDifference,
  pairedPerplexity,
  plainSentence,
  plainSentenceOfPerplexity,
} from "../../eval/statistics/mod.ts";
import { needsTeacher } from "../../train/losses/mod.ts";
import { markdownTable } from "../markdown.ts";
import { type ModelName, modelsOf, type Results } from "../results.ts";
import { hasOwnTasks } from "./facts.ts";
import { formatCount } from "../format.ts";
import { answersOf, counted, ends, headline, metricText, percent } from "./numbers.ts";

/** Perplexity of every model. */
export function perplexitySection(results: Results): string[] {
  const { data, teacher } = results,
    rows = modelsOf(results).map(([name, model]) => [
      name,
      formatCount(model.layers),
      formatCount(model.parameters),
      model.perplexity.toFixed(3),
      model.cross_entropy.toFixed(4),
    ]);
  return [
    "## Perplexity",
    "",
    `On ${counted(teacher.tokens, "token")} of ${counted(teacher.row_losses.length, "row")} ${
      data.validation_rows > 0
        ? "held out from training."
        : "of the training data, as none were held out: the student has seen them."
    } The loss is the mean over tokens, in nats.`,
    "",
    ...markdownTable(["model", "blocks", "parameters", "perplexity", "held-out loss"], rows),
  ];
}

/** Every metric of every task, with n and standard error. */
export function tasksSection(results: Results, command: string): string[] {
  const models = modelsOf(results), { tasks } = results.teacher;
  if (Object.keys(tasks).length === 0) {
    return [
      "## Tasks",
      "",
      "No task was evaluated, so nothing is said of the student's capabilities. To add them:",
      "",
      `    ${command}`,
    ];
  }
  const rows = Object.entries(tasks).flatMap(([name, task]) =>
    Object.keys(task.metrics).map((metric) => [
      name,
      metric,
      formatCount(task.n),
      ...models.map(([, model]) => metricText(metric, model.tasks[name]!.metrics[metric]!)),
    ])
  );
  return [
    "## Tasks",
    "",
    "Zero-shot, in the definitions of lm-evaluation-harness; acc and acc_norm in percent, ± is the standard error.",
    ...hasOwnTasks(results.config)
      ? [
        "The rows are Pebble's own, written in the columns of the public sets: no score of those sets can be read here.",
      ]
      : [],
    "",
    ...markdownTable(["task", "metric", "n", ...models.map(([name]) => name)], rows),
  ];
}

/** Retention and recovery: by which formula, of how many items, how sure. */
export function retentionSection({ teacher, pruned, student }: Results): string[] {
  const items = (model: typeof teacher) => ({ tasks: answersOf(model), rows: model.row_losses });
  const retention = measureRetention({
    teacher: items(teacher),
    pruned: items(pruned),
    student: items(student),
  });
  const tasks = Object.keys(retention.taskRecovery);
  const named = [
    ["Perplexity retention", "teacher's perplexity / student's", retention.perplexityRetention],
    [
      "Capability retention",
      "mean of the student's scores / mean of the teacher's",
      retention.capabilityRetention,
    ],
    [
      "Overall retention, mean of ratios",
      `mean of ${tasks.length + 1} numbers: each task's ratio and the perplexity's`,
      retention.overallMeanOfRatios,
    ],
    [
      "Overall retention, half and half",
      "mean of 2 numbers: perplexity retention and capability retention",
      retention.overallHalfAndHalf,
    ],
    [
      "Recovery of the average",
      "(student - pruned) / (teacher - pruned), of the tasks' mean scores",
      retention.averageRecovery,
    ],
  ] as const;
  const average = (model: typeof teacher) => {
    const scores = Object.values(answersOf(model)).map((answers) =>
      answers.reduce((sum, x) => sum + x, 0) / answers.length
    );
    return scores.reduce((sum, score) => sum + score, 0) / scores.length;
  };
  const lostNothing = (name: string) => {
    const right = [teacher, pruned].map((model) => answersOf(model)[name]!.reduce((sum, x) => sum + x, 0));
    return right[0]! <= right[1]!;
  };
  return [
    "## Retention and recovery",
    "",
    "Score of a task: acc_norm where it has one, else acc. In brackets the 95 % interval: items and held-out rows drawn",
    "again, paired over the models (n counts both). A perplexity retention above 100 % says that the student was tuned on",
    "text of this kind and the teacher was not.",
    "",
    ...markdownTable(
      ["figure", "formula", "n", "value"],
      named.flatMap(([name, formula, estimate]) => {
        if (!estimate) return [];
        const isEmpty = name.startsWith("Recovery") && average(teacher) <= average(pruned);
        return [[
          name,
          formula,
          formatCount(estimate.n),
          isEmpty ? "pruning lost nothing" : percent(estimate),
        ]];
      }),
    ),
    ...tasks.length === 0 ? [] : [
      "",
      ...markdownTable(
        ["task", "n", "recovery of what pruning lost"],
        tasks.map((name) => {
          const estimate = retention.taskRecovery[name]!;
          return [
            name,
            formatCount(estimate.n),
            lostNothing(name) ? "pruning lost nothing" : percent(estimate),
          ];
        }),
      ),
    ],
  ];
}

/** The student beside its control: what distillation itself adds. */
export function distillationSection(results: Results): string[] {
  const title = ["## What distillation adds", ""];
  if (results.control) {
    return [
      ...title,
      "The control is the same pruned model, trained by cross-entropy alone on the same rows in the same order, as many",
      "steps, from the same seed. Differences are student less control.",
      "",
      ...comparison(results, "control"),
    ];
  }
  return [
    ...title,
    needsTeacher(results.config.loss)
      ? "No control was trained (`train.control=false`), so distillation's share of these figures is not known."
      : "Nothing: the student itself learned by cross-entropy alone.",
  ];
}

/** The student beside its teacher. */
export function teacherSection(results: Results): string[] {
  return [
    "## Student and teacher",
    "",
    "Differences are student less teacher.",
    "",
    ...comparison(results, "teacher"),
  ];
}

function comparison({ student, ...models }: Results, name: "control" | "teacher"): string[] {
  const other = models[name]!, names: readonly [ModelName, ModelName] = ["student", name];
  const perplexity = pairedPerplexity(student.row_losses, other.row_losses), { crossEntropy } = perplexity;
  const tasks = Object.entries(student.tasks).map(([on, task]) => {
    const metric = headline(task);
    return { on, metric, difference: pairedDifference(task.items[metric]!, other.tasks[on]!.items[metric]!) };
  });
  const signed = (value: number, digits: number) => `${value > 0 ? "+" : ""}${value.toFixed(digits)}`;
  return [
    ...markdownTable(["on", "metric", "n", "difference", "95 % interval", "exact McNemar p"], [
      [
        "held-out rows",
        "loss, nats per token",
        formatCount(perplexity.n),
        signed(crossEntropy.value, 4),
        ends(crossEntropy.interval, (end) => signed(end, 4)),
        "",
      ],
      ...tasks.map(({ on, metric, difference: { n, value, interval, mcNemar } }) => [
        on,
        `${metric}, points`,
        formatCount(n),
        signed(100 * value, 1),
        ends(interval, (end) => signed(100 * end, 1)),
        mcNemar ? mcNemar.p.toFixed(3) : "",
      ]),
    ]),
    "",
    `- ${plainSentenceOfPerplexity(names, perplexity)}`,
    ...tasks.map(({ on, difference }) => `- ${plainSentence({ names, on }, difference)}`),
    ...tasks.length > 1 && tasks.some(({ difference }) => isTold(difference))
      ? [
        "",
        `Each of the ${tasks.length} tests holds for itself: of twenty on models that are alike, one tells them apart.`,
      ]
      : [],
  ];
}

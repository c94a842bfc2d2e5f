/** Sections of a card that say how the student came to be. */
import type { Config } from "../../train/config/mod.ts";
import { isRepoName, parseRepo } from "../../model/hub/mod.ts";
import { markdownTable } from "../markdown.ts";
import { PEBBLE } from "../inputs.ts";
import type { Results, TrainingResult } from "../results.ts";
import { lossWords } from "./loss.ts";
import { formatCount } from "../format.ts";
import { counted } from "./numbers.ts";

/** Which blocks were removed and why. */
export function pruningSection({ config, drop, importance, teacher, student }: Results): string[] {
  const gone = 100 * (1 - student.parameters / teacher.parameters);
  return [
    "## Pruning",
    "",
    `${counted(drop.length, "block")} of ${teacher.layers} removed: ${drop.join(", ")} (from 0). ` +
    `${formatCount(teacher.parameters)} parameters became ${formatCount(student.parameters)}, ${
      gone.toFixed(2)
    } % fewer.`,
    importance
      ? `Chosen by ${importance.method} on ${
        config.importance.rows === null
          ? "the training rows"
          : `at most ${counted(config.importance.rows, "training row")}`
      }, least important first: ${importance.order.join(", ")}.`
      : "They were named, not measured.",
  ];
}

/** What the student learned from, how long, and the losses under their own names. */
export function trainingSection({ config, training, student, control, data }: Results): string[] {
  const { train } = config, both = [training.student, ...training.control ? [training.control] : []];
  const row = (name: string, show: (result: TrainingResult) => string) => [name, ...both.map(show)];
  const heldOut = [student, ...control ? [control] : []].map(({ cross_entropy }) => cross_entropy.toFixed(4));
  return [
    "## Training",
    "",
    ...lossWords(config.loss),
    ...training.student.warnings.map((warning) => `Measured: ${warning}.`),
    "",
    `AdamW at ${train.lr} (${train.schedule}${
      train.warmup_steps > 0 ? ` after ${counted(train.warmup_steps, "step")} of warm-up` : ""
    }), betas ${train.betas.join(" and ")}, weight decay ${train.weight_decay}, ${
      train.clip === null ? "no clipping" : `gradients clipped to norm ${train.clip}`
    }; ${train.micro_batch} rows times ${train.accumulation} in a step; seed ${config.seed}.`,
    "",
    ...markdownTable(["", "student", ...control ? ["control"] : []], [
      row("optimizer steps", ({ steps }) => formatCount(steps)),
      row("tokens, all epochs", ({ tokens }) => formatCount(tokens)),
      row(
        "training loss: mean weighted loss of the last epoch's steps, nats per token",
        ({ last_epoch_loss }) => last_epoch_loss.toFixed(4),
      ),
      [
        data.validation_rows > 0
          ? "validation loss: cross-entropy on held-out rows after training, nats per token"
          : "cross-entropy on the training rows after training, nats per token",
        ...heldOut,
      ],
      row("seconds", ({ seconds }) => seconds.toFixed(1)),
      row("planned device memory, MiB", ({ memory_bytes }) => (memory_bytes / 2 ** 20).toFixed(1)),
    ]),
    "",
    "The training loss is the weighted sum that was minimised and so no logarithm of a perplexity; the other is.",
    ...config.dtype === "float32" ? [] : [
      `All figures are of the float32 weights that were trained; then they were written as ${
        config.dtype === "source" ? "the type of the teacher's file" : config.dtype
      }.`,
    ],
  ];
}

/** The files as they were, not their fame. */
export function dataSection({ config, data }: Results): string[] {
  const files = [
    ...data.files.map((
      { path, sha256, rows },
    ) => [nameOf(path), "training and held-out rows", formatCount(rows), sha256]),
    ...Object.entries(data.tasks).map((
      [task, { path, sha256, rows }],
    ) => [nameOf(path), task, formatCount(rows), sha256]),
  ];
  const { max_length, pack, validation } = config.data;
  return [
    "## Data",
    "",
    ...markdownTable(["file", "for", "rows", "SHA-256"], files),
    "",
    `Rows of at most ${formatCount(max_length)} tokens${pack ? ", documents packed" : ""}: ${
      formatCount(data.training_rows)
    } trained on, ${
      formatCount(data.validation_rows)
    } held out (a share of ${validation}, drawn by the seed). SHA-256 of the rows ` +
    `that perplexity is measured on: ${data.held_out.sha256}.`,
    ...data.files.some(({ path }) => path === PEBBLE)
      ? [
        "Pebble is the small closed world that comes with Lapidary; its rows are written by it, and the hash is theirs.",
      ]
      : [],
  ];
}

const nameOf = (path: string) => path.replace(/^.*[/\\]/, "");

/** Samples of every model, side by side. */
export function samplesSection(
  models: readonly (readonly [string, { readonly samples: readonly string[] }])[],
): string[] {
  if (models.every(([, { samples }]) => samples.length === 0)) return [];
  return [
    "## Samples",
    "",
    "Greedy, prompt included.",
    "",
    ...models.flatMap(([name, { samples }]) =>
      samples.map((sample) => `- ${name}: ${JSON.stringify(sample)}`)
    ),
  ];
}

/** What the figures were measured on. */
export function environmentSection({ environment, seconds }: Results): string[] {
  const { adapter, vendor, deno, os, software, subgroup_size } = environment;
  const total = Object.values(seconds).reduce((sum, each) => sum + each, 0);
  return [
    "## Environment",
    "",
    `Deno ${deno} on ${os}; adapter ${adapter} (${vendor}), subgroups of ${subgroup_size}${
      software ? ", a driver that computes on the CPU: times are not those of a GPU" : ""
    }. All stages together took ${total.toFixed(1)} s.`,
  ];
}

/** The teacher's name as a title has it. */
export function titleOf({ teacher }: Config): string {
  if (isRepoName(teacher!)) return nameOf(parseRepo(teacher!).id);
  return nameOf(teacher!.replace(/[/\\]+$/, "")).replace(/\.gguf$/, "");
}

import { stringify } from "yaml";
import type { Results } from "../results.ts";
import { type CardFacts, hasOwnTasks } from "./facts.ts";
import { teaches } from "./loss.ts";
import { titleOf } from "./made.ts";

/** Name of the student: its teacher's, and how many blocks it has. */
export function nameOfStudent({ config, student }: Results): string {
  return `${titleOf(config)}-${student.layers}-blocks`;
}

/**
 * The YAML that the hub reads, between its lines of dashes. What is not known is left out; `missingFacts` says so in the
 * text. The relation to the base is "finetune", the nearest of the hub's four words.
 */
export function frontMatterOf(results: Results, facts: CardFacts): string {
  const { license, baseModel, language, datasets } = facts;
  const values = {
    ...(license !== undefined && { license }),
    ...(baseModel !== undefined && { base_model: baseModel, base_model_relation: "finetune" }),
    ...(language && { language }),
    ...(datasets && { datasets }),
    library_name: "transformers",
    pipeline_tag: "text-generation",
    tags: [
      ...["lapidary", "pruning", "depth-pruning"],
      ...teaches(results.config.loss) ? ["distillation", "knowledge-distillation"] : [],
    ],
    "model-index": [{ name: nameOfStudent(results), results: indexOf(results) }],
  };
  return `---\n${stringify(values, { lineWidth: 0, aliasDuplicateObjects: false })}---`;
}

/** One fact that the front matter lacks, in a sentence that says how to give it. */
export function missingFacts({ license, baseModel, language, datasets }: CardFacts): string[] {
  const missing = (value: unknown, text: string) => value === undefined ? [text] : [];
  const give = (flag: string) => `\`lapidary card RUN ${flag}\` adds it`;
  return [
    ...missing(
      license,
      `The licence is not known: neither the teacher's card nor its configuration names one; ${
        give("--license ID")
      }.`,
    ),
    ...missing(
      baseModel,
      `The base model's name on the hub is not known: the teacher was read from a file; ${
        give("--base-model OWNER/NAME")
      }.`,
    ),
    ...missing(language, `The language is not known; ${give("--language CODE")}.`),
    ...missing(datasets, `The data has no name on the hub that is known; ${give("--datasets OWNER/NAME")}.`),
  ];
}

/** The student's metrics as the hub's model-index has them; shares from 0 to 1. */
function indexOf({ config, student, data }: Results): object[] {
  const task = { type: "text-generation" }, isOwn = hasOwnTasks(config);
  const tasks = Object.entries(student.tasks).map(([name, { n, metrics }]) => ({
    task,
    dataset: isOwn ? { type: `pebble-${name}`, name: `Pebble's own rows for ${name}` } : { type: name, name },
    metrics: Object.entries(metrics).map(([type, { value, stderr }]) => ({
      type,
      value,
      args: { n, stderr },
    })),
  }));
  const heldOut = {
    task,
    dataset: { type: "held-out-rows", name: `${data.held_out.rows} rows held out from training` },
    metrics: [
      {
        type: "perplexity",
        value: student.perplexity,
        args: { n: data.held_out.rows, tokens: student.tokens },
      },
    ],
  };
  return data.validation_rows > 0 ? [heldOut, ...tasks] : tasks;
}

/** Whether a results.json says everything that the card, the report and comparisons read. */
import { z } from "zod";
import { configSchema } from "../train/config/mod.ts";

const number = z.number(), count = z.int().nonnegative(), text = z.string();
const measure = z.looseObject({ value: number, stderr: number.nullable() });

const task = z.looseObject({
  n: count,
  metrics: z.record(text, measure),
  items: z.record(text, z.array(number)),
}).refine(({ n, items }) => Object.values(items).every(({ length }) => length === n), {
  message: "not as many items as it says",
  path: ["items"],
});

const model = z.looseObject({
  layers: count,
  parameters: count,
  perplexity: number,
  cross_entropy: number,
  tokens: count,
  row_losses: z.array(z.looseObject({ sum: number, tokens: count })).min(1),
  samples: z.array(text),
  tasks: z.record(text, task),
});

const training = z.looseObject({
  steps: count,
  tokens: count,
  seconds: number,
  tokens_per_second: number,
  memory_bytes: number,
  last_epoch_loss: number,
  warnings: z.array(text),
});

const file = z.looseObject({ path: text, sha256: text, rows: count });
const modelName = z.enum(["teacher", "pruned", "student", "control"]);

/** results.json; keys beside these are left alone. */
export const resultsSchema = z.looseObject({
  config: configSchema,
  environment: z.looseObject({
    deno: text,
    os: text,
    adapter: text,
    vendor: text,
    subgroup_size: count,
    software: z.boolean(),
  }),
  data: z.looseObject({
    training_rows: count,
    validation_rows: count,
    files: z.array(file),
    held_out: z.looseObject({ rows: count, sha256: text }),
    tasks: z.record(text, file),
  }),
  importance: z.looseObject({ method: text, scores: z.array(number), order: z.array(count) }).nullable(),
  drop: z.array(count),
  teacher: model,
  pruned: model,
  student: model,
  control: model.nullable(),
  training: z.looseObject({ student: training, control: training.nullable() }),
  perplexity_retention: number,
  recovery: number,
  comparisons: z.array(z.looseObject({
    models: z.tuple([modelName, modelName]),
    on: text,
    metric: text,
    n: count,
    difference: number,
    interval: z.tuple([number, number]).nullable(),
    p: number.nullable().default(null),
  })),
  seconds: z.record(text, number),
  memory: z.array(z.looseObject({ name: text, bytes: number, memory: z.record(text, number) })),
}).superRefine(({ teacher, pruned, student, control, training }, context) => {
  for (const [name, other] of Object.entries({ pruned, student, control })) {
    if (other === null) continue;
    const problem = other.row_losses.length !== teacher.row_losses.length
      ? ["row_losses", "not the teacher's rows"]
      : Object.keys(other.tasks).join() !== Object.keys(teacher.tasks).join()
      ? ["tasks", "not the teacher's tasks"]
      : undefined;
    if (problem) context.addIssue({ code: "custom", path: [name, problem[0]!], message: problem[1]! });
    for (const [key, { n, metrics, items }] of Object.entries(other.tasks)) {
      const first = teacher.tasks[key];
      const same = first && n === first.n && sameKeys(metrics, first.metrics) && sameKeys(items, first.items);
      if (!same) {
        context.addIssue({ code: "custom", path: [name, "tasks", key], message: "not the teacher's items" });
      }
    }
  }
  if (control !== null && training.control === null) {
    context.addIssue({
      code: "custom",
      path: ["training", "control"],
      message: "missing, and there is a control",
    });
  }
});

const sameKeys = (a: object, b: object) => Object.keys(a).join() === Object.keys(b).join();

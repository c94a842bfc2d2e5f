import { join } from "node:path";
import type { TaskResult } from "../../eval/tasks/mod.ts";
import type { Comparison, ModelName, Results } from "../../pipeline/results.ts";
import { formatRecord, type StepRecord, type ValidationRecord } from "../../train/log.ts";
import { exampleModel, exampleResults } from "./results.ts";

/** What a model may write: HTML that runs, HTML that breaks out, controls, halves of pairs, text from right to left. */
export const HOSTILE = {
  prompt: `"><script>document.title = "broken"</script> & \u0000`,
  sample:
    `</p></article><img src="https://example.com/x.png" onerror="alert(1)"><style>*{display:none}</style>` +
    `\u0001\ud800 \u202eright to left, never closed]]> -->`,
} as const;

const TASKS = { arc_easy: 570, winogrande: 300, hellaswag: 500, lambada_openai: 120, piqa: 5 } as const;

/** Share of right answers of each model. */
const SHARES: Readonly<Record<ModelName, number>> = {
  teacher: 0.6,
  pruned: 0.38,
  student: 0.56,
  control: 0.53,
};

function exampleTasks(model: ModelName): Record<string, TaskResult> {
  const share = SHARES[model];
  return Object.fromEntries(
    Object.entries(TASKS).map(([task, n], i): [string, TaskResult] => {
      const value = share - 0.03 * i, measure = { value, stderr: Math.sqrt(value * (1 - value) / (n - 1)) };
      const metrics = task === "lambada_openai"
        ? { acc: measure, perplexity: { value: 40 / share, stderr: 3 } }
        : task === "winogrande"
        ? { acc: measure }
        : { acc: measure, acc_norm: { value: value + 0.02, stderr: measure.stderr } };
      return [task, { n, metrics, items: {} }];
    }),
  );
}

/** Results with all that results.json may hold, its texts hostile. */
export async function hostileResults(): Promise<Results> {
  const results = await exampleResults(), { prompt, sample } = HOSTILE;
  const model = (name: ModelName, layers: number, perplexity: number) => ({
    ...exampleModel(layers, perplexity, `${prompt}${name} ${sample}`),
    tasks: exampleTasks(name),
  });
  const compared = (other: ModelName, on: string, metric: string, difference: number): Comparison => ({
    ...{ models: ["student", other], on, metric, n: 60, difference },
    interval: [difference - 0.04, difference + 0.03],
    p: on === "held_out" ? null : 0.5,
  });
  const scores = Array.from(
    { length: 18 },
    (_, block) => 0.04 + 0.002 * ((block * 7) % 18) + (block < 2 ? 0.08 : 0),
  );
  return {
    ...results,
    config: { ...results.config, teacher: "a<b>&c", sample: { prompts: [prompt], max_new_tokens: 12 } },
    environment: { ...results.environment, adapter: `llvmpipe <script>alert("adapter")</script>` },
    importance: {
      method: "optipfair-0.2",
      scores,
      order: [...scores.keys()].toSorted((a, b) => scores[a]! - scores[b]!),
    },
    teacher: model("teacher", 18, 13.26),
    pruned: model("pruned", 16, 123.63),
    student: model("student", 16, 17.02),
    control: model("control", 16, 17.9),
    training: {
      ...results.training,
      student: { ...results.training.student, steps: 75, warnings: [`<b>loss</b> "warned"`] },
    },
    comparisons: (["teacher", "pruned", "control"] as const).flatMap((other) => [
      compared(other, "held_out", "cross_entropy", other === "teacher" ? 0.25 : -0.05),
      ...Object.keys(TASKS).map((task, i) => compared(other, task, "acc", 0.01 * i - 0.02)),
    ]),
    seconds: {
      data: 0.4,
      "load teacher": 0.1,
      importance: 9,
      train: 127,
      "evaluate student": 4,
      "train control": 95,
    },
    memory: (["importance", "evaluation", "training", "control"] as const).map((name, i) => ({
      name,
      bytes: 200e6,
      memory: {
        ...{
          teacher: 4e6 * i,
          teacher_states: 0,
          student: 3.2e6,
          gradients: 3.2e6,
          moments: 6.4e6,
          rope: 1e5,
        },
        ...{ keys_and_values: 0, activations: 170e6, loss: 4e6, inputs: 1e5, uniforms: 1e4 },
      },
    })),
  };
}

/** The log of a training of so many steps, with a validation every so often. */
export function exampleLog(steps: number, every = Infinity): string {
  return Array.from({ length: steps }, (_, i) => {
    const step = i + 1, cross = 1 + 2 * Math.exp(-i / 20) + 0.1 * Math.sin(3 * i);
    const record: StepRecord = {
      ...{
        step,
        epoch: 0,
        gradient_norm: 1,
        lr: 1e-3,
        tokens: 1000,
        tokens_per_second: 1,
        memory_bytes: 1,
        seconds: step,
      },
      losses: { cross_entropy: cross, distillation: 0.8 * cross, total: 0.9 * cross },
    };
    const validation: ValidationRecord = {
      step,
      validation: { perplexity: Math.exp(cross), cross_entropy: cross + 0.1, tokens: 1000 },
    };
    return formatRecord(record) + "\n" + (step % every === 0 ? formatRecord(validation) + "\n" : "");
  }).join("");
}

/** Writes a finished run, as the report reads it, into a directory. */
export async function writeRun(run: string, results: Results, steps = 75): Promise<void> {
  const write = (name: string, text: string) => Deno.writeTextFile(join(run, name), text);
  await Deno.mkdir(run, { recursive: true });
  await write("results.json", JSON.stringify(results));
  await write("log.jsonl", exampleLog(steps, 15));
  if (results.control) await write("control.log.jsonl", exampleLog(steps, 15));
}

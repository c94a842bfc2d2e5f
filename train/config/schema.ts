/** The one configuration schema: presets, preset files, `--set key=value` and flags all end here. */
import { z } from "zod";

const positiveInt = z.int().min(1);
const count = z.int().min(0);
const path = z.string().min(1);

const data = z.strictObject({
  files: z.array(path).default([]).describe(
    'Documents: .txt (one a blank-line block), .jsonl ("text" or "input_ids" on each line) or .parquet (column "text"); a data set of the hub as OWNER/NAME[@REVISION][:CONFIGURATION+...], of which the column text of the split train is read; "pebble" is the embedded world. Default: none',
  ),
  max_length: positiveInt.min(2).default(512).describe(
    "Longest row, in tokens, BOS included; what lies beyond is cut off. Default: 512",
  ),
  validation: z.number().min(0).lt(1).default(0.2).describe(
    "Share of the documents held out for perplexity, from 0 to below 1; 0 trains on every row. Default: 0.2 (0 in train)",
  ),
  pack: z.boolean().default(false).describe(
    "Join the documents, each with its BOS, and cut them into rows of max_length. Default: false",
  ),
  limit: positiveInt.nullable().default(null).describe(
    "Number of documents taken from the start of each file, and of a data set of the hub in equal shares from its configurations; null takes all. Default: null",
  ),
});

const importance = z.strictObject({
  method: z.enum(["optipfair-0.2", "optipfair-0.4", "block-influence"]).default("optipfair-0.2").describe(
    "Definition of a block's importance: one cosine per sequence with pads (optipfair-0.2), one per token without pads and a mean of batch means (optipfair-0.4), or one mean over all tokens (block-influence). Default: optipfair-0.2",
  ),
  batch_size: positiveInt.default(16).describe(
    "Rows in a batch; scores are means of batch means. Default: 16",
  ),
  padding_side: z.enum(["left", "right"]).default("left").describe("Side that pads stand on. Default: left"),
  padding: z.enum(["longest", "max_length"]).default("longest").describe(
    "Length of a batch: its longest row, or data.max_length. Default: longest",
  ),
  rows: positiveInt.nullable().default(null).describe(
    "Number of training rows that importance is measured on; null takes all. Default: null",
  ),
});

const prune = z.strictObject({
  count: count.default(4).describe("Number of least important blocks to remove. Default: 4"),
  drop: z.array(count).min(1).nullable().default(null).describe(
    "Blocks to remove, counted from 0, in place of the count least important ones; null lets importance decide. Default: null",
  ),
  keep_pattern: z.boolean().default(false).describe(
    "Choose only among blocks whose removal leaves each survivor where Gemma 3's pattern (every 6th block full) has its attention type, for runtimes that know that pattern alone; of no effect on named blocks. Default: false",
  ),
});

/** DistiLLM's alpha (Ko et al., ICML 2024) and the middle of the generalized JSD (Agarwal et al., ICLR 2024). */
const USUAL_SKEW: Readonly<Record<string, number>> = { skew_kl: 0.1, skew_reverse_kl: 0.1, jsd: 0.5 };

const loss = z.strictObject({
  kind: z.enum([
    "cross_entropy",
    "forward_kl",
    "reverse_kl",
    "skew_kl",
    "skew_reverse_kl",
    "jsd",
    "tvd",
    "legacy-v1",
    "legacy-v3",
  ]).default("forward_kl").describe(
    "Distillation loss beside cross-entropy; cross_entropy trains without a teacher. Default: forward_kl",
  ),
  alpha: z.number().min(0).default(0.5).describe("Weight of cross-entropy. Default: 0.5"),
  beta: z.number().min(0).default(0.5).describe("Weight of the distillation loss. Default: 0.5"),
  temperature: z.number().gt(0).default(2).describe(
    "Divides the logits of teacher and student in the distillation loss, which is scaled by its square. Default: 2",
  ),
  skew: z.number().min(0).max(1).nullable().default(null).describe(
    "Share of the teacher in the mixture of skew_kl and jsd, of the student in that of skew_reverse_kl, legacy-v1 and legacy-v3; null takes what is usual for the kind: 0.1 for skew_kl and skew_reverse_kl, 0.5 for jsd, 0 else. Default: null",
  ),
}).transform(({ skew, ...loss }) => ({ ...loss, skew: skew ?? USUAL_SKEW[loss.kind] ?? 0 }));

const train = z.strictObject({
  order: z.enum(["seeded", "sequential"]).default("seeded").describe(
    "Order of the rows in an epoch: shuffled anew from the seed, or as they stand. Default: seeded",
  ),
  epochs: positiveInt.default(5).describe("Passes over the training rows. Default: 5"),
  max_steps: positiveInt.nullable().default(null).describe(
    "Optimizer steps after which training ends; null lets the epochs decide. Default: null",
  ),
  micro_batch: positiveInt.default(16).describe("Rows computed at once. Default: 16"),
  loss_chunk: positiveInt.nullable().default(null).describe(
    "Positions whose logits over the vocabulary exist at once, rounded up to a multiple of 64; two such tensors of 4 bytes a word are held, and products lose speed below 128 positions. null takes what fits 128 MiB each: 128 positions of Gemma's 262,144 words. Default: null",
  ),
  keep_teacher_states: z.boolean().default(false).describe(
    "Keep the teacher's final hidden states of every training row on the device, so that its blocks run in the first epoch alone; takes 4 bytes a channel and scored token (--dry-run tells). Default: false",
  ),
  padding: z.enum(["none", "left"]).default("none").describe(
    "What fills the rows of a micro-batch up: nothing that is learned from (none), or pads on the left up to data.max_length that are predicted like words, as the first published notebooks do (left). Default: none",
  ),
  accumulation: positiveInt.default(4).describe("Micro-batches in an optimizer step. Default: 4"),
  remainder: z.enum(["own", "accumulation"]).default("own").describe(
    "What an epoch's short last step is divided by under train.normalize micro_batch: its own number of micro-batches, or train.accumulation as the published notebooks do. Default: own",
  ),
  normalize: z.enum(["step", "micro_batch"]).default("step").describe(
    "Mean of the loss over the tokens of the whole step, or mean of the means of its micro-batches. Default: step",
  ),
  lr: z.number().gt(0).default(4e-5).describe("Learning rate of AdamW at its highest. Default: 4e-5"),
  betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).default([0.9, 0.999]).describe(
    "Decay of AdamW's first and second moments. Default: 0.9,0.999",
  ),
  eps: z.number().gt(0).default(1e-8).describe("Added to the root of AdamW's second moment. Default: 1e-8"),
  weight_decay: z.number().min(0).default(0.01).describe(
    "AdamW's decoupled weight decay, on every parameter. Default: 0.01",
  ),
  clip: z.number().gt(0).nullable().default(1).describe(
    "Largest global L2 norm of the gradient; null does not clip. Default: 1",
  ),
  schedule: z.enum(["constant", "linear", "cosine"]).default("constant").describe(
    "Course of the learning rate after the warm-up: constant, or down to 0 in a line or a cosine. Default: constant",
  ),
  warmup_steps: count.default(0).describe(
    "Optimizer steps in which the learning rate rises in a line from 0. Default: 0",
  ),
  recompute: z.enum(["none", "block"]).default("none").describe(
    "Activations computed again for the gradient in place of being kept: none, or all of a block but its input, which saves memory for one more forward pass of the student. Default: none",
  ),
  control: z.boolean().default(true).describe(
    "In distill, train a second student from the same pruned blocks by cross-entropy alone, on the same rows in the same order, after the first: what the first has more is distillation's own share. Takes the student's training time again, without the teacher's part; a student that itself learns from cross-entropy alone has no control. Default: true",
  ),
  checkpoint_every: positiveInt.nullable().default(null).describe(
    "Optimizer steps between two checkpoints, which --resume goes on from; null goes by time: they take a fiftieth of the training's, and come no oftener than every half a minute. Default: null",
  ),
  checkpoints_kept: positiveInt.default(2).describe(
    "Newest checkpoints that are kept while a run is not finished; one takes 12 bytes a parameter of the student. Default: 2",
  ),
  metrics_every: positiveInt.default(10).describe(
    "Most optimizer steps whose losses are read back together, as each read waits for the device; the log has a line for every step. Default: 10",
  ),
});

const sample = z.strictObject({
  prompts: z.array(z.string().min(1)).default([]).describe(
    "Texts that teacher, pruned model and student continue; empty for no samples. Default: none",
  ),
  max_new_tokens: positiveInt.default(32).describe("Tokens generated after each prompt. Default: 32"),
});

/** The tasks that a run can be evaluated on: the names of lm-evaluation-harness. */
const TASK_NAMES = ["arc_easy", "winogrande", "hellaswag", "lambada_openai", "piqa"] as const;

const evaluate = z.strictObject({
  rows: positiveInt.nullable().default(null).describe(
    "Number of held-out rows that perplexity is measured on; null takes all. Default: null",
  ),
  batch_size: positiveInt.default(8).describe("Rows computed at once. Default: 8"),
  every: positiveInt.nullable().default(null).describe(
    "Optimizer steps between two looks at the student's perplexity on held-out rows while it trains, each a line of the log; null looks only at the end. Default: null",
  ),
  tasks: z.array(z.enum(TASK_NAMES)).default([]).describe(
    "Tasks that every model of a run is evaluated on: arc_easy, winogrande, hellaswag, lambada_openai, piqa. Default: none",
  ),
  task_limit: positiveInt.nullable().default(null).describe(
    "Number of items taken from the start of each task; null takes all. Default: null",
  ),
  task_data: path.nullable().default(null).describe(
    'Where the tasks\' rows are: a directory of TASK.jsonl or TASK.parquet in the dataset\'s columns; "hub" for their data sets on the hub; "pebble" for the embedded world\'s; null takes these where the teacher is pebble, and evaluates on none elsewhere. Default: null',
  ),
});

/**
 * Schema of a configuration. An empty object gives every default: the hyperparameters of gem-3-small, its loss repaired.
 * What else that model's recipe says (teacher, number of documents, padding) stands in its preset.
 */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe("Address of the JSON schema, for editors; not read"),
  teacher: path.nullable().default(null).describe(
    'Model directory or .gguf file of the teacher; "pebble" is the embedded one. Default: null',
  ),
  tokenizer: path.nullable().default(null).describe(
    "Directory of the tokenizer where the teacher's own is not used. Default: null",
  ),
  repair: z.boolean().default(false).describe(
    "Repair a config.json whose layer_types were popped twice on saving, in place of refusing it. Default: false",
  ),
  seed: z.int().min(0).max(0xffffffff).default(42).describe(
    "Root of every random choice: split, order of rows, sampling; from 0 to 4294967295. Default: 42",
  ),
  dtype: z.enum(["source", "float32", "bfloat16", "float16"]).default("source").describe(
    "Type of written weights; source keeps the teacher's. Default: source",
  ),
  teacher_dtype: z.enum(["source", "float32", "bfloat16"]).default("source").describe(
    "Type that the teacher's matrices are held in while it computes: source takes bfloat16, exact and half the memory, where its file has that, else float32; bfloat16 rounds what does not fit. Default: source",
  ),
  data: data.prefault({}),
  importance: importance.prefault({}),
  prune: prune.prefault({}),
  loss: loss.prefault({}),
  train: train.prefault({}),
  sample: sample.prefault({}),
  evaluate: evaluate.prefault({}),
}).refine(({ train }) => train.padding === "none" || !train.keep_teacher_states, {
  path: ["train", "padding"],
  error: "the teacher's states are kept for rows without pads alone; set train.keep_teacher_states=false",
}).refine(({ loss }) => loss.alpha > 0 || (loss.beta > 0 && loss.kind !== "cross_entropy"), {
  path: ["loss", "alpha"],
  error: "no loss has a weight above 0; raise loss.alpha or loss.beta",
});

/** A resolved configuration: every key present. */
export type Config = z.output<typeof configSchema>;

/** What a preset, a file or a caller may give: any part of a configuration. */
export type PartialConfig = z.input<typeof configSchema>;

/** JSON schema of preset files, for the `$schema` of editors. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configSchema, { io: "input" });
}

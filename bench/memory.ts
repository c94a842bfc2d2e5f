import { DeviceError, type Engine, listen, type Target } from "../engine/mod.ts";
import { type Gemma3Config, pruneConfig } from "../model/config/mod.ts";
import { type HeldDtype, loadGemma3 } from "../model/gemma3/mod.ts";
import { pruneModel } from "../model/pruning/mod.ts";
import { PARTS } from "../pipeline/memory.ts";
import { planStep, type StepPlan } from "../pipeline/step_plan.ts";
import { type Config, presets, resolveConfig } from "../train/config/mod.ts";
import { heal } from "../train/heal.ts";
import { GEMMA_270M, type Pair, PEBBLE } from "./models.ts";
import { type Row, table } from "./report.ts";
import { randomWeights } from "./training/weights.ts";

/** Settings that are planned beside each preset's own: what moves the memory of a step, one at a time and together. */
const SETTINGS: readonly (readonly string[])[] = [
  [],
  ["train.accumulation=1"],
  ["loss.kind=cross_entropy"],
  ["teacher_dtype=float32"],
  ["train.loss_chunk=512"],
  ["train.keep_teacher_states=true"],
  ["train.recompute=block"],
  ["train.recompute=block", "train.loss_chunk=64"],
];

const MIB = 2 ** 20, TOTAL = "total MiB";

/** Presets with a step of their own; what varies gem-3-small takes its step, more or fewer times. */
const PRESETS = Object.keys(presets).filter((name) => !name.startsWith("gem-3-small-"));

/**
 * Plans the largest step of each preset under each setting, on models without values: what `--dry-run` prints and what
 * training is refused by where memory is short. Nothing runs.
 *
 * @param sets more settings (`key=value`) to plan together, beside the usual ones
 * @param note hears of steps that the device cannot run whatever memory it has; they have no row
 * @param names of the presets
 */
export async function planMemory(
  target: Target,
  sets: readonly string[],
  note: (text: string) => void,
  names: readonly string[] = PRESETS,
): Promise<Row[]> {
  const settings = sets.length > 0 ? [...SETTINGS, sets] : SETTINGS, rows: Row[] = [];
  for (const preset of names) {
    for (const set of settings) {
      const config = await resolveConfig({ preset, set });
      const name = `${preset} ${set.join(" ") || "as it is"}`;
      try {
        rows.push(row(name, planPair(target, preset === "pebble" ? PEBBLE : GEMMA_270M, config)));
      } catch (error) {
        if (!(error instanceof DeviceError)) throw error;
        note(`${name}: ${error.message}`);
      }
    }
  }
  return rows;
}

/** Plans with as many rows as the preset takes documents; a row is as long as it may be. */
function planPair(target: Target, { config: teacher, drop }: Pair, config: Config): StepPlan {
  const rows = Array.from({ length: rowsOf(config) }, () => new Uint32Array(config.data.max_length));
  const models = { teacher, student: pruneConfig(teacher, drop), teacherHeld: heldBy(config) };
  return planStep(target, models, config, rows);
}

/** Training rows, at most. */
function rowsOf({ data: { limit, validation }, train }: Config): number {
  const step = train.micro_batch * train.accumulation;
  return limit === null ? step : Math.max(step, Math.round(limit * (1 - validation)));
}

/** As `teacher_dtype` says of a teacher whose file has bfloat16, as those of all presets do. */
const heldBy = (config: Config): HeldDtype => config.teacher_dtype === "float32" ? "f32" : "bf16";

function row(name: string, { microBatches, rows, tokensPerRow, memory, bytes, flops }: StepPlan): Row {
  return {
    benchmark: "memory",
    name,
    shape: `${microBatches} x ${rows} x ${tokensPerRow}`,
    kernel: "",
    time: undefined,
    flops,
    bytes: 0,
    checked: false,
    facts: {
      ...Object.fromEntries(PARTS.map((part) => [`${part} MiB`, memory[part] / MIB])),
      [TOTAL]: bytes / MIB,
    },
  };
}

/** How far what is allocated may be from the plan. */
const TOLERANCE = 0.05;

/**
 * Runs two steps of a preset on an engine that has done nothing yet, and holds the most that was ever allocated at once
 * against the plan.
 *
 * @returns a row that is wrong where the two differ by more than 5 %
 */
export async function measureMemory(
  engine: Engine,
  name: string,
  { config: teacher, drop }: Pair,
  config: Config,
): Promise<Row> {
  const plan = planPair(engine.target, { config: teacher, drop }, config);
  const peak = await highWater(() => trainTwice(engine, teacher, drop, config, plan));
  const planned = row(`${name} measured`, plan), error = Math.abs(plan.bytes - peak) / peak;
  return {
    ...planned,
    checked: true,
    facts: { ...planned.facts, "allocated MiB": peak / MIB },
    ...(error <= TOLERANCE ? {} : { wrong: `the plan says ${plan.bytes} bytes and ${peak} were allocated` }),
  };
}

/** The most device bytes that were allocated at once while `work` ran. */
export async function highWater(work: () => Promise<void>): Promise<number> {
  let now = 0, most = 0;
  const stop = listen((event) => {
    if (event.kind === "allocate") most = Math.max(most, now += event.bytes);
    if (event.kind === "free") now -= event.bytes;
  });
  try {
    await work();
    return most;
  } finally {
    stop();
  }
}

async function trainTwice(
  engine: Engine,
  teacherConfig: Gemma3Config,
  drop: readonly number[],
  config: Config,
  { tokensPerRow: positions }: StepPlan,
): Promise<void> {
  const weights = randomWeights(teacherConfig, 1),
    pruned = pruneModel({ config: teacherConfig, weights }, drop);
  const teacher = await loadGemma3(engine, teacherConfig, weights.readF32, {
    label: "teacher",
    positions,
    held: heldBy(config),
  });
  const options = { label: "student", positions, differentiable: true };
  const student = await loadGemma3(engine, pruned.config, pruned.read, options);
  const row = Uint32Array.from({ length: positions }, (_, i) => 3 + i % 5);
  await heal({
    engine,
    student,
    teacher,
    config: { ...config, train: { ...config.train, max_steps: 2 } },
    rows: Array.from({ length: rowsOf(config) }, () => row),
    padId: 0,
  });
}

const NO_LOSS =
  "loss 0.0: its chunks take turns with activations in one pool, which is fullest at another moment, " +
  "so that a smaller train.loss_chunk saves nothing";

/** Plans as a table, MiB by role; the total also in units of 10^9 bytes. */
export function formatMemory(rows: readonly Row[]): string {
  const whole = (value: number | undefined) => value === undefined ? "" : value.toFixed(value < 10 ? 1 : 0);
  const columns = [...PARTS.map((part) => `${part} MiB`), TOTAL, "allocated MiB"];
  const lines = rows.map(({ name, shape, flops, facts = {} }) => [
    name,
    shape,
    ...columns.map((column) => whole(facts[column])),
    (facts[TOTAL]! * MIB / 1e9).toFixed(2),
    (flops / 1e9).toFixed(0),
  ]);
  const short = columns.map((column) => column.replace(" MiB", "").replaceAll("_", " "));
  const wrong = rows.flatMap(({ name, wrong }) => wrong === undefined ? [] : [`${name} is wrong: ${wrong}`]);
  return [
    "Device memory of the largest step, MiB by role",
    ...table([["", "step", ...short, "total GB", "GFLOP"], ...lines], [0, 1]),
    ...rows.some(({ facts }) => facts!["loss MiB"] === 0) ? [NO_LOSS] : [],
    ...wrong,
    "",
  ].join("\n");
}

import { type Engine, measureProducts, type Tuned } from "../../engine/mod.ts";
import type { Reporter } from "../reporter.ts";
import { saveChoices } from "./choices_file.ts";
import { directoryOf } from "./open.ts";
import { rememberProducts } from "./rates.ts";

/** Measures the products that recordings wanted a choice for, within so many seconds, and remembers the result. */
export async function tune(engine: Engine, seconds: number, reporter: Reporter): Promise<Tuned> {
  const tuned = await measureProducts(engine, {
    milliseconds: 1000 * seconds,
    signal: reporter.signal,
    onClass: (_, done, total) => reporter.update({ stage: "tune", done, total, unit: "kinds of products" }),
  });
  for (const { name, choice: { variant, rows, columns }, reason } of tuned.excluded) {
    reporter.note(
      `The kernel ${variant} ${rows}x${columns} is left out on this driver: of ${name} its ${reason}`,
    );
  }
  const directory = directoryOf(engine);
  if (directory !== undefined && tuned.classes.length > 0) {
    await saveChoices(engine, directory);
    const milliseconds = tuned.classes.reduce((sum, each) => sum + each.milliseconds, 0);
    const work = tuned.classes.reduce((sum, each) => sum + each.gigaflops * each.milliseconds, 0);
    await rememberProducts(engine, 1e9 * work / milliseconds);
  }
  return tuned;
}

/** Work from which measuring kernels pays, in operations: minutes on a CPU, a few seconds on a GPU. */
const WORTH = 2 ** 43;
/** Seconds that a training gives to it. */
const SECONDS = 10;

/**
 * Before a training whose step was recorded: measures the products that nothing is known of, when the training is long
 * enough to win the time back. The step is recorded again when it runs, and then takes what was found.
 */
export async function tuneForTraining(engine: Engine, flops: number, reporter: Reporter): Promise<void> {
  const wanted = engine.target.choices.wanted().length;
  if (directoryOf(engine) === undefined || wanted === 0 || flops < WORTH) return;
  reporter.note(
    `Measuring kernels for ${wanted} kinds of products on this adapter, once, for up to ${SECONDS} s ` +
      "(LAPIDARY_TUNE=off keeps the usual ones)",
  );
  await tune(engine, SECONDS, reporter);
}

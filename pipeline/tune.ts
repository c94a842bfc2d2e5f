/** The `tune` command: kernels by measurement and, for Mesa's software driver, the width that it computes in. */
import type { Engine, Tuned } from "../engine/mod.ts";
import type { Reporter } from "./reporter.ts";
import { tune } from "./tuning/measure.ts";
import { adapterName, cacheDirectory } from "./tuning/places.ts";
import { type Width, WIDTHS } from "./tuning/vector_width.ts";
import { recordUsualSteps } from "./tuning/work.ts";

/** What measuring found on an adapter. */
export interface TuneResult extends Tuned {
  readonly adapter: string;
  /** Over one product of each class. */
  readonly gigaflops: number;
}

/** Measures the products of the usual steps on the adapter as it is, all of them again. */
export async function runTune(
  openEngine: () => Promise<Engine>,
  seconds: number,
  reporter: Reporter,
): Promise<TuneResult> {
  const engine = await openEngine();
  engine.target.choices.clear();
  await recordUsualSteps(engine.target);
  const tuned = await tune(engine, seconds, reporter);
  reporter.signal.throwIfAborted();
  const sum = (of: (each: Tuned["classes"][number]) => number) =>
    tuned.classes.reduce((total, each) => total + of(each), 0);
  const milliseconds = sum((each) => each.milliseconds);
  const gigaflops = sum((each) => each.gigaflops * each.milliseconds) / Math.max(milliseconds, 1e-9);
  return { ...tuned, adapter: adapterName(engine), gigaflops };
}

/**
 * Widths that Mesa's software driver is to be measured at; none for other adapters, where the user has `given` one,
 * and where no process may be started.
 */
export async function widthsToTry(
  openEngine: () => Promise<Engine>,
  given: string | undefined,
): Promise<readonly Width[]> {
  if (given !== undefined || cacheDirectory() === undefined) return [];
  const { state } = await Deno.permissions.query({ name: "run", command: "deno" });
  return state === "granted" && (await openEngine()).device.info.description.startsWith("llvmpipe")
    ? WIDTHS
    : [];
}

/** Times that each width is measured, in turns: a machine that slows down for a minute shall not decide. */
const ROUNDS = 2;

/** What was found at a width. */
interface AtWidth {
  readonly bits: Width;
  readonly result: TuneResult;
}

/**
 * How many times as fast `a` is as `b`: the geometric mean over the kinds of products that both measured, so that the
 * small ones, Pebble's, weigh as much as those over the vocabulary. NaN where there are none.
 */
function speedup(a: AtWidth, b: AtWidth): number {
  const rates = new Map(b.result.classes.map(({ name, gigaflops }) => [name, gigaflops]));
  const logarithms = a.result.classes.flatMap(({ name, gigaflops }) =>
    rates.has(name) ? [Math.log(gigaflops / rates.get(name)!)] : []
  );
  return Math.exp(logarithms.reduce((sum, x) => sum + x, 0) / logarithms.length);
}

const faster = (a: AtWidth, b: AtWidth): AtWidth => speedup(b, a) > 1 ? b : a;

/**
 * Tunes at each width, in processes of their own since the driver reads the width once, and answers the faster one and,
 * in words, how much faster it is.
 *
 * @param seconds for everything
 * @param measureAt tunes at one width for some seconds and answers what it found
 */
export async function tuneWidths(
  widths: readonly Width[],
  seconds: number,
  measureAt: (bits: Width, seconds: number) => Promise<TuneResult>,
): Promise<AtWidth & { told: string }> {
  const results: AtWidth[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const bits of widths) {
      results.push({ bits, result: await measureAt(bits, seconds / ROUNDS / widths.length) });
    }
  }
  const best = results.reduce(faster),
    second = results.filter(({ bits }) => bits !== best.bits).reduce(faster);
  const told = `${best.bits} bits: products are ${speedup(best, second).toFixed(2)} x as fast as at ` +
    `${second.bits}, small and large kinds counting alike`;
  return { ...best, told };
}

/** The choices as text, one class a line. */
export function formatTuned({ adapter, gigaflops, classes, left, excluded }: TuneResult): string {
  const lines = classes.map(({ name, choice: { variant, rows, columns }, gigaflops }) =>
    `${name.padEnd(32)}${`${variant} ${rows}x${columns}`.padEnd(20)}${
      gigaflops.toFixed(1).padStart(10)
    } GFLOP/s`
  );
  return [
    adapter,
    ...lines,
    `${classes.length} kinds of products, ${gigaflops.toFixed(1)} GFLOP/s over one of each` +
    (left > 0 ? `; time was up before ${left} more` : "") +
    (excluded.length > 0 ? `; ${excluded.length} wrong answers left out` : ""),
  ].join("\n");
}

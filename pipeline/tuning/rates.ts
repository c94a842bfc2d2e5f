/** How fast an adapter worked the last time, remembered between runs so that a plan can say how long it takes. */
import { dirname } from "node:path";
import { z } from "zod";
import type { Engine } from "../../engine/mod.ts";
import type { Gemma3Config } from "../../model/config/mod.ts";
import { isFile, makeDirectory, readJson, writeJsonAtomic } from "../../model/files/mod.ts";
import { directoryOf } from "./open.ts";
import { choicesPath } from "./places.ts";

/** What was measured. */
export interface Rate {
  /** A training at this shape of a model, or products alone as `lapidary tune` measures them. */
  readonly of: string;
  /** Operations a second. */
  readonly flops: number;
  /** Day, as 2026-01-31. */
  readonly date: string;
}

const schema = z.record(z.string(), z.strictObject({ flops: z.number().gt(0), date: z.string() }));
const PRODUCTS = "products alone, by lapidary tune";
/** Seconds from which a training says how fast the adapter is: what is compiled first no longer counts. */
const ENOUGH = 10;

const ratesPath = (engine: Engine, directory: string) =>
  choicesPath(engine, directory).replace(/\.json$/, ".rates.json");

const shapeName = ({ hiddenSize, intermediateSize, vocabSize }: Gemma3Config) =>
  `a training of width ${hiddenSize}, ${intermediateSize} inside, ${vocabSize} words`;

async function readRates(engine: Engine): Promise<z.infer<typeof schema>> {
  const directory = directoryOf(engine), path = directory && ratesPath(engine, directory);
  if (!path || !await isFile(path)) return {};
  // A file that cannot be read is one that knows nothing: it is written anew by the next training.
  return schema.safeParse(await readJson(path).catch(() => undefined)).data ?? {};
}

async function remember(engine: Engine, of: string, flops: number): Promise<void> {
  const directory = directoryOf(engine);
  if (directory === undefined || !(flops > 0 && Number.isFinite(flops))) return;
  const path = ratesPath(engine, directory), date = new Date().toISOString().slice(0, 10);
  await makeDirectory(dirname(path));
  await writeJsonAtomic(path, { ...await readRates(engine), [of]: { flops, date } });
}

/** Remembers a training of so many operations; one of a few seconds says nothing. */
export async function rememberTraining(
  engine: Engine,
  model: Gemma3Config,
  flops: number,
  seconds: number,
): Promise<void> {
  if (seconds >= ENOUGH) await remember(engine, shapeName(model), flops / seconds);
}

/** Remembers what products alone reach. @param flops a second */
export const rememberProducts = (engine: Engine, flops: number): Promise<void> =>
  remember(engine, PRODUCTS, flops);

/**
 * The rate to plan a training of this shape with: of one like it, else of the fastest other one, else of products alone.
 * Undefined where nothing was measured on this adapter with these kernels.
 */
export async function rateFor(engine: Engine, model: Gemma3Config): Promise<Rate | undefined> {
  const rates = await readRates(engine);
  const of = rates[shapeName(model)]
    ? shapeName(model)
    : Object.keys(rates).toSorted((a, b) =>
      Number(a === PRODUCTS) - Number(b === PRODUCTS) || rates[b]!.flops - rates[a]!.flops
    )[0];
  return of === undefined ? undefined : { of, ...rates[of]! };
}

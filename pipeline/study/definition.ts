/** What a study compares: methods, each a part of a configuration, and seeds. */
import { z } from "zod";
import { UsageError } from "../../engine/mod.ts";
import { readJson } from "../../model/files/mod.ts";
import { didYouMean, parseSetting } from "../../train/config/mod.ts";
import pebbleLosses from "../../train/studies/pebble-losses.json" with { type: "json" };

const part = z.record(z.string(), z.unknown());
const seed = z.int().min(0).max(0xffffffff);

const schema = z.strictObject({
  $schema: z.string().optional(),
  description: z.string().optional(),
  /** Built-in preset or .json file that every cell starts from. */
  preset: z.string().min(1).default("pebble"),
  /** What every cell has beside it. */
  settings: part.default({}),
  /** What each method has of its own, by the name it has in tables. */
  methods: z.record(z.string().min(1), part).refine((methods) => Object.keys(methods).length > 0, {
    error: "it has no method; name one at least",
  }),
  /** The method that the others are compared with. */
  baseline: z.string().optional(),
  seeds: z.array(seed).min(1, "there is none; give one at least").refine(
    (seeds) => new Set(seeds).size === seeds.length,
    {
      error: "each seed may be given once",
    },
  ),
});

/** A study as a file describes it; the first method is the baseline where none is named. */
export interface StudyDefinition extends z.output<typeof schema> {
  readonly baseline: string;
}

/** The built-in studies by name. */
export const STUDIES: Readonly<Record<string, unknown>> = { "pebble-losses": pebbleLosses };

/**
 * The definition of a study: built in by name, or a JSON file (a name that ends in `.json`).
 *
 * @throws {UsageError} for an unknown name and a definition that is wrong; {DataError} for a file that cannot be read
 */
export async function readStudy(nameOrFile: string): Promise<StudyDefinition> {
  if (nameOrFile.endsWith(".json")) return defineStudy(await readJson(nameOrFile), nameOrFile);
  if (Object.hasOwn(STUDIES, nameOrFile)) return defineStudy(STUDIES[nameOrFile], nameOrFile);
  const names = Object.keys(STUDIES);
  throw new UsageError(
    `Unknown study "${nameOrFile}"${
      didYouMean(nameOrFile, names, `give ${names.join(", ")} or the path of a .json file`)
    }`,
  );
}

/** Checks a definition. @throws {UsageError} that names the key and what is wrong with it */
export function defineStudy(content: unknown, source: string): StudyDefinition {
  const { data, error } = schema.safeParse(content);
  if (error) {
    const { path, message } = error.issues[0]!;
    throw new UsageError(
      `Cannot use the study ${source}: ${path.length > 0 ? `${path.join(".")}: ` : ""}${message}`,
    );
  }
  const methods = Object.keys(data.methods), baseline = data.baseline ?? methods[0]!;
  if (!methods.includes(baseline)) {
    throw new UsageError(
      `Cannot compare with "${baseline}" (${source}): it is no method of the study${
        didYouMean(baseline, methods, `name one of ${methods.join(", ")}`)
      }`,
    );
  }
  return { ...data, baseline };
}

/**
 * Every combination of the values of some keys, as methods: `["loss.kind=forward_kl,jsd", "prune.count=2,4"]` are four.
 *
 * @throws {UsageError} for text without `=`, an unknown key, or a value that is no number where one is needed
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { grid } from "./definition.ts";
 *
 * assert.deepEqual(grid(["loss.temperature=1,2", "prune.count=4"]), {
 *   "temperature=1 count=4": { "loss.temperature": 1, "prune.count": 4 },
 *   "temperature=2 count=4": { "loss.temperature": 2, "prune.count": 4 },
 * });
 * ```
 */
export function grid(axes: readonly string[]): Record<string, Record<string, unknown>> {
  let methods: [name: string, settings: Record<string, unknown>][] = [["", {}]];
  for (const axis of axes) {
    const at = axis.indexOf("=");
    if (at < 1) {
      throw new UsageError(
        `Cannot read --vary ${axis}: there is no "="; write it as key=value,value, such as loss.kind=jsd,forward_kl`,
      );
    }
    const key = axis.slice(0, at), texts = axis.slice(at + 1).split(",");
    const values = texts.map((text) => parseSetting(`${key}=${text}`, "--vary"));
    methods = methods.flatMap(([name, settings]) =>
      values.map(([key, value]): typeof methods[number] => [
        `${name} ${key.split(".").at(-1)}=${value}`.trimStart(),
        { ...settings, [key]: value },
      ])
    );
  }
  return Object.fromEntries(methods);
}

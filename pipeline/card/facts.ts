/** What a card says of the student's origin: only what is known, each with where it is known from. */
import { join } from "node:path";
import { parse, YAMLParseError } from "yaml";
import { isDirectory, isFile, readJson, readText } from "../../model/files/mod.ts";
import { type Config, presets } from "../../train/config/mod.ts";
import { cachedPlace } from "../hub.ts";
import { PEBBLE } from "../inputs.ts";
import type { Results } from "../results.ts";

/** What a person knows and says, in the names of the hub. */
export interface CardFacts {
  readonly license?: string | undefined;
  /** Such as "google/gemma-3-270m". */
  readonly baseModel?: string | undefined;
  readonly language?: readonly string[] | undefined;
  /** Names on the hub. */
  readonly datasets?: readonly string[] | undefined;
}

/** A name on the hub: owner and model. */
const HUB_NAME = /^[\w.-]+\/[\w.-]+$/;

/** Whether the tasks' rows are Pebble's own, whose scores are not those of the public sets. */
export function hasOwnTasks({ teacher, evaluate }: Config): boolean {
  return (evaluate.task_data ?? teacher) === PEBBLE;
}

/** The facts of a run's teacher and data; what `given` says goes before. */
export async function factsOf(
  { config: { teacher, data }, hub }: Pick<Results, "config" | "hub">,
  given: CardFacts,
): Promise<CardFacts> {
  const own = teacher === PEBBLE
    ? { license: "apache-2.0" }
    : hub?.teacher
    ? { ...await factsOfDirectory(await cachedPlace(hub.teacher)), baseModel: hub.teacher.repo }
    : await factsOfDirectory(teacher!);
  const isPebble = data.files.length > 0 && data.files.every((file) => file === PEBBLE);
  return {
    license: given.license ?? own.license,
    baseModel: given.baseModel ?? own.baseModel ?? presetName(teacher!),
    language: given.language ?? own.language ?? (isPebble ? ["en"] : undefined),
    datasets: given.datasets,
  };
}

/** What a model directory says of itself: the front matter of its card, and its configuration. */
async function factsOfDirectory(path: string): Promise<CardFacts> {
  if (!await isDirectory(path)) return {};
  const card = join(path, "README.md"), config = join(path, "config.json");
  const front = await isFile(card) ? frontMatter(await readText(card)) : {};
  const { _name_or_path: name, license } = await isFile(config)
    ? await readJson(config) as Record<string, unknown>
    : {};
  return {
    license: text(front.license) ?? text(license),
    baseModel: typeof name === "string" && HUB_NAME.test(name) ? name : undefined,
    language: languages(front.language),
  };
}

/** The mapping between the first two lines of three dashes; empty where there is none. */
export function frontMatter(card: string): Record<string, unknown> {
  const yaml = /^---\r?\n([\s\S]*?)\r?\n---\s*(?:\r?\n|$)/.exec(card)?.[1];
  if (yaml === undefined) return {};
  try {
    const value: unknown = parse(yaml);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
  } catch (error) {
    if (error instanceof YAMLParseError) return {}; // A card that cannot be read says nothing.
    throw error;
  }
}

const text = (value: unknown) => typeof value === "string" && value !== "" ? value : undefined;

function languages(value: unknown): string[] | undefined {
  const all = [value].flat().filter((each) => typeof each === "string");
  return all.length > 0 ? all : undefined;
}

/** A preset names its teacher as the hub does. */
function presetName(teacher: string): string | undefined {
  const isNamed = Object.values(presets).some((preset) =>
    (preset as { teacher?: string }).teacher === teacher
  );
  return isNamed && HUB_NAME.test(teacher) ? teacher : undefined;
}

/** Defaults < preset < layers < flags < `--set`, checked as one. */
import type { z } from "zod";
import { didYouMean, UsageError } from "../../engine/mod.ts";
import { configKeys } from "./keys.ts";
import { readPreset } from "./presets.ts";
import { type Config, configSchema, type PartialConfig } from "./schema.ts";
import { findKey, parseSetting } from "./settings.ts";

/** Where a configuration comes from; later sources win. */
export interface ConfigSources {
  /** Defaults of the command, such as `{ data: { validation: 0 } }` in `train`. */
  readonly command?: PartialConfig;
  /** Built-in preset by name, or path of a `.json` file. */
  readonly preset?: string | undefined;
  /** What stands between, such as a study's settings and its methods, each with a name for messages. */
  readonly layers?: readonly { readonly source: string; readonly content: object }[];
  /** What flags of the command say, such as `{ seed: 7 }`. */
  readonly flags?: PartialConfig;
  /** Texts of `--set key=value`. */
  readonly set?: readonly string[];
}

interface Entry {
  readonly value: unknown;
  readonly source: string;
}

/**
 * The typed configuration of all sources together.
 *
 * @throws UsageError that names the key, its value, the source that gave it and what may be given
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { resolveConfig } from "./resolve.ts";
 * const config = await resolveConfig({ preset: "gem-3-mini", set: ["train.lr=1e-3"] });
 * assert.equal(config.train.lr, 1e-3);
 * assert.equal(config.train.clip, 1);
 * ```
 */
export async function resolveConfig(sources: ConfigSources): Promise<Config> {
  const entries = new Map<string, Entry>();
  add(entries, sources.command ?? {}, "the command");
  if (sources.preset !== undefined) {
    add(entries, await readPreset(sources.preset), `preset ${sources.preset}`);
  }
  for (const { source, content } of sources.layers ?? []) add(entries, content, source);
  add(entries, sources.flags ?? {}, "the flags");
  for (const text of sources.set ?? []) {
    const [key, value] = parseSetting(text);
    entries.set(key, { value, source: "--set" });
  }
  const result = configSchema.safeParse(nest(entries));
  if (!result.success) throw explain(result.error.issues[0]!, entries);
  return result.data;
}

function add(entries: Map<string, Entry>, content: object, source: string, prefix = ""): void {
  for (const [name, value] of Object.entries(content)) {
    const key = prefix + name;
    if (value === undefined || key === "$schema") continue;
    const isGroup = typeof value === "object" && value !== null && !Array.isArray(value);
    if (isGroup && [...configKeys.keys()].some((k) => k.startsWith(`${key}.`))) {
      add(entries, value, source, `${key}.`);
    } else {
      findKey(key, source);
      entries.set(key, { value, source });
    }
  }
}

function nest(entries: ReadonlyMap<string, Entry>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [key, { value }] of entries) {
    const [group, name] = key.split(".") as [string, string?];
    if (name === undefined) root[group] = value;
    else ((root[group] ??= {}) as Record<string, unknown>)[name] = value;
  }
  return root;
}

function explain(issue: z.core.$ZodIssue, entries: ReadonlyMap<string, Entry>): UsageError {
  const key = issue.path.slice(0, 2).filter((part) => typeof part === "string").join(".");
  const entry = entries.get(key);
  if (entry === undefined) return new UsageError(`Cannot use this configuration: ${issue.message}`);
  const value = typeof entry.value === "string" ? entry.value : JSON.stringify(entry.value);
  return new UsageError(`Cannot use ${key}=${value} (${entry.source}): ${expectation(issue, value, key)}`);
}

/** What may be given in place of a refused value. */
function expectation(issue: z.core.$ZodIssue, value: string, key: string): string {
  const where = issue.path.some((part) => typeof part === "number") ? "each item " : "it ";
  switch (issue.code) {
    case "invalid_value":
      return `it is not one of ${issue.values.join(", ")}` +
        didYouMean(value, issue.values.map(String), "give one of these");
    case "invalid_type":
      return `${where}must be ${article(issue.expected)}; give one${
        configKeys.get(key)?.nullable ? " or null" : ""
      }`;
    case "too_small":
      return issue.origin === "array" || issue.origin === "string"
        ? `${where}has too few entries; give at least ${issue.minimum}`
        : `${where}is too small; give ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
    case "too_big":
      return issue.origin === "array"
        ? `it has too many entries; give at most ${issue.maximum}`
        : `${where}is too large; give ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`;
    default:
      return issue.message;
  }
}

function article(type: string): string {
  const name = { int: "whole number", array: "list", tuple: "list" }[type] ?? type;
  return `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`;
}

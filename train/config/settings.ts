/** `--set key=value`: text into a value of the type its key has. */
import { z } from "zod";
import { didYouMean, UsageError } from "../../engine/mod.ts";
import { type ConfigKey, configKeys } from "./keys.ts";

/**
 * Reads one `key=value`. Lists are written with commas (`prune.drop=9,8,14,16`) or as JSON; `null` (or `none`) where the
 * key allows it.
 *
 * @param flag that the text was given with, for messages
 * @returns the dotted key and its value, not yet checked against the key's limits
 * @throws UsageError for text without `=`, an unknown key, or text that is no number where one is needed
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseSetting } from "./settings.ts";
 * assert.deepEqual(parseSetting("train.lr=1e-3"), ["train.lr", 1e-3]);
 * assert.deepEqual(parseSetting("prune.drop=9,8"), ["prune.drop", [9, 8]]);
 * ```
 */
export function parseSetting(text: string, flag = "--set"): [key: string, value: unknown] {
  const at = text.indexOf("=");
  if (at < 1) {
    throw new UsageError(
      `Cannot read ${flag} ${text}: there is no "="; write it as key=value, such as train.lr=1e-4`,
    );
  }
  const name = text.slice(0, at).trim();
  const key = findKey(name, flag);
  return [name, parseValue(text.slice(at + 1).trim(), key, flag)];
}

/** The key of that name. @throws UsageError naming the nearest one where there is none */
export function findKey(name: string, source: string): ConfigKey {
  const key = configKeys.get(name);
  if (key) return key;
  const inside = [...configKeys.keys()].filter((k) => k.startsWith(`${name}.`));
  if (inside.length > 0) {
    throw new UsageError(
      `Cannot set "${name}" (${source}): it is a group; set one of its keys, such as ${inside[0]}`,
    );
  }
  const hint = didYouMean(name, configKeys.keys(), 'run "lapidary config keys" for the list');
  throw new UsageError(`Unknown key "${name}" (${source})${hint}`);
}

function parseValue(text: string, { name, type, nullable }: ConfigKey, flag: string): unknown {
  if (nullable && (text === "null" || text === "none")) return null;
  if (type instanceof z.ZodArray || type instanceof z.ZodTuple) {
    if (text.startsWith("[")) return parseJson(text, name, flag);
    const isNumber = type instanceof z.ZodTuple || type.element instanceof z.ZodNumber;
    const items = text === "" ? [] : text.split(",").map((item) => item.trim());
    return isNumber ? items.map((item) => parseNumber(item, name, flag)) : items;
  }
  if (type instanceof z.ZodBoolean && (text === "true" || text === "false")) return text === "true";
  return type instanceof z.ZodNumber ? parseNumber(text, name, flag) : text;
}

function parseNumber(text: string, name: string, flag: string): number {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value)) {
    throw new UsageError(
      `Cannot use ${name}=${text} (${flag}): "${text}" is not a number; give one, such as 10 or 4e-5`,
    );
  }
  return value;
}

function parseJson(text: string, name: string, flag: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(
      `Cannot use ${name}=${text} (${flag}): it is not a JSON list; write it as [...] or with commas`,
    );
  }
}

import { type Config, configKeys, presets, resolveConfig } from "../train/config/mod.ts";

/** Keys that flags of their own set. */
const FLAGS: Readonly<Record<string, string>> = {
  teacher: "--teacher",
  tokenizer: "--tokenizer",
  seed: "--seed",
};

/**
 * The shortest arguments of `lapidary` that resolve to exactly this configuration: the nearest built-in preset, and a flag
 * or a `--set` for every key that differs from it.
 */
export async function distillArguments(config: Config): Promise<string[]> {
  const choices: string[][] = [];
  for (const preset of Object.keys(presets)) {
    choices.push(["distill", "--preset", preset, ...changes(await resolveConfig({ preset }), config)]);
  }
  return choices.reduce((best, choice) => choice.length < best.length ? choice : best);
}

/** A command line for a POSIX shell. */
export function shellLine(program: string, words: readonly string[]): string {
  const quoted = (word: string) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
  return [program, ...words.map(quoted)].join(" ");
}

/** Value of a dotted key. */
export function valueOf(config: Config, key: string): unknown {
  return key.split(".").reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], config);
}

/** Keys whose values differ, in the order of the schema. */
export function differingKeys(a: Config, b: Config): string[] {
  return [...configKeys.keys()].filter((key) =>
    JSON.stringify(valueOf(a, key)) !== JSON.stringify(valueOf(b, key))
  );
}

function changes(from: Config, to: Config): string[] {
  return differingKeys(from, to).flatMap((key) => {
    const value = valueOf(to, key), flag = FLAGS[key];
    if (key === "data.files" && to.data.files.length > 0) return ["--data", ...to.data.files];
    if (flag && value !== null) return [flag, String(value)];
    return ["--set", `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`];
  });
}

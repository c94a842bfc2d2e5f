import { z } from "zod";
import { DataError, UsageError } from "../engine/mod.ts";
import { isFile, readText, writeFileAtomic } from "../model/files/mod.ts";
import type { Machine } from "./machine.ts";
import { type Limits, type Row, SUBJECTS } from "./report.ts";

/** One line of a file of results: a row with the limits, the machine and the run that it comes from. */
export type Result = Row & Machine & { readonly limits: Limits };

/**
 * What a result is of, whichever kernel does it, so that a new kernel takes the place of the old. Of other libraries the
 * kernel is the library.
 */
export function thingOf({ benchmark, name, shape, kernel }: Row): string {
  return [benchmark, name, shape, ...(benchmark === "peers" ? [kernel] : [])].join(" ");
}

const time = z.object({
  p50: z.number().nonnegative(),
  mad: z.number(),
  n: z.number().positive(),
  /** Rows of 2026-11-23 were written without. */
  samples: z.array(z.number()).default([]),
});

const line = z.object({
  benchmark: z.enum(SUBJECTS),
  name: z.string(),
  shape: z.string(),
  kernel: z.string(),
  time: time.optional(),
  flops: z.number(),
  bytes: z.number(),
  checked: z.boolean(),
  wrong: z.string().optional(),
  facts: z.record(z.string(), z.number()).optional(),
  limits: z.object({ gflops: z.number(), gigabytes: z.number() }),
  device: z.string(),
  driver: z.string(),
  software: z.boolean(),
  processor: z.string(),
  commit: z.string().nullable(),
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  date: z.string(),
});

/** Where results are kept. */
export const RESULTS = `${import.meta.dirname}/results`;

/** Rows as JSON lines, each with what the adapter can do and where and how it was measured. */
export function jsonLines(rows: readonly Row[], limits: Limits, machine: Machine): string {
  return rows.map((row) => JSON.stringify({ ...row, limits, ...machine }) + "\n").join("");
}

/**
 * Results from JSON lines.
 *
 * @param path for messages
 * @throws {DataError} that names the line which is no result
 */
export function parseResults(text: string, path: string): Result[] {
  return text.split("\n").flatMap((content, index) => {
    if (content.trim() === "") return [];
    try {
      return [line.parse(JSON.parse(content)) as Result];
    } catch (error) {
      const why = error instanceof z.ZodError ? z.prettifyError(error).replaceAll("\n", " ") : String(error);
      throw new DataError(
        `Cannot use line ${index + 1} of ${path} as it is no result: ${why}; measure again with --out`,
        { path, line: index + 1 },
      );
    }
  });
}

/**
 * Reads a file of results.
 *
 * @param name of a file of {@link RESULTS} without its ending, or a path
 * @throws {UsageError} where there is no such file, {@link DataError} where it holds something else
 */
export async function readResults(name: string): Promise<Result[]> {
  for (const path of [`${RESULTS}/${name}.jsonl`, name]) {
    if (!await isFile(path)) continue;
    const results = parseResults(await readText(path), name);
    if (results.length > 0) return results;
    throw new DataError(`Cannot use ${name} as it holds no results; measure some with --out`, { path });
  }
  throw new UsageError(
    `Cannot find results "${name}": there is neither bench/results/${name}.jsonl nor a file of that path; ` +
      `measure some with --out`,
  );
}

/** Adds rows to a file of {@link RESULTS}, which is whole at any time. */
export async function appendResults(name: string, lines: string): Promise<void> {
  await Deno.mkdir(RESULTS, { recursive: true });
  const path = `${RESULTS}/${name}.jsonl`;
  await writeFileAtomic(path, (await isFile(path) ? await readText(path) : "") + lines);
}

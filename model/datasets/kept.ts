/** Rows that were read from a data set, in a file of this machine. */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import * as z from "zod";
import { isFile, makeDirectory, readText, writeFileAtomic } from "../files/mod.ts";
import type { Repo } from "../hub/mod.ts";
import type { ParquetRow } from "../parquet/mod.ts";

const header = z.strictObject({
  repo: z.string(),
  /** Branch or tag that was asked for, and the revision that had the files. */
  revision: z.string(),
  read_from: z.string(),
  commit: z.string(),
  configuration: z.string().nullable(),
  split: z.string(),
  /** Columns; null for all. */
  columns: z.array(z.string()).nullable(),
  files: z.array(z.string()),
  rows: z.int().min(0),
  /** Whether these are all rows of the split. */
  complete: z.boolean(),
  /** Of the lines after this one. */
  sha256: z.string(),
});

/** What a file of rows says of them. */
export type KeptHeader = z.infer<typeof header>;

/** Rows with their origin. */
export interface Kept {
  readonly header: KeptHeader;
  readonly rows: readonly ParquetRow[];
}

/** The part of a data set that a file is for. */
export interface KeptPart {
  readonly repo: Repo;
  readonly configuration: string | null;
  readonly split: string;
  readonly columns: readonly string[] | null;
}

/** Where the rows of a part are kept. */
export function keptPath(directory: string, { repo, configuration, split, columns }: KeptPart): string {
  const folder = ["datasets", ...repo.id.split("/")].join("--");
  const name = [configuration ?? "all", split, ...columns ? [columns.join("+")] : []].join(".");
  return join(directory, folder, repo.revision.replaceAll("/", "--"), `${name}.jsonl`);
}

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

/** Keeps rows; answers with the header that was written. @throws {DataError} where the disk refuses */
export async function keepRows(
  path: string,
  origin: Omit<KeptHeader, "rows" | "sha256">,
  rows: readonly ParquetRow[],
): Promise<Kept> {
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const kept = { ...origin, rows: rows.length, sha256: hashOf(lines) };
  await makeDirectory(dirname(path));
  await writeFileAtomic(path, `${JSON.stringify(kept)}\n${lines}`);
  return { header: kept, rows };
}

/** The rows of a file, or undefined where there is none or it is damaged, as `note` then hears. */
export async function keptRows(path: string, note: (text: string) => void): Promise<Kept | undefined> {
  if (!await isFile(path)) return undefined;
  const text = await readText(path).catch(() => ""), end = text.indexOf("\n") + 1;
  try {
    const { data } = header.safeParse(JSON.parse(text.slice(0, end))), lines = text.slice(end);
    if (data && data.sha256 === hashOf(lines)) {
      return { header: data, rows: lines.split("\n").slice(0, -1).map((line) => JSON.parse(line)) };
    }
  } catch {
    // Told below.
  }
  note(`The rows kept in ${path} are damaged and are read again`);
  return undefined;
}

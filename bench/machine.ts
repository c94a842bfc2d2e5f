import { cpus } from "node:os";
import { pathToFileURL } from "node:url";
import type { Engine } from "../engine/mod.ts";

/** Where and how rows were measured. */
export interface Machine {
  /** The adapter's name for itself. */
  readonly device: string;
  /** What WebGPU says of vendor, architecture and device, and what runs it. */
  readonly driver: string;
  /** True when the CPU plays the GPU. */
  readonly software: boolean;
  readonly processor: string;
  /** Commit of the working copy, or null outside one; changes that are not committed do not show. */
  readonly commit: string | null;
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /** ISO 8601, UTC. */
  readonly date: string;
}

/** Variables that change what the device does. */
const VARIABLES = ["DENO_WEBGPU_BACKEND", "LP_NATIVE_VECTOR_WIDTH"];

/** Describes this machine; `options` are those of the run. */
export async function describeMachine(engine: Engine, options: Machine["options"]): Promise<Machine> {
  const { info, software, subgroupSize } = engine.device, [first, ...others] = cpus();
  const variables = VARIABLES.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return {
    device: info.description,
    driver: [info.vendor, info.architecture, info.device, `Deno ${Deno.version.deno}`].filter(Boolean).join(
      " ",
    ),
    software,
    processor: `${first?.model ?? "unknown"}, ${1 + others.length} cores`,
    commit: await readCommit(new URL("../.git", import.meta.url)),
    options: { subgroupSize, ...options, ...Object.fromEntries(variables) },
    date: new Date().toISOString(),
  };
}

/**
 * The commit that HEAD of a repository stands on, read from its files; null where they do not say.
 *
 * @param repository the folder `.git`, or the file of that name that a linked worktree has in its place
 */
export async function readCommit(repository: URL): Promise<string | null> {
  const link = /^gitdir: (.+)$/m.exec(await read(repository))?.[1];
  const own = folder(link === undefined ? repository : pathToFileURL(link));
  const head = (await read(new URL("HEAD", own))).trim(), name = /^ref: (.+)$/.exec(head)?.[1];
  if (name === undefined) return head || null;
  const common = (await read(new URL("commondir", own))).trim(); // where a worktree's branches are
  const shared = folder(new URL(common || ".", own)), loose = (await read(new URL(name, shared))).trim();
  if (loose) return loose;
  const packed = (await read(new URL("packed-refs", shared))).split("\n")
    .find((line) => line.endsWith(` ${name}`));
  return packed?.split(" ")[0] ?? null;
}

const folder = (url: URL): URL => url.href.endsWith("/") ? url : new URL(`${url.href}/`);

/** The text of a file, empty where there is none. */
async function read(url: URL): Promise<string> {
  try {
    return await Deno.readTextFile(url);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return "";
    if (error instanceof Deno.errors.IsADirectory || (error as { code?: string }).code === "EISDIR") {
      return "";
    }
    throw error;
  }
}

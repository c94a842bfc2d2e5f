import { cpus } from "node:os";
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
    commit: await readCommit(new URL("../.git/", import.meta.url)),
    options: { subgroupSize, ...options, ...Object.fromEntries(variables) },
    date: new Date().toISOString(),
  };
}

/** The commit that HEAD of a repository stands on, read from its files; null where they do not say. */
export async function readCommit(repository: URL): Promise<string | null> {
  const read = async (path: string) => {
    try {
      return await Deno.readTextFile(new URL(path, repository));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return "";
      throw error;
    }
  };
  const head = (await read("HEAD")).trim(), name = /^ref: (.+)$/.exec(head)?.[1];
  if (name === undefined) return head || null;
  const loose = (await read(name)).trim();
  if (loose) return loose;
  const packed = (await read("packed-refs")).split("\n").find((line) => line.endsWith(` ${name}`));
  return packed?.split(" ")[0] ?? null;
}

import { fileURLToPath } from "node:url";
import { LapidaryError } from "../../engine/mod.ts";
import type { TuneResult } from "../tune.ts";
import { type Width, WIDTH_VARIABLE } from "./vector_width.ts";

/** Runs `lapidary tune` in a process whose software driver computes at a width. @throws {LapidaryError} where it fails */
export async function tuneInProcess(bits: Width, seconds: number, signal: AbortSignal): Promise<TuneResult> {
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const flags = ["tune", "--json", "--seconds", String(Math.max(1, Math.floor(seconds)))];
  const { code, stdout } = await new Deno.Command("deno", {
    args: ["task", "--quiet", "--config", config, "lapidary", ...flags],
    env: { [WIDTH_VARIABLE]: String(bits) },
    stdout: "piped",
    stderr: "inherit",
    signal,
  }).output();
  signal.throwIfAborted();
  if (code !== 0) {
    throw new LapidaryError(`Cannot tune at ${bits} bits as \`lapidary tune\` ended with code ${code}`);
  }
  return JSON.parse(new TextDecoder().decode(stdout));
}

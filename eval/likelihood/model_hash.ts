import { createHash } from "node:crypto";
import { elementCount, type Engine, part } from "../../engine/mod.ts";
import type { Gemma3 } from "../../model/gemma3/mod.ts";

/** Elements that are read at a time. */
const PIECE = 2 ** 24;

/**
 * SHA-256 of what a model on the device computes with, its configuration and every weight, as 64 hexadecimal digits: a
 * model from a file, a pruned one and one in training are told apart alike.
 */
export async function hashModel(engine: Engine, { config, parameters }: Gemma3): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(config));
  for (const { tensor } of parameters.arenas) {
    const length = elementCount(tensor.shape);
    for (let start = 0; start < length; start += PIECE) {
      hash.update(await engine.read(part(tensor, { start, end: Math.min(length, start + PIECE) })));
    }
  }
  return hash.digest("hex");
}

import { createTensor, type Engine, type Tensor } from "../../engine/mod.ts";
import type { Gemma3Config, LayerType } from "../config/mod.ts";

/** Cosine and sine of every angle, [positions, head_dim / 2], for one kind of layer. */
export interface RopeTable {
  readonly cosine: Tensor;
  readonly sine: Tensor;
}

/** Full layers turn by the global base (linear scaling divides its frequencies), sliding ones by the local base. */
export type RopeTables = Readonly<Record<LayerType, RopeTable>>;

/** Declares the tables for positions 0 to `positions` - 1. */
export function createRopeTables(config: Gemma3Config, positions: number): RopeTables {
  const table = (kind: string): RopeTable => ({
    cosine: createTensor(`rope ${kind} cosine`, "parameter", [positions, config.headDim / 2]),
    sine: createTensor(`rope ${kind} sine`, "parameter", [positions, config.headDim / 2]),
  });
  return { full_attention: table("full"), sliding_attention: table("sliding") };
}

/**
 * Angles as transformers computes them, in float32: position · (1 / base^(2i / D)) / factor
 * (models/gemma3/modeling_gemma3.py, modeling_rope_utils.py).
 */
export function ropeAngles(base: number, factor: number, headDim: number, positions: number): Float32Array {
  const half = headDim / 2, angles = new Float32Array(positions * half);
  for (let i = 0; i < half; i++) {
    const frequency = Math.fround(
      Math.fround(1 / Math.fround(base ** Math.fround(2 * i / headDim))) / factor,
    );
    for (let position = 0; position < positions; position++) {
      angles[position * half + i] = position * frequency;
    }
  }
  return angles;
}

/** Fills the tables. */
export async function uploadRopeTables(
  engine: Engine,
  tables: RopeTables,
  config: Gemma3Config,
): Promise<void> {
  const bases: Record<LayerType, [number, number]> = {
    full_attention: [config.ropeTheta, config.ropeScalingFactor],
    sliding_attention: [config.ropeLocalBaseFreq, 1],
  };
  for (const [kind, [base, factor]] of Object.entries(bases) as [LayerType, [number, number]][]) {
    const { cosine, sine } = tables[kind];
    const angles = ropeAngles(base, factor, config.headDim, cosine.shape[0]!);
    await engine.write(cosine, angles.map(Math.cos));
    await engine.write(sine, angles.map(Math.sin));
  }
}

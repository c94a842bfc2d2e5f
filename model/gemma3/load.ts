import { createTensor, type Engine, type Tensor } from "../../engine/mod.ts";
import type { Gemma3Config } from "../config/mod.ts";
import type { Places } from "./attention.ts";
import type { Gemma3 } from "./forward.ts";
import { type HeldDtype, layOut, type ReadParameter, slotsOf, uploadParameters } from "./parameters.ts";
import { createRopeTables, uploadRopeTables } from "./rope_tables.ts";

/** How a model is put on the device. */
export interface LoadOptions {
  readonly label: string;
  /** Longest row that will be fed. */
  readonly positions: number;
  /** True for a student: gradients flow into its parameters. */
  readonly differentiable?: boolean;
  /** How its matrices are held; f32 where missing. */
  readonly held?: HeldDtype | undefined;
}

/** Puts a model on the device; `read` gives each parameter by its checkpoint name. */
export async function loadGemma3(
  engine: Engine,
  config: Gemma3Config,
  read: ReadParameter,
  options: LoadOptions,
): Promise<Gemma3> {
  const model = declareGemma3(config, options);
  await uploadParameters(engine, model.parameters, read);
  await uploadRopeTables(engine, model.rope, config);
  return model;
}

/** A model without values: enough to record Programs and plan their memory. */
export function declareGemma3(
  config: Gemma3Config,
  { label, positions, differentiable = false, held = "f32" }: LoadOptions,
): Gemma3 {
  return {
    config,
    parameters: layOut(config, label, "parameter", differentiable, held),
    rope: createRopeTables(config, positions),
  };
}

/** Gives the memory of a model back. */
export function releaseGemma3(engine: Engine, { parameters, rope }: Gemma3): void {
  const tables = Object.values(rope).flatMap(({ cosine, sine }) => [cosine.slot, sine.slot]);
  engine.release([...slotsOf(parameters), ...tables]);
}

/** Inputs of a forward pass over B rows of T tokens. */
export interface BatchInputs extends Places {
  /** u32 [B, T] */
  readonly ids: Tensor;
}

/** Declares the inputs of a batch. */
export function declareBatch(B: number, T: number): BatchInputs {
  return {
    ids: createTensor("ids", "input", [B, T], "u32"),
    positions: createTensor("positions", "input", [T], "u32"),
    spans: createTensor("spans", "input", [B, 3], "u32"),
  };
}

/** End of keys where there is no right padding to hide. */
export const NO_END = 0xffffffff;

/**
 * Uploads the places of a batch that starts at position 0.
 *
 * @param padding first token of each row (0 without left padding) and the position after its last; real tokens never see
 *   later keys, so the end matters only to who looks at the states of padding itself
 */
export async function uploadPlaces(
  engine: Engine,
  { positions, spans }: Places,
  padding?: { readonly first: ArrayLike<number>; readonly end: ArrayLike<number> },
): Promise<void> {
  await engine.write(positions, Uint32Array.from({ length: positions.shape[0]! }, (_, t) => t));
  await engine.write(
    spans,
    Uint32Array.from(
      Array.from(
        { length: spans.shape[0]! },
        (_, b) => [padding?.first[b] ?? 0, 0, padding?.end[b] ?? NO_END],
      ).flat(),
    ),
  );
}

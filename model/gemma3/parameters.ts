import {
  createTensor,
  elementBytes,
  elementCount,
  type Engine,
  type Role,
  roundUp,
  type Slot,
  type Tensor,
  toBf16,
} from "../../engine/mod.ts";
import { type Gemma3Config, modelTensors } from "../config/mod.ts";

/** Weights of one block; matrices [C_out, C_in] as stored, norms [C]. */
export interface BlockWeights {
  readonly inputNorm: Tensor;
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
  readonly qNorm: Tensor;
  readonly kNorm: Tensor;
  readonly o: Tensor;
  readonly postAttentionNorm: Tensor;
  readonly preFeedforwardNorm: Tensor;
  readonly gate: Tensor;
  readonly up: Tensor;
  readonly down: Tensor;
  readonly postFeedforwardNorm: Tensor;
}

/** All weights of a model, by place in the forward pass and by their name in a checkpoint. */
export interface Parameters {
  readonly embedding: Tensor;
  readonly blocks: readonly BlockWeights[];
  readonly norm: Tensor;
  /** Checkpoint name to tensor, in the order of the file. */
  readonly named: ReadonlyMap<string, Tensor>;
  /** The stretches of memory that hold them: matrices first, then norms. */
  readonly arenas: readonly Arena[];
}

/** How the matrices of a model are held on the device: bf16 is for models that nobody trains. */
export type HeldDtype = "f32" | "bf16";

/** Many parameters in one slot, so that the optimizer walks memory once instead of parameter by parameter. */
export interface Arena {
  readonly kind: "matrices" | "norms";
  /** The whole slot, flat; gaps between parameters are zero and stay zero. */
  readonly tensor: Tensor;
}

/** Bytes between starts of parameters: the alignment of bindings. */
const STEP = 256;
/** A buffer can hold 2 GiB at the least ambitious of adapters seen; half of it leaves room for any embedding. */
const ARENA_ELEMENTS = 2 ** 28;

/**
 * Lays the parameters of a model out in arenas. Nothing is allocated or uploaded yet.
 *
 * @param role `parameter`, or `state` for what mirrors parameters: gradients and moments
 * @param differentiable true for a student
 * @param matrices how matrices are held, the embedding among them; norms are always f32
 */
export function layOut(
  config: Gemma3Config,
  label: string,
  role: Role,
  differentiable: boolean,
  matrices: HeldDtype = "f32",
): Parameters {
  const named = new Map<string, Tensor>(), arenas: Arena[] = [];
  const specs = modelTensors(config);
  for (const kind of ["matrices", "norms"] as const) {
    const dtype = kind === "matrices" ? matrices : "f32", step = STEP / elementBytes(dtype);
    const wanted = specs.filter(({ shape }) => (shape.length > 1) === (kind === "matrices"));
    for (
      const group of grouped(
        wanted.map((spec) => ({ ...spec, length: roundUp(elementCount(spec.shape), step) })),
      )
    ) {
      const total = group.reduce((sum, { length }) => sum + length, 0);
      const tensor = createTensor(`${label} ${kind}`, role, [total], dtype);
      arenas.push({ kind, tensor });
      let offset = 0;
      for (const { name, shape, length } of group) {
        named.set(name, { slot: tensor.slot, offset, shape, dtype, differentiable });
        offset += length;
      }
    }
  }
  const ordered = new Map(specs.map(({ name }) => [name, named.get(name)!]));
  return { ...byPlace(config, ordered), named: ordered, arenas };
}

function grouped<T extends { length: number }>(items: readonly T[]): T[][] {
  const groups: T[][] = [];
  let room = 0;
  for (const item of items) {
    if (item.length > room) {
      groups.push([]);
      room = Math.max(ARENA_ELEMENTS, item.length);
    }
    groups.at(-1)!.push(item);
    room -= item.length;
  }
  return groups;
}

function byPlace(config: Gemma3Config, named: ReadonlyMap<string, Tensor>) {
  const blocks = Array.from({ length: config.numHiddenLayers }, (_, layer): BlockWeights => {
    const weight = (part: string) => named.get(`model.layers.${layer}.${part}.weight`)!;
    return {
      inputNorm: weight("input_layernorm"),
      q: weight("self_attn.q_proj"),
      k: weight("self_attn.k_proj"),
      v: weight("self_attn.v_proj"),
      qNorm: weight("self_attn.q_norm"),
      kNorm: weight("self_attn.k_norm"),
      o: weight("self_attn.o_proj"),
      postAttentionNorm: weight("post_attention_layernorm"),
      preFeedforwardNorm: weight("pre_feedforward_layernorm"),
      gate: weight("mlp.gate_proj"),
      up: weight("mlp.up_proj"),
      down: weight("mlp.down_proj"),
      postFeedforwardNorm: weight("post_feedforward_layernorm"),
    };
  });
  return {
    embedding: named.get("model.embed_tokens.weight")!,
    blocks,
    norm: named.get("model.norm.weight")!,
  };
}

/** Slots of a model's memory, to release when it is no longer needed. */
export function slotsOf(parameters: Parameters): Slot[] {
  return parameters.arenas.map(({ tensor }) => tensor.slot);
}

/** Where the values of a parameter come from: a checkpoint, or another model on the device. */
export type ReadParameter = (name: string) => Promise<Float32Array>;

/** Uploads every parameter, one at a time; values are rounded where bf16 does not hold them. */
export async function uploadParameters(
  engine: Engine,
  parameters: Parameters,
  read: ReadParameter,
): Promise<void> {
  for (const [name, tensor] of parameters.named) {
    const values = await read(name);
    await engine.write(tensor, tensor.dtype === "bf16" ? toBf16(values) : values);
  }
}

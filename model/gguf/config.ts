import { DataError } from "../../engine/mod.ts";
import { type Gemma3Config, parseConfig } from "../config/mod.ts";
import type { GgufMetadata, GgufValue } from "./metadata.ts";

/** The 62-layer model alone scales attention by hidden / heads and not by the head's width (llama.cpp, gemma3). */
export const LAYERS_OF_27B = 62;

/**
 * The configuration that GGUF metadata describes. What a file does not say is Gemma 3's: every 6th layer full, local
 * rotary base 10,000, heads of 256, tied head. `attention.sliding_window_pattern` is a number (every such layer is full)
 * or a list with a truth value a layer (whether it slides).
 *
 * @param vocabSize Rows of the embedding.
 * @throws {DataError} for another architecture, a missing size or a value that cannot be used.
 */
export function configFromMetadata(metadata: GgufMetadata, vocabSize: number, path: string): Gemma3Config {
  const architecture = metadata.get("general.architecture");
  if (architecture !== "gemma3") {
    throw new DataError(
      `Cannot use ${path}: general.architecture is ${
        JSON.stringify(architecture) ?? "missing"
      } and only "gemma3" is ` +
        `supported; give a Gemma 3 text model`,
      { path },
    );
  }
  const of = (key: string) => metadata.get(`gemma3.${key}`);
  const hidden = of("embedding_length");
  const heads = of("attention.head_count");
  const layers = of("block_count");
  const headDim = of("attention.key_length") ?? 256;
  if ((of("attention.value_length") ?? headDim) !== headDim) {
    throw new DataError(
      `Cannot use ${path}: its key heads have ${headDim} values and its value heads ${
        of("attention.value_length")
      }, ` +
        `and only equal ones are supported; give a Gemma 3 text model`,
      { path },
    );
  }
  const json: Record<string, unknown> = {
    architectures: ["Gemma3ForCausalLM"],
    model_type: "gemma3_text",
    vocab_size: vocabSize,
    hidden_size: hidden,
    intermediate_size: of("feed_forward_length"),
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: of("attention.head_count_kv") ?? heads,
    head_dim: headDim,
    query_pre_attn_scalar: layers === LAYERS_OF_27B ? Number(hidden) / Number(heads) : headDim,
    sliding_window: of("attention.sliding_window"),
    ...layerTypes(of("attention.sliding_window_pattern")),
    rms_norm_eps: decimal(of("attention.layer_norm_rms_epsilon")),
    max_position_embeddings: of("context_length"),
    rope_theta: decimal(of("rope.freq_base")),
    rope_local_base_freq: decimal(of("rope.freq_base_swa")),
    rope_scaling: ropeScaling(of("rope.scaling.type"), decimal(of("rope.scaling.factor"))),
    attn_logit_softcapping: decimal(of("attn_logit_softcapping")),
    final_logit_softcapping: decimal(of("final_logit_softcapping")),
    bos_token_id: metadata.get("tokenizer.ggml.bos_token_id"),
    eos_token_id: metadata.get("tokenizer.ggml.eos_token_id"),
    pad_token_id: metadata.get("tokenizer.ggml.padding_token_id"),
    dtype: "float32",
  };
  return parseConfig(
    Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined)),
    path,
  );
}

/** What cannot be used of it is refused with the rest of the configuration. */
function layerTypes(pattern: GgufValue | undefined): Record<string, unknown> {
  if (pattern === undefined || typeof pattern === "number") return { _sliding_window_pattern: pattern };
  if (!ArrayBuffer.isView(pattern)) return { layer_types: pattern };
  return {
    layer_types: Array.from<unknown>(pattern).map((slides) =>
      slides ? "sliding_attention" : "full_attention"
    ),
  };
}

function ropeScaling(type: unknown, factor: unknown): Record<string, unknown> | undefined {
  return type === undefined || type === "none" ? undefined : { rope_type: type, factor };
}

/** GGUF keeps settings as float32: 1e-6 comes as 9.999999974752427e-7. The shortest decimal of that float32 is meant. */
function decimal(value: unknown): unknown {
  if (typeof value !== "number" || !Number.isFinite(value)) return value;
  for (let digits = 1; digits < 17; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === Math.fround(value)) return rounded;
  }
  return value;
}

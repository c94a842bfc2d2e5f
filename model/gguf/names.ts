/** GGUF's names of a block's parts, and those of `transformers`. */
const BLOCK_PARTS: ReadonlyMap<string, string> = new Map([
  ["attn_norm", "input_layernorm"],
  ["attn_q", "self_attn.q_proj"],
  ["attn_k", "self_attn.k_proj"],
  ["attn_v", "self_attn.v_proj"],
  ["attn_output", "self_attn.o_proj"],
  ["attn_q_norm", "self_attn.q_norm"],
  ["attn_k_norm", "self_attn.k_norm"],
  ["post_attention_norm", "post_attention_layernorm"],
  ["ffn_norm", "pre_feedforward_layernorm"],
  ["ffn_gate", "mlp.gate_proj"],
  ["ffn_up", "mlp.up_proj"],
  ["ffn_down", "mlp.down_proj"],
  ["post_ffw_norm", "post_feedforward_layernorm"],
]);

const OUTSIDE_BLOCKS: ReadonlyMap<string, string> = new Map([
  ["token_embd.weight", "model.embed_tokens.weight"],
  ["output_norm.weight", "model.norm.weight"],
  ["output.weight", "lm_head.weight"],
]);

/**
 * The `transformers` name of a Gemma 3 tensor; a name that is none of its tensors stays as it is.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { transformersName } from "./names.ts";
 *
 * assert.equal(transformersName("blk.3.ffn_norm.weight"), "model.layers.3.pre_feedforward_layernorm.weight");
 * ```
 */
export function transformersName(name: string): string {
  const [, layer, part] = /^blk\.(\d+)\.(\w+)\.weight$/.exec(name) ?? [];
  const mapped = part === undefined ? undefined : BLOCK_PARTS.get(part);
  if (mapped !== undefined) return `model.layers.${layer}.${mapped}.weight`;
  return OUTSIDE_BLOCKS.get(name) ?? name;
}

/**
 * The GGUF name of a Gemma 3 tensor: the reverse of {@linkcode transformersName}.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ggufName } from "./names.ts";
 *
 * assert.equal(ggufName("model.layers.3.pre_feedforward_layernorm.weight"), "blk.3.ffn_norm.weight");
 * assert.equal(ggufName("model.norm.weight"), "output_norm.weight");
 * ```
 */
export function ggufName(name: string): string {
  const [, layer, part] = /^model\.layers\.(\d+)\.(.+)\.weight$/.exec(name) ?? [];
  const [from, to] = part === undefined ? [OUTSIDE_BLOCKS, name] : [BLOCK_PARTS, part];
  const [found] = [...from].find(([, own]) => own === to)!;
  return part === undefined ? found : `blk.${layer}.${found}.weight`;
}

/** Gemma's norm weights are stored as 1 + w in GGUF and as w in `transformers`. */
export function isNorm(transformersName: string): boolean {
  return /norm\.weight$/.test(transformersName);
}

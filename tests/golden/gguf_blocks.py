"""Golden values of GGUF dequantisation, by the PyPI package gguf.

    pip install gguf==0.19.0 numpy==2.4.6 safetensors==0.8.0
    python tests/golden/gguf_blocks.py

Writes into tests/golden/data/gguf/
  blocks.gguf                   four rows of random blocks of every storage type, random scales (negative, zero, subnormal)
  blocks_expected.safetensors   the same, dequantised to float32
  model.gguf                    a tiny Gemma 3 model, quantised in the mixture that published files have
  model_expected.json           sha256 of each tensor's float32 bytes, in transformers' names, norms minus 1
"""

import hashlib
import json
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType as T
from gguf import GGUFWriter
from gguf.constants import GGML_QUANT_SIZES
from gguf.quants import dequantize, quantize
from safetensors.numpy import save_file

OUT = Path(__file__).parent / "data" / "gguf"
# Byte offsets of the half-precision scales in one block.
SCALES = {
    T.Q4_0: [0], T.Q4_1: [0, 2], T.Q5_0: [0], T.Q5_1: [0, 2], T.Q8_0: [0],
    T.Q4_K: [0, 2], T.Q5_K: [0, 2], T.Q6_K: [208],
}
PLAIN = [T.F32, T.F16, T.BF16]


def settings(writer, hidden, layers, inner, heads, width):
    writer.add_context_length(512)
    writer.add_embedding_length(hidden)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(1)
    writer.add_key_length(width)
    writer.add_value_length(width)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1000000.0)
    writer.add_sliding_window(16)
    writer.add_token_list(["<pad>", "<eos>", "<bos>"])
    writer.add_bos_token_id(2)
    writer.add_eos_token_id(1)
    writer.add_pad_token_id(0)


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def random_blocks(rng, kind, rows=4, columns=256):
    if kind == T.F32:
        return rng.standard_normal((rows, columns)).astype(np.float32)
    if kind == T.F16:
        return rng.standard_normal((rows, columns)).astype(np.float16)
    if kind == T.BF16:
        return quantize(rng.standard_normal((rows, columns)).astype(np.float32), T.BF16)
    block, size = GGML_QUANT_SIZES[kind]
    data = rng.integers(0, 256, (rows * columns // block, size), dtype=np.uint8)
    for offset in SCALES[kind]:
        scale = (rng.standard_normal(len(data)) * 10.0 ** rng.integers(-7, 3, len(data))).astype(np.float16)
        scale[:2] = [0.0, 6e-8]  # zero, and the smallest subnormal
        data[:, offset:offset + 2] = scale.view(np.uint8).reshape(-1, 2)
    return data.reshape(rows, -1)


def blocks(rng):
    writer = GGUFWriter(OUT / "blocks.gguf", "gemma3")
    settings(writer, 256, 1, 32, 2, 32)
    expected = {}
    writer.add_tensor("token_embd.weight", np.zeros((3, 256), np.float32))
    for kind in [*PLAIN, *SCALES]:
        data = random_blocks(rng, kind)
        writer.add_tensor(kind.name, data, raw_dtype=kind)
        expected[kind.name] = dequantize(data, kind).astype(np.float32).reshape(4, 256)
    finish(writer)
    save_file(expected, OUT / "blocks_expected.safetensors")


def model(rng):
    hidden, inner, heads, width, vocab = 256, 32, 2, 32, 40
    writer = GGUFWriter(OUT / "model.gguf", "gemma3")
    settings(writer, hidden, 1, inner, heads, width)
    query = heads * width
    spec = {
        "token_embd": ("model.embed_tokens", (vocab, hidden), T.Q8_0),
        "output_norm": ("model.norm", (hidden,), T.F32),
        "blk.0.attn_norm": ("model.layers.0.input_layernorm", (hidden,), T.F32),
        "blk.0.attn_q": ("model.layers.0.self_attn.q_proj", (query, hidden), T.Q5_0),
        "blk.0.attn_k": ("model.layers.0.self_attn.k_proj", (width, hidden), T.Q5_1),
        "blk.0.attn_v": ("model.layers.0.self_attn.v_proj", (width, hidden), T.Q8_0),
        "blk.0.attn_output": ("model.layers.0.self_attn.o_proj", (hidden, query), T.Q4_0),
        "blk.0.attn_q_norm": ("model.layers.0.self_attn.q_norm", (width,), T.F32),
        "blk.0.attn_k_norm": ("model.layers.0.self_attn.k_norm", (width,), T.F32),
        "blk.0.post_attention_norm": ("model.layers.0.post_attention_layernorm", (hidden,), T.F32),
        "blk.0.ffn_norm": ("model.layers.0.pre_feedforward_layernorm", (hidden,), T.F32),
        "blk.0.ffn_gate": ("model.layers.0.mlp.gate_proj", (inner, hidden), T.Q4_1),
        "blk.0.ffn_up": ("model.layers.0.mlp.up_proj", (inner, hidden), T.F16),
        "blk.0.ffn_down": ("model.layers.0.mlp.down_proj", (hidden, inner), T.BF16),
        "blk.0.post_ffw_norm": ("model.layers.0.post_feedforward_layernorm", (hidden,), T.F32),
    }
    expected = {}
    for name, (ours, shape, kind) in spec.items():
        values = (rng.standard_normal(shape) * 0.05 + ("norm" in name)).astype(np.float32)
        data = quantize(values, kind)
        writer.add_tensor(name + ".weight", data, raw_dtype=kind)
        result = dequantize(data, kind).astype(np.float32).reshape(shape)
        if "norm" in name:
            result = result - np.float32(1)
        expected[ours + ".weight"] = hashlib.sha256(result.tobytes()).hexdigest()
    finish(writer)
    (OUT / "model_expected.json").write_text(json.dumps(expected, indent=2) + "\n")


OUT.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(3)
blocks(rng)
model(rng)

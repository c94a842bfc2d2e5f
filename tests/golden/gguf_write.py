"""Golden bytes of GGUF writing, by the PyPI package gguf.

    pip install gguf==0.19.0 numpy==2.4.6
    python tests/golden/gguf_write.py

Writes into tests/golden/data/gguf/
  written.gguf            a file of every kind of metadata and of four tensors, one in each type that Lapidary writes
  written.json            the float32 values of these tensors, as base64
  quantized.json          128 blocks of 32 values (all scales, halves, zeros) as base64, and as Q8_0 and BF16
"""

import base64
import json
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType as T
from gguf import GGUFWriter
from gguf.quants import quantize

OUT = Path(__file__).parent / "data" / "gguf"


def text(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def written(rng):
    writer = GGUFWriter(OUT / "written.gguf", "gemma3")
    writer.add_uint32("gemma3.block_count", 14)
    writer.add_float32("gemma3.attention.layer_norm_rms_epsilon", 1e-6)
    writer.add_bool("tokenizer.ggml.add_bos_token", True)
    writer.add_string("general.name", "žal 日本 🙂")
    writer.add_array("tokenizer.ggml.tokens", ["<pad>", "▁", "", "🙂"])
    writer.add_array("gemma3.attention.sliding_window_pattern", [True, False, True])
    writer.add_key_value("tokenizer.ggml.scores", [0.0, -1.5, -1000.0], *array_of("FLOAT32"))
    writer.add_key_value("tokenizer.ggml.token_type", [3, 1, 6, -1], *array_of("INT32"))
    values = {}
    for kind in [T.F32, T.F16, T.BF16, T.Q8_0]:
        shape = (3, 32) if kind == T.Q8_0 else (3, 5)
        array = rng.standard_normal(shape).astype(np.float32)
        values[kind.name] = {"shape": shape, "values": text(array)}
        writer.add_tensor(kind.name, quantize(array, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    (OUT / "written.json").write_text(json.dumps(values, indent=1) + "\n")


def array_of(kind):
    from gguf import GGUFValueType as V
    return V.ARRAY, V[kind]


def quantized(rng):
    scale = 10.0 ** rng.integers(-12, 6, (128, 1))
    values = (rng.standard_normal((128, 32)) * scale).astype(np.float32)
    values[0] = 0
    values[1, 1:] = 0
    values[2] = np.arange(32, dtype=np.float32) - 16.5  # halves, once the largest is 127
    values[2, 0] = 127
    values[3] = -values[2]
    values[4] = np.float32(1e-30)  # the scale is 0 in half precision
    result = {"by": "gguf 0.19.0", "values": text(values)}
    for kind in [T.Q8_0, T.BF16]:
        result[kind.name] = text(quantize(values, kind))
    (OUT / "quantized.json").write_text(json.dumps(result, indent=1) + "\n")


rng = np.random.default_rng(11)
written(rng)
quantized(rng)

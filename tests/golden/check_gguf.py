"""By hand: an exported GGUF file as the PyPI package gguf reads it, against the safetensors it was made from.

    python tests/golden/check_gguf.py FILE.gguf MODEL_DIRECTORY

Matrices are compared bit for bit with what the package makes of the directory's values in the file's own type, norms with
1 + w in float32.
"""

import re
import sys
from pathlib import Path

import numpy as np
import torch
from gguf import GGMLQuantizationType as T
from gguf import GGUFReader
from gguf.quants import quantize
from gguf.tensor_mapping import get_tensor_name_map
from gguf.constants import MODEL_ARCH
from safetensors import safe_open

file, directory = sys.argv[1], Path(sys.argv[2])
reader = GGUFReader(file)
weights = safe_open(directory / "model.safetensors", "pt")
blocks = int(reader.fields["gemma3.block_count"].contents())
names = get_tensor_name_map(MODEL_ARCH.GEMMA3, blocks)
found = {tensor.name: tensor for tensor in reader.tensors}
types = {}
for name in weights.keys():
    values = weights.get_tensor(name).to(torch.float32).numpy()
    tensor = found.pop(names.get_name(name, (".weight",)) )
    assert list(tensor.shape)[::-1] == list(values.shape), name
    expected = values + np.float32(1) if re.search(r"norm\.weight$", name) else values
    expected = quantize(expected, tensor.tensor_type)
    assert np.array_equal(np.ascontiguousarray(tensor.data).view(np.uint8).ravel(), expected.view(np.uint8).ravel()), name
    types[tensor.tensor_type.name] = types.get(tensor.tensor_type.name, 0) + 1
assert not found, sorted(found)
print(f"{file}: {len(weights.keys())} tensors equal bit for bit: {types}; tokens {len(reader.fields['tokenizer.ggml.tokens'].contents())}")

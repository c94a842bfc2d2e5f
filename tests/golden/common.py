"""What all golden scripts share: folders, the tiny models, and how results are written."""

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, Gemma3ForCausalLM
from transformers.utils import logging

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
PACKAGES = ("torch", "transformers", "safetensors", "optipfair")

# The blocks that pruning removes from each tiny model.
DROPPED = {"tiny_micro": [1], "tiny_a": [1], "tiny_b": [2, 0], "tiny_c": [3, 1], "tiny_d": [2, 3]}
MODELS = list(DROPPED)

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
logging.set_verbosity_error()
logging.disable_progress_bar()


def golden_folder(name: str) -> Path:
    return DATA / f"{name}_golden"


def load(name: str, attention: str = "sdpa") -> Gemma3ForCausalLM:
    """A tiny model with its weights widened to float32, as the engine computes."""
    model = AutoModelForCausalLM.from_pretrained(
        DATA / name, dtype=torch.float32, attn_implementation=attention
    )
    return model.eval()


def load_rows(name: str) -> list[list[int]]:
    lines = (golden_folder(name) / "rows.jsonl").read_text().splitlines()
    return [json.loads(line)["input_ids"] for line in lines]


def drop_blocks(model: Gemma3ForCausalLM, dropped: list[int]) -> Gemma3ForCausalLM:
    """Removes blocks in place; each survivor keeps its own layer type (and so its mask and rope base)."""
    config = model.config
    keep = [i for i in range(config.num_hidden_layers) if i not in dropped]
    model.model.layers = torch.nn.ModuleList(model.model.layers[i] for i in keep)
    config.layer_types = [config.layer_types[i] for i in keep]
    config.num_hidden_layers = len(keep)
    for index, layer in enumerate(model.model.layers):
        layer.self_attn.layer_idx = index
    return model


def provenance(command: str = "tests/golden/make.sh") -> dict[str, str]:
    script = Path(sys.argv[0]).resolve().relative_to(HERE.parents[1])
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return {"script": str(script), "packages": packages, "command": command}


def rounded(value):
    """Floats with 9 significant digits (enough for any float32), through lists and dictionaries."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    return value


def write_json(path: Path, content: dict, exact: bool = False, **how: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fields = {"provenance": provenance(**how), **(content if exact else rounded(content))}
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in fields.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def write_tensors(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # One metadata entry: several would be written in an order that changes from run to run.
    metadata = {"provenance": json.dumps(provenance())}
    save_file({key: t.detach().contiguous().clone() for key, t in tensors.items()}, path, metadata)


def summary(tensor: torch.Tensor) -> dict:
    """Norm, sum and the first three values of a tensor, for those too large to keep whole."""
    wide = tensor.detach().double().flatten()
    return {"norm": wide.norm().item(), "sum": wide.sum().item(), "first": wide[:3].tolist()}

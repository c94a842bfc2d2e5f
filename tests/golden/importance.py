"""Block importance by both definitions of optipfair and by Block Influence, on seven ragged rows."""

import os
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

from common import MODELS, golden_folder, load, load_rows, write_json

ROWS = 7
OLD = Path(os.environ.get("OPTIPFAIR_02", Path(sys.prefix) / "optipfair-0.2.4"))


def old_analyze():
    """`analyze_layer_importance` of optipfair 0.2.4, imported from its own folder."""
    sys.path.insert(0, str(OLD))
    from optipfair.pruning.depth import analyze_layer_importance

    assert str(OLD) in sys.modules["optipfair"].__file__
    sys.path.pop(0)
    for module in [key for key in sys.modules if key.split(".")[0] == "optipfair"]:
        del sys.modules[module]
    return analyze_layer_importance


def new_analyze():
    from optipfair.pruning.depth import analyze_layer_importance

    return analyze_layer_importance


def batches(rows: list[list[int]], size: int, side: str) -> list[dict[str, torch.Tensor]]:
    """Rows padded with 0 to the longest of their batch."""
    result = []
    for start in range(0, len(rows), size):
        chunk = rows[start : start + size]
        width = max(map(len, chunk))
        ids = torch.zeros(len(chunk), width, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for index, row in enumerate(chunk):
            place = slice(width - len(row), width) if side == "left" else slice(0, len(row))
            ids[index, place], mask[index, place] = torch.tensor(row), 1
        result.append({"input_ids": ids, "attention_mask": mask})
    return result


@torch.no_grad()
def block_influence(model, rows: list[list[int]]) -> list[float]:
    """1 - cos(input, output) of each block at each token, mean over all tokens of all rows."""
    count = model.config.num_hidden_layers
    total, tokens = [0.0] * count, sum(map(len, rows))
    for ids in rows:
        flows = {}
        hooks = [
            layer.register_forward_hook(
                lambda _m, inputs, output, i=i: flows.__setitem__(
                    i, (inputs[0][0], (output[0] if isinstance(output, tuple) else output)[0])
                ),
            )
            for i, layer in enumerate(model.model.layers)
        ]
        model(torch.tensor([ids]), use_cache=False)
        for hook in hooks:
            hook.remove()
        for i, (before, after) in flows.items():
            total[i] += (1 - F.cosine_similarity(before.double(), after.double(), dim=-1)).sum().item()
    return [value / tokens for value in total]


def ordered(scores: list[float]) -> dict:
    return {"scores": scores, "order": sorted(range(len(scores)), key=lambda i: scores[i])}


def main() -> None:
    methods = {"optipfair-0.2": old_analyze(), "optipfair-0.4": new_analyze()}
    for name in MODELS:
        model, rows = load(name), load_rows(name)[:ROWS]
        runs = []
        for method, analyze in methods.items():
            for side in ("left", "right"):
                for size in (1, 2, 3):
                    scores = analyze(model, batches(rows, size, side), show_progress=False)
                    values = [float(scores[i]) for i in range(len(scores))]
                    runs.append(
                        {"method": method, "padding_side": side, "batch_size": size} | ordered(values)
                    )
        runs.append({"method": "block-influence"} | ordered(block_influence(model, rows)))
        write_json(
            golden_folder(name) / "importance.json",
            {"rows": f"the first {ROWS} of rows.jsonl, in order", "runs": runs},
        )


if __name__ == "__main__":
    main()

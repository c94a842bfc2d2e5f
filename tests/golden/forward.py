"""Logits, hidden states, perplexity, and the same after pruning: one unpadded row at a time, float32."""

import math

import torch
import torch.nn.functional as F

from common import DROPPED, MODELS, drop_blocks, golden_folder, load, load_rows, write_json, write_tensors

DETAILED_ROWS = 3
STATES_ROW = 2  # the longest row


@torch.no_grad()
def run(model, ids: list[int]) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Logits [S, V] and the states [S, H] after the embedding, each block and the final norm."""
    states = []
    hooks = [
        module.register_forward_hook(
            lambda _module, _inputs, output: states.append(
                (output[0] if isinstance(output, tuple) else output)[0]
            )
        )
        for module in (model.model.embed_tokens, *model.model.layers, model.model.norm)
    ]
    logits = model(torch.tensor([ids]), use_cache=False).logits[0]
    for hook in hooks:
        hook.remove()
    return logits, states


@torch.no_grad()
def token_losses(model, ids: list[int]) -> list[float]:
    """Cross-entropy of each token given those before it: S - 1 values."""
    logits = model(torch.tensor([ids]), use_cache=False).logits[0]
    return F.cross_entropy(logits[:-1], torch.tensor(ids[1:]), reduction="none").tolist()


def perplexity(model, rows: list[list[int]]) -> dict:
    losses = [token_losses(model, ids) for ids in rows]
    count = sum(map(len, losses))
    mean = sum(map(sum, losses)) / count
    return {"perplexity": math.exp(mean), "cross_entropy": mean, "tokens": count, "token_losses": losses}


def main() -> None:
    for name in MODELS:
        rows = load_rows(name)
        model, eager = load(name), load(name, "eager")
        tensors, difference = {}, 0.0
        for index, ids in enumerate(rows[:DETAILED_ROWS]):
            logits, states = run(model, ids)
            difference = max(difference, (logits - run(eager, ids)[0]).abs().max().item())
            tensors[f"logits.{index}"] = logits
            if index == STATES_ROW:
                names = [*range(len(states) - 1), "norm"]
                tensors |= {f"hidden.{index}.{key}": state for key, state in zip(names, states)}
        assert difference < 2e-5, f"{name}: sdpa and eager attention differ by {difference}"

        teacher = perplexity(model, rows)
        drop_blocks(model, DROPPED[name])
        for index, ids in enumerate(rows[:DETAILED_ROWS]):
            tensors[f"pruned_logits.{index}"] = run(model, ids)[0]
        folder = golden_folder(name)
        write_tensors(folder / "forward.safetensors", tensors)
        write_json(
            folder / "forward.json",
            {
                "rows": f"logits: the first {DETAILED_ROWS} of rows.jsonl; hidden: row {STATES_ROW}; perplexity: all",
                "hidden": "hidden.ROW.0: scaled embedding; .i: output of the i-th block; .norm: of the final norm",
                "sdpa_eager_max_difference": difference,
                "perplexity": teacher,
                "dropped": DROPPED[name],
                "pruned_layer_types": model.config.layer_types,
                "pruned_perplexity": perplexity(model, rows),
            },
        )


if __name__ == "__main__":
    main()

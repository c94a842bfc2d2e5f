"""Gradients of the pruned model (student) under each loss, the whole model being its teacher.

Three ragged rows, each run alone and unpadded; sums over rows divided by the number of scored tokens of all rows.
"""

from functools import partial

import torch

from common import (
    DROPPED,
    MODELS,
    drop_blocks,
    golden_folder,
    load,
    load_rows,
    summary,
    write_json,
    write_tensors,
)
from reference_losses import DIVERGENCES, legacy_v1, legacy_v3, summed_losses

ROWS = 3
WHOLE = "tiny_micro"
LEGACY = {
    "legacy-v1 skew 0": partial(legacy_v1, skew=0.0),
    "legacy-v1 skew 0.4": partial(legacy_v1, skew=0.4),
    "legacy-v3 skew 0": partial(legacy_v3, skew=0.0),
    "legacy-v3 skew 0.4": partial(legacy_v3, skew=0.4),
}


def backward(student, teacher, rows, divergence, alpha, beta) -> dict:
    """Leaves the gradient of alpha CE + beta KD in the student; returns the mean losses."""
    student.zero_grad()
    tokens = sum(len(ids) - 1 for ids in rows)
    totals = {"cross_entropy": 0.0, "divergence": 0.0}
    for ids in rows:
        inputs = torch.tensor([ids])
        with torch.no_grad():
            teacher_logits = teacher(inputs, use_cache=False).logits[0]
        logits = student(inputs, use_cache=False).logits[0]
        cross_entropy, kd = summed_losses(logits, teacher_logits, ids, divergence)
        ((alpha * cross_entropy + beta * kd) / tokens).backward()
        totals["cross_entropy"] += cross_entropy.item() / tokens
        totals["divergence"] += kd.item() / tokens
    return totals | {"total": alpha * totals["cross_entropy"] + beta * totals["divergence"], "tokens": tokens}


def gradient_norm(student) -> float:
    return torch.stack([p.grad.double().norm() for p in student.parameters()]).norm().item()


def main() -> None:
    for name in MODELS:
        teacher, student = load(name), drop_blocks(load(name), DROPPED[name])
        rows = load_rows(name)[:ROWS]
        runs = {"cross_entropy": (DIVERGENCES["forward_kl"], 1.0, 0.0)}
        runs |= {kind: (divergence, 0.5, 0.5) for kind, divergence in DIVERGENCES.items()}
        results, whole = {}, {}
        for kind, (divergence, alpha, beta) in runs.items():
            losses = backward(student, teacher, rows, divergence, alpha, beta)
            gradients = {key: p.grad for key, p in student.named_parameters()}
            results[kind] = {
                "alpha": alpha,
                "beta": beta,
                "losses": losses if beta else {k: losses[k] for k in ("cross_entropy", "total", "tokens")},
                "norm": gradient_norm(student),
                "parameters": {key: summary(gradient) for key, gradient in gradients.items()},
            }
            if name == WHOLE:
                whole |= {f"{kind}.{key}": gradient.clone() for key, gradient in gradients.items()}
        legacy = {}
        for kind, divergence in LEGACY.items():
            losses = backward(student, teacher, rows, divergence, 0.0, 1.0)
            legacy[kind] = {"value": losses["divergence"], "gradient_norm": gradient_norm(student)}
        folder = golden_folder(name)
        write_json(
            folder / "gradients.json",
            {
                "student": f"blocks {DROPPED[name]} removed, teacher whole; parameters named as in the student",
                "settings": {
                    "temperature": 2.0,
                    "t_squared": True,
                    "skew": 0.1,
                    "jsd_beta": 0.5,
                    "rows": ROWS,
                },
                **results,
                "legacy": legacy,
            },
        )
        if whole:
            write_tensors(folder / "gradients.safetensors", whole)


if __name__ == "__main__":
    main()

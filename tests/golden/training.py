"""Three AdamW steps of the pruned model: two micro-batches of two rows a step, .5 CE + .5 forward KL (T = 2)."""

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
from reference_losses import forward_kl, summed_losses

STEPS, MICRO_BATCHES, MICRO_ROWS = 3, 2, 2
ALPHA, BETA = 0.5, 0.5
SETTINGS = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01}
WHOLE = "tiny_micro"
# name: (largest gradient norm, whether each micro-batch is divided by its own token count)
VARIANTS = {
    "default": (1.0, False),
    "tight_clip": (0.05, False),
    "loose_clip": (1e3, False),
    "replay": (1.0, True),
}


def row_losses(student, teacher, ids):
    inputs = torch.tensor([ids])
    with torch.no_grad():
        teacher_logits = teacher(inputs, use_cache=False).logits[0]
    return summed_losses(student(inputs, use_cache=False).logits[0], teacher_logits, ids, forward_kl)


def take_step(student, teacher, optimizer, micro_batches, clip, per_micro_batch) -> dict:
    optimizer.zero_grad()
    counts = [sum(len(ids) - 1 for ids in rows) for rows in micro_batches]
    means = {"cross_entropy": 0.0, "forward_kl": 0.0}
    for rows, count in zip(micro_batches, counts):
        divisor = count * len(micro_batches) if per_micro_batch else sum(counts)
        for ids in rows:
            cross_entropy, kd = row_losses(student, teacher, ids)
            ((ALPHA * cross_entropy + BETA * kd) / divisor).backward()
            means["cross_entropy"] += cross_entropy.item() / divisor
            means["forward_kl"] += kd.item() / divisor
    norm = torch.nn.utils.clip_grad_norm_(student.parameters(), clip).item()
    optimizer.step()
    total = ALPHA * means["cross_entropy"] + BETA * means["forward_kl"]
    return means | {"total": total, "tokens": sum(counts), "gradient_norm": norm}


def main() -> None:
    for name in MODELS:
        teacher, rows = load(name), load_rows(name)
        results, whole = {}, {}
        for variant, (clip, per_micro_batch) in VARIANTS.items():
            student = drop_blocks(load(name), DROPPED[name])
            optimizer = torch.optim.AdamW(student.parameters(), **SETTINGS)
            steps = []
            for step in range(STEPS):
                start = step * MICRO_BATCHES * MICRO_ROWS
                micro_batches = [
                    rows[start + i * MICRO_ROWS : start + (i + 1) * MICRO_ROWS] for i in range(MICRO_BATCHES)
                ]
                losses = take_step(student, teacher, optimizer, micro_batches, clip, per_micro_batch)
                parameters = {key: p.detach() for key, p in student.named_parameters()}
                kept = {key: summary(p) for key, p in parameters.items()} if variant == "default" else {}
                last = step == STEPS - 1
                if name == WHOLE and (variant == "default" or (variant == "tight_clip" and last)):
                    whole |= {f"{variant}.{step}.{key}": p.clone() for key, p in parameters.items()}
                squares = sum(p.double().square().sum().item() for p in parameters.values())
                steps.append(
                    losses | {"parameter_norm": squares**0.5} | ({"parameters": kept} if kept else {})
                )
            if variant != "default":
                steps[-1]["sums"] = {key: p.double().sum().item() for key, p in parameters.items()}
            results[variant] = {"clip": clip, "mean_per_micro_batch": per_micro_batch, "steps": steps}
        folder = golden_folder(name)
        write_json(
            folder / "training.json",
            {
                "rows": "all 12 of rows.jsonl in order: 3 steps x 2 micro-batches x 2 rows",
                "settings": SETTINGS | {"alpha": ALPHA, "beta": BETA, "temperature": 2.0},
                "dropped": DROPPED[name],
                **results,
            },
        )
        if whole:
            write_tensors(folder / "training.safetensors", whole)


if __name__ == "__main__":
    main()

"""A trainer of Gemma 3 in PyTorch and transformers, on the processor, that takes a step for each line it is sent.

    python bench/peers/training/pytorch_step.py SPEC.json

Started by `bench peers --pytorch python`. SPEC.json names the model directories and the settings. Each line of standard
input is a batch, {"ids": [[..]], "targets": [[..]]}; each is answered with a line of what the step measured.
"""

import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import torch.nn.functional as F
from transformers import Gemma3ForCausalLM
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()


def load(directory: str) -> Gemma3ForCausalLM:
    return Gemma3ForCausalLM.from_pretrained(directory, dtype=torch.float32, attn_implementation="sdpa").eval()


def losses(student, teacher, ids, targets, spec) -> tuple[torch.Tensor, torch.Tensor]:
    """Sums over positions of cross-entropy and of forward KL at temperature T, T^2 included."""
    temperature = spec["loss"]["temperature"]
    logits = student(ids, use_cache=False).logits.flatten(0, 1)
    cross_entropy = F.cross_entropy(logits, targets.flatten(), reduction="sum")
    if teacher is None:
        return cross_entropy, torch.zeros(())
    with torch.no_grad():
        expected = F.log_softmax(teacher(ids, use_cache=False).logits.flatten(0, 1) / temperature, -1)
    divergence = F.kl_div(F.log_softmax(logits / temperature, -1), expected, reduction="sum", log_target=True)
    return cross_entropy, divergence * temperature**2


def take_step(student, teacher, optimizer, ids, targets, spec) -> dict[str, float]:
    alpha = spec["loss"]["alpha"] if teacher is not None else 1.0
    beta, rows = spec["loss"]["beta"], spec["rows_at_once"]
    optimizer.zero_grad()
    means = {"crossEntropy": 0.0, "distillation": 0.0}
    for some_ids, some_targets in zip(ids.split(rows), targets.split(rows)):
        cross_entropy, divergence = losses(student, teacher, some_ids, some_targets, spec)
        ((alpha * cross_entropy + beta * divergence) / targets.numel()).backward()
        means["crossEntropy"] += cross_entropy.item() / targets.numel()
        means["distillation"] += divergence.item() / targets.numel()
    norm = torch.nn.utils.clip_grad_norm_(student.parameters(), spec["optimizer"]["clip"])
    optimizer.step()
    return means | {"gradientNorm": norm.item()}


def create_optimizer(student, spec) -> torch.optim.AdamW:
    settings, parameters = spec["optimizer"], list(student.parameters())
    decay = settings["weightDecay"]
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": decay["matrices"]},
        {"params": [p for p in parameters if p.ndim == 1], "weight_decay": decay["norms"]},
    ]
    return torch.optim.AdamW(groups, lr=spec["lr"], betas=settings["betas"], eps=settings["eps"], fused=True)


def main() -> None:
    spec = json.loads(Path(sys.argv[1]).read_text())
    torch.set_num_threads(os.cpu_count() or 1)
    student = load(spec["student"])
    teacher = load(spec["teacher"]) if spec["teacher"] else None
    optimizer = create_optimizer(student, spec)
    print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        batch = json.loads(line)
        ids, targets = torch.tensor(batch["ids"]), torch.tensor(batch["targets"])
        begin = time.perf_counter()
        outcome = take_step(student, teacher, optimizer, ids, targets, spec)
        print(json.dumps(outcome | {"milliseconds": 1000 * (time.perf_counter() - begin)}), flush=True)


if __name__ == "__main__":
    main()

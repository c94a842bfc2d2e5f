"""What golden.json's sums are when PyTorch computes in float64, which tells its rounding from ours.

    python tests/real/float64.py --gguf FILE.gguf --config DIR

Arguments and rows as in golden.py. Writes tests/real/float64.json: mean losses of teacher and pruned model, importance by
optipfair 0.2, losses and gradient norms of the first step (about 3 minutes on 2 cores, 14 GB of memory).
"""

import argparse
import json
import os
from pathlib import Path

from golden import ALPHA, BATCH_SIZE, BETA, DROPPED, HERE, STEP_ROWS, load_gguf

import torch
import torch.nn.functional as F

from common import drop_blocks, write_json
from forward import perplexity
from importance import batches, ordered
from reference_losses import forward_kl, summed_losses


@torch.no_grad()
def importance(model, rows: list[list[int]]) -> dict:
    """1 - cos(input, output) of each block over a whole padded sequence: mean over sequences, then over batches."""
    scores = [0.0] * len(model.model.layers)
    chunks = batches(rows, BATCH_SIZE, "left")

    def observe(index: int):
        def hook(_module, inputs, output):
            after = output[0] if isinstance(output, tuple) else output
            cosine = F.cosine_similarity(inputs[0].flatten(1), after.flatten(1), dim=1)
            scores[index] += (1 - cosine.mean().item()) / len(chunks)

        return hook

    hooks = [layer.register_forward_hook(observe(i)) for i, layer in enumerate(model.model.layers)]
    for batch in chunks:
        model(**batch, use_cache=False)
    for hook in hooks:
        hook.remove()
    return ordered(scores)


def first_step(teacher, student, rows: list[list[int]]) -> dict:
    tokens = sum(len(ids) - 1 for ids in rows)
    means = {"cross_entropy": 0.0, "forward_kl": 0.0}
    for ids in rows:
        inputs = torch.tensor([ids])
        with torch.no_grad():
            teacher_logits = teacher(inputs, use_cache=False).logits[0]
        logits = student(inputs, use_cache=False).logits[0]
        cross_entropy, kd = summed_losses(logits, teacher_logits, ids, forward_kl)
        ((ALPHA * cross_entropy + BETA * kd) / tokens).backward()
        means["cross_entropy"] += cross_entropy.item() / tokens
        means["forward_kl"] += kd.item() / tokens
    return means | {"gradients": {key: p.grad.norm().item() for key, p in student.named_parameters()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)
    golden = json.loads((HERE / "golden.json").read_text())
    rows, step_rows = golden["documents"], golden["training"]["rows"][:STEP_ROWS]

    teacher = load_gguf(arguments.gguf, arguments.config).double()
    student = drop_blocks(load_gguf(arguments.gguf, arguments.config), DROPPED).double()
    results = {
        "cross_entropy": perplexity(teacher, rows)["cross_entropy"],
        "pruned_cross_entropy": perplexity(student, rows)["cross_entropy"],
        "importance": importance(teacher, rows),
        "first_step": first_step(teacher, student, step_rows),
    }
    write_json(HERE / "float64.json", results, command="python tests/real/float64.py --gguf FILE.gguf --config DIR")


if __name__ == "__main__":
    main()

"""Trains a Pebble teacher in PyTorch, by hand: the recipe, starts and rows of `train/pretrain.ts`, other random weights.

    python tests/golden/pebble_teacher.py --seed 2 --steps 7000 --out DIR

So other seeds and depths can be looked at in less time than the engine takes in software. Prints the mean loss of every
250 steps.
"""

import argparse
import json
import shutil
import subprocess
import time
from pathlib import Path

import numpy
import torch
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

ROOT = Path(__file__).resolve().parents[2]
PEBBLE = ROOT / "train/data/pebble"


def read_recipe(seed: int, steps: int, shape: list[int]) -> tuple[dict, torch.Tensor]:
    """The recipe, and the rows as [steps, rows, length + 1]."""
    numbers = [str(number) for number in (seed, steps, *shape)]
    command = ["deno", "run", "--allow-read", "tests/train/pebble_recipe.ts", *numbers]
    header, _, rows = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout.partition(b"\n")
    recipe = json.loads(header)
    ids = numpy.frombuffer(rows, dtype="<u2").astype(numpy.int64)
    return recipe, torch.from_numpy(ids).view(steps, recipe["rows"], recipe["length"] + 1)


def start(recipe: dict) -> Gemma3ForCausalLM:
    model = Gemma3ForCausalLM._from_config(Gemma3TextConfig(**recipe["config"]), attn_implementation="sdpa")
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            start = recipe["starts"][name]
            if "value" in start:
                parameter.fill_(start["value"])
            else:
                parameter.normal_(0, start["deviation"])
    return model.float().train()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--shape", type=int, nargs=2, metavar=("BLOCKS", "MLP"), default=[], help="other than the shipped one")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    recipe, batches = read_recipe(arguments.seed, arguments.steps, arguments.shape)
    model = start(recipe)
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.dim() > 1], "weight_decay": recipe["weightDecay"]},
        {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=0.0, betas=tuple(recipe["betas"]), eps=recipe["eps"], fused=True)

    @torch.compile(dynamic=False)
    def loss_of(rows: torch.Tensor) -> torch.Tensor:
        logits = model(input_ids=rows[:, :-1], use_cache=False).logits
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())

    began, losses = time.time(), []
    for step, (rows, rate) in enumerate(zip(batches, recipe["rates"]), 1):
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        loss = loss_of(rows)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, recipe["clip"])
        optimizer.step()
        losses.append(loss.item())
        if step % 250 == 0 or step == arguments.steps:
            speed = step * rows[:, 1:].numel() / (time.time() - began)
            print(f"{step} loss {sum(losses) / len(losses):.4f} {speed:.0f} tokens/s", flush=True)
            losses = []

    model.to(torch.bfloat16).save_pretrained(arguments.out)
    for file in (PEBBLE / "files").iterdir():
        shutil.copy(file, arguments.out)


if __name__ == "__main__":
    main()

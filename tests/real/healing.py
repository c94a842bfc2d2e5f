"""How far the real pruned model heals in six AdamW steps of 2 x 512 tokens, in PyTorch.

    python tests/real/healing.py --gguf FILE.gguf --config DIR --text DIR

Arguments as in golden.py. Trains on the first 512 tokens of WikiText-2's first twelve articles in file order and
measures perplexity on the first 256 tokens of articles 48 to 55. Writes tests/real/healing.json (7 to 14 minutes on 2 cores).
"""

import argparse
import gzip
import os
import sys
import time
from pathlib import Path

from golden import ALPHA, BETA, CLIP, DROPPED, HERE, OPTIMIZER, articles_of, load_gguf

import torch
from transformers import AutoTokenizer

from common import drop_blocks, write_json
from forward import perplexity
from training import take_step

STEPS, ROWS, LENGTH = 6, 2, 512
HELD_OUT, HELD_OUT_LENGTH = range(48, 56), 256


def measured(model, rows: list[list[int]]) -> dict:
    result = perplexity(model, rows)
    return {key: result[key] for key in ("perplexity", "cross_entropy", "tokens")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--text", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)

    tokenizer = AutoTokenizer.from_pretrained(arguments.config)
    wiki = gzip.decompress((arguments.text / "wikitext2_valid.txt.gz").read_bytes()).decode()
    articles = articles_of(wiki)
    rows = [tokenizer(text)["input_ids"][:LENGTH] for text in articles[: STEPS * ROWS]]
    held_out = [tokenizer(articles[i])["input_ids"][:HELD_OUT_LENGTH] for i in HELD_OUT]

    teacher = load_gguf(arguments.gguf, arguments.config)
    student = drop_blocks(load_gguf(arguments.gguf, arguments.config), DROPPED)
    results = {"teacher": measured(teacher, held_out), "pruned": measured(student, held_out)}
    optimizer = torch.optim.AdamW(student.parameters(), **OPTIMIZER)
    steps = []
    for step in range(STEPS):
        begin = time.monotonic()
        chosen = rows[step * ROWS : (step + 1) * ROWS]
        steps.append(take_step(student, teacher, optimizer, [chosen], CLIP, per_micro_batch=False))
        print(f"step {step}: {steps[-1]}, {time.monotonic() - begin:.0f} s", file=sys.stderr)
    settings = OPTIMIZER | {"alpha": ALPHA, "beta": BETA, "temperature": 2.0, "clip": CLIP, "dropped": DROPPED}
    write_json(
        HERE / "healing.json",
        {"settings": settings, "steps": steps, **results, "student": measured(student, held_out)}
        | {"rows": rows, "held_out": held_out},
        command="python tests/real/healing.py --gguf FILE.gguf --config DIR --text DIR",
    )


if __name__ == "__main__":
    main()

"""Loads a model directory in transformers and compares its logits with given ones.

    python tests/golden/check_student.py DIR ROWS.jsonl LOGITS.safetensors [--tolerance 1e-3]

ROWS.jsonl has {"input_ids": [...]} on each line; LOGITS.safetensors has `logits.0`, `logits.1`, ... of shape
[tokens, vocabulary], one for each line. Weights are widened to float32. Prints the largest absolute difference; exit
status 1 above the tolerance.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM
from transformers.utils import logging


@torch.no_grad()
def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, metavar="DIR")
    parser.add_argument("rows", type=Path, metavar="ROWS.jsonl")
    parser.add_argument("logits", type=Path, metavar="LOGITS.safetensors")
    parser.add_argument("--tolerance", type=float, default=1e-3)
    arguments = parser.parse_args()

    logging.disable_progress_bar()
    model, report = AutoModelForCausalLM.from_pretrained(
        arguments.model, dtype=torch.float32, local_files_only=True, output_loading_info=True
    )
    problems = {key: sorted(names) for key, names in report.items() if names}
    if problems:
        print(f"Not loaded cleanly: {problems}", file=sys.stderr)
        return 1
    rows = [json.loads(line)["input_ids"] for line in arguments.rows.read_text().splitlines() if line.strip()]
    given = load_file(arguments.logits)
    missing = [f"logits.{index}" for index in range(len(rows)) if f"logits.{index}" not in given]
    if missing:
        print(f"{arguments.logits} lacks {', '.join(missing)}", file=sys.stderr)
        return 1

    difference, largest, agree, tokens = 0.0, 0.0, 0, 0
    for index, ids in enumerate(rows):
        expected = model.eval()(torch.tensor([ids]), use_cache=False).logits[0]
        actual = given[f"logits.{index}"].float()
        difference = max(difference, (actual - expected).abs().max().item())
        largest = max(largest, expected.abs().max().item())
        agree += (actual.argmax(-1) == expected.argmax(-1)).sum().item()
        tokens += len(ids)
    parameters = sum(p.numel() for p in model.parameters())
    print(
        f"{parameters} parameters, {model.config.num_hidden_layers} blocks, {len(rows)} rows, {tokens} tokens"
    )
    print(f"largest absolute difference {difference:.3g} (largest logit {largest:.3g})")
    print(f"same best token at {agree} of {tokens} positions")
    return 0 if difference <= arguments.tolerance else 1


if __name__ == "__main__":
    sys.exit(main())

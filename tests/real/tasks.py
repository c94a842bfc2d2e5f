"""What lm-evaluation-harness makes of the five tasks with the dequantised Gemma 3 270M, whole and without four blocks.

    python tests/real/tasks.py --gguf FILE.gguf --config DIR --benchmarks DIR

Arguments as in golden.py; DIR of --benchmarks holds the 100 published rows of each task that tests/golden/harness.py reads. Writes
tests/real/tasks.json: numbers and hashes, no rows (about 20 minutes on 2 cores).
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from golden import DROPPED, HERE, load_gguf

import torch
from transformers import AutoTokenizer

from common import drop_blocks, write_json
from harness import TASKS, evaluate, facts, logged, published_rows, write_lines

COMMAND = "python tests/real/tasks.py --gguf FILE.gguf --config DIR --benchmarks DIR"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--benchmarks", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)
    tokenizer = AutoTokenizer.from_pretrained(arguments.config)
    teacher = load_gguf(arguments.gguf, arguments.config)
    results: dict = {"dropped": DROPPED}
    with tempfile.TemporaryDirectory() as folder:
        files = {
            task: write_lines(Path(folder) / f"{task}.jsonl", published_rows(arguments.benchmarks, task)) for task in TASKS
        }
        for name in ("teacher", "pruned"):
            begin = time.monotonic()
            model = teacher if name == "teacher" else drop_blocks(teacher, DROPPED)
            measured = evaluate(model, tokenizer, files)
            results[name] = facts(measured, logged(measured))
            print(f"{name}: {time.monotonic() - begin:.0f} s", file=sys.stderr)
            write_json(HERE / "tasks.json", results, exact=True, command=COMMAND)


if __name__ == "__main__":
    main()

"""Reads a model card with huggingface_hub and tells what the hub would take from it.

    python tests/golden/check_card.py run/student/README.md

Exit status 1 where the card has no front matter, a field of another kind than the hub's, or a model-index that
huggingface_hub cannot turn into results. The hub's own validation needs the network and is not asked.
"""

import argparse
import sys
from pathlib import Path

from huggingface_hub import ModelCard
from huggingface_hub.repocard import metadata_load
from huggingface_hub.repocard_data import eval_results_to_model_index, model_index_to_eval_results

RELATIONS = {"adapter", "finetune", "merge", "quantized"}
KINDS = {
    "license": str,
    "base_model": str,
    "base_model_relation": str,
    "language": list,
    "datasets": list,
    "library_name": str,
    "pipeline_tag": str,
    "tags": list,
    "model-index": list,
}


def problems(front: dict, card: ModelCard) -> list[str]:
    found = [f"unknown field {name}" for name in front if name not in KINDS]
    found += [
        f"{name} is a {type(front[name]).__name__}"
        for name, kind in KINDS.items()
        if name in front and not isinstance(front[name], kind)
    ]
    if front.get("base_model_relation", "finetune") not in RELATIONS:
        found.append(f"base_model_relation {front['base_model_relation']} is none of {sorted(RELATIONS)}")
    metrics = [
        metric
        for model in front["model-index"]
        for result in model["results"]
        for metric in result["metrics"]
    ]
    results = card.data.eval_results or []
    if len(results) != len(metrics):
        found.append(f"{len(metrics)} metrics, of which huggingface_hub reads {len(results)}")
    for result in results:
        if not isinstance(result.metric_value, (int, float)) or "n" not in (result.metric_args or {}):
            found.append(f"{result.dataset_type} {result.metric_type} has no number or no n: {result}")
    # What it reads, it must write as it was.
    name, read = model_index_to_eval_results(front["model-index"])
    again = model_index_to_eval_results(eval_results_to_model_index(name, read))
    if (name, read) != again:
        found.append("model-index changes when huggingface_hub writes it again")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("card", type=Path, metavar="README.md")
    path = parser.parse_args().card
    front = metadata_load(path)
    if not front:
        print(f"{path} has no front matter", file=sys.stderr)
        return 1
    card = ModelCard.load(path)
    for result in card.data.eval_results or []:
        print(f"{result.dataset_type:16} {result.metric_type:12} {result.metric_value!s:20} {result.metric_args}")
    found = problems(front, card)
    print("\n".join(found) if found else f"{', '.join(front)}: as the hub has them", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

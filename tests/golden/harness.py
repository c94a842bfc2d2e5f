"""lm-evaluation-harness's own five tasks on rows from files, and what is kept of them."""

import hashlib
import json
import os
import tempfile
from pathlib import Path

os.environ["HF_DATASETS_OFFLINE"] = "1"

from common import PACKAGES, rounded

import common
import lm_eval
import torch
from lm_eval.api.task import ConfigurableTask
from lm_eval.loggers.evaluation_tracker import EvaluationTracker
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager

common.PACKAGES = (*PACKAGES, "lm_eval", "tokenizers")
TASKS = ("arc_easy", "winogrande", "hellaswag", "lambada_openai", "piqa")


def write_lines(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def published_rows(folder: Path, task: str) -> list[dict]:
    """100 rows in the columns of the hub's dataset, whatever the columns of the file."""
    (path,) = [p for p in folder.glob(f"{task.removesuffix('_openai')}*_100.jsonl")]
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    if task == "arc_easy":
        return [
            {
                "question": row["query"].removeprefix("Question: "),
                "choices": {"text": row["choices"], "label": [*"ABCDE"][: len(row["choices"])]},
                "answerKey": "ABCDE"[row["gold"]],
            }
            for row in rows
        ]
    if task == "piqa":
        labels = (folder / "piqa_valid_100-labels.lst").read_text().split()
        return [{**row, "label": int(label)} for row, label in zip(rows, labels, strict=True)]
    return rows


class ScoredPositions(HFLM):
    """lm-evaluation-harness's Hugging Face model, spared the logits that it throws away: at a batch size of 1 it takes the last
    of those it is given."""

    def _loglikelihood_tokens(self, requests, **how):
        self.scored = {}
        for _, context, continuation in requests:
            fed = tuple((context + continuation)[-(self.max_length + 1) :][:-1])
            self.scored[fed] = max(self.scored.get(fed, 0), len(continuation))
        return super()._loglikelihood_tokens(requests, **how)

    @torch.no_grad()
    def _model_call(self, inps, **how):
        return self.model(inps, logits_to_keep=self.scored[tuple(inps[0].tolist())], **how).logits


def evaluate(model, tokenizer, files: dict[str, Path]) -> dict:
    """lm-evaluation-harness's own tasks, read from files in place of the hub."""
    manager, tasks = TaskManager(), []
    for task, path in files.items():
        config = manager._factory._load_full_config(manager.task_index[task], None)
        split = config.get("test_split") or config["validation_split"]
        config |= {"dataset_path": "json", "dataset_name": None, "dataset_kwargs": {"data_files": {split: str(path)}}}
        config |= {"training_split": None, "fewshot_split": None}
        if split != "validation":
            config["validation_split"] = None
        config.pop("tag", None)
        tasks.append(ConfigurableTask(config=config))
    lm = ScoredPositions(pretrained=model, tokenizer=tokenizer, batch_size=1, device="cpu")
    return lm_eval.simple_evaluate(lm, tasks=tasks, verbosity="ERROR")


def logged(results: dict) -> dict[str, list[dict]]:
    """The sample log as lm-evaluation-harness writes it, read back."""
    with tempfile.TemporaryDirectory() as folder:
        tracker = EvaluationTracker(output_path=folder)
        tracker.general_config_tracker.model_name_sanitized = "model"
        tracker.save_results_aggregated(results={}, samples=results["samples"])
        for task, samples in results["samples"].items():
            tracker.save_results_samples(task, samples)
        return {
            task: [json.loads(line) for line in next(Path(folder).glob(f"model/samples_{task}_*")).open()]
            for task in results["samples"]
        }


def digest(value) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def facts(results: dict, samples: dict[str, list[dict]]) -> dict:
    """Of each task: aggregates as they are, log-likelihoods and greedy flags by item, hashes of what was asked."""
    found = {}
    for task, lines in samples.items():
        answers = [[(float(ll), int(greedy == "True")) for ll, greedy in line["filtered_resps"]] for line in lines]
        metrics = [name for name in lines[0]["metrics"] if name != "perplexity"]
        found[task] = {
            "results": results["results"][task],
            "n_samples": results["n-samples"][task],
            "log_likelihoods": rounded([[ll for ll, _ in item] for item in answers]),
            "greedy": [[greedy for _, greedy in item] for item in answers],
            **{name: [int(line[name]) for line in lines] for name in metrics},
            "requests": [digest([[a["arg_0"], a["arg_1"]] for a in line["arguments"].values()]) for line in lines],
            "hashes": [digest([line[f"{part}_hash"] for part in ("doc", "prompt", "target")]) for line in lines],
        }
    return found

"""What lm-evaluation-harness makes of the five tasks with a small random model.

    python tests/golden/tasks.py [FOLDER OF BENCHMARKS]

Makes the model data/tiny_tasks (random weights of Gemma 3 for Pebble's tokenizer, 232 positions, so that long rows lose their
beginning) and two rows of lambada_openai whose last word it gives by itself. Then lm-evaluation-harness runs its own tasks
on the rows of task_rows/, whose samples are kept whole, and on 100 published rows of each task, of which only numbers and
hashes are kept: the rows stay in FOLDER (by default beside the repository; what is missing is left as it is).
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from common import DATA, HERE, write_json
from harness import TASKS, evaluate, facts, logged, published_rows, write_lines

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from transformers import AutoTokenizer, Gemma3ForCausalLM, Gemma3TextConfig

from tiny_models import randomise, sizes

BENCHMARKS = HERE.parents[2] / "shared/data/benchmarks"
MODEL, TOKENIZER = DATA / "tiny_tasks", HERE.parents[1] / "train/data/pebble/files"
SEED = 21
COMMAND = "python tests/golden/tasks.py"


def make_model() -> None:
    shutil.rmtree(MODEL, ignore_errors=True)
    types = ["sliding_attention", "full_attention", "sliding_attention"]
    spec = sizes(1024, 24, 40, 2, 1, 12, 16, 12, types) | {"max_position_embeddings": 232}
    model = Gemma3ForCausalLM(Gemma3TextConfig(**spec)).float()
    randomise(model, SEED)
    model.save_pretrained(MODEL)
    for file in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copyfile(TOKENIZER / file, MODEL / file)


@torch.no_grad()
def greedy_rows(model, tokenizer, prefixes: list[str], count: int) -> list[dict]:
    """Passages whose last word is what the model would write."""
    rows = []
    for prefix in prefixes:
        ids, word = tokenizer(prefix)["input_ids"], []
        for _ in range(8):
            word.append(model(torch.tensor([ids + word])).logits[0, -1].argmax().item())
            text = tokenizer.decode(word)
            is_word = text[:1] == " " and text[1:].isalpha()
            if is_word and tokenizer(prefix + text)["input_ids"] == ids + word:
                rows.append({"text": prefix + text})
                break
            if not is_word:
                break
        if len(rows) == count:
            return rows
    raise RuntimeError(f"only {len(rows)} of {count} words found in {len(prefixes)} texts")


def write_parquet(folder: Path, rows: list[dict]) -> None:
    """The rows of arc_easy in the hub's format, and a file whose second text is not UTF-8."""
    pq.write_table(pa.Table.from_pylist(rows), folder / "arc_easy.parquet", compression="zstd")
    texts = pa.array(["One word", "Two words"]).cast(pa.binary())
    broken = pa.array([texts[0].as_py(), texts[1].as_py() + b"\xff"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"text": broken}), folder / "not_utf8.parquet")


def main() -> None:
    benchmarks = Path(sys.argv[1]) if len(sys.argv) > 1 else BENCHMARKS
    make_model()
    model = Gemma3ForCausalLM.from_pretrained(MODEL, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    golden = DATA / "tiny_tasks_golden"
    golden.mkdir(exist_ok=True)
    files = {task: HERE / f"task_rows/{task}.jsonl" for task in TASKS}
    write_parquet(golden, [json.loads(line) for line in files["arc_easy"].open()])
    own = [json.loads(line) for line in files["lambada_openai"].open()]
    words = [row["text"].split(" ") for row in own]
    prefixes = [" ".join(text[:n]) for text in words for n in range(1, len(text))]
    files["lambada_openai"] = write_lines(golden / "lambada_openai.jsonl", own + greedy_rows(model, tokenizer, prefixes, 2))

    results = evaluate(model, tokenizer, files)
    samples = logged(results)
    keys = ("results", "group_subtasks", "versions", "n-shot", "higher_is_better", "n-samples")
    settings = ("task", "output_type", "num_fewshot", "metric_list")
    configs = {task: {key: config[key] for key in settings} for task, config in results["configs"].items()}
    kept = {key: results[key] for key in keys} | {"configs": configs, "samples": samples}
    write_json(golden / "own.json", kept, exact=True, command=COMMAND)
    if benchmarks.exists():
        with tempfile.TemporaryDirectory() as folder:
            files = {t: write_lines(Path(folder) / f"{t}.jsonl", published_rows(benchmarks, t)) for t in TASKS}
            results = evaluate(model, tokenizer, files)
            write_json(golden / "published.json", facts(results, logged(results)), exact=True, command=COMMAND)


if __name__ == "__main__":
    main()

"""What PyTorch computes on the dequantised Gemma 3 270M, for the tests of tests/real.

    python tests/real/golden.py --gguf FILE.gguf --config DIR (--text DIR | --save-model DIR)

DIR of --config holds config.json and tokenizer.json of google/gemma-3-270m; DIR of --text holds
wikitext2_valid.txt.gz and tinystories_sample.txt. Writes tests/real/golden.json; token ids are in it, so that
tests need neither. --save-model only writes the dequantised weights as a float32 model directory, for other Python tools.
"""

import argparse
import gzip
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "golden"))

import numpy as np
import torch
from gguf import GGUFReader, dequantize
from transformers import AutoTokenizer, Gemma3ForCausalLM, Gemma3TextConfig

from common import drop_blocks, write_json
from forward import perplexity
from generation import generate, smallest_margin
from importance import batches, block_influence, new_analyze, old_analyze, ordered
from reference_losses import forward_kl, summed_losses

HERE = Path(__file__).resolve().parent
DROPPED = [9, 8, 14, 16]
PROMPTS = (
    "The capital of France is",
    "Once upon a time there was a little girl who",
    "def fibonacci(n):\n    if n < 2:\n        return",
    "Water boils at 100 degrees; ice melts at",
)
DOCUMENT_LENGTHS = (128, 96, 64, 113, 71, 120, 87, 101)
BATCH_SIZE = 4
STEP_ROWS, STEP_LENGTH, STEPS = 2, 64, 2
OPTIMIZER = {"lr": 4e-5, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01}
CLIP, ALPHA, BETA = 1.0, 0.5, 0.5

BLOCK_NAMES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "attn_norm": "input_layernorm",
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def transformers_name(name: str) -> str:
    if name == "token_embd.weight":
        return "model.embed_tokens.weight"
    if name == "output_norm.weight":
        return "model.norm.weight"
    _, index, kind, _ = name.split(".")
    return f"model.layers.{index}.{BLOCK_NAMES[kind]}.weight"


def load_gguf(path: Path, config_folder: Path) -> Gemma3ForCausalLM:
    """The model in float32. GGUF keeps norm weights as 1 + w, transformers as w."""
    weights = {}
    for tensor in GGUFReader(path).tensors:
        values = np.array(dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)
        is_norm = "norm" in tensor.name
        weights[transformers_name(tensor.name)] = torch.from_numpy(values - 1 if is_norm else values)
    config = Gemma3TextConfig.from_pretrained(config_folder)
    model = Gemma3ForCausalLM(config).float().eval()
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert missing == ["lm_head.weight"] and not unexpected, (missing, unexpected)
    model.tie_weights()
    return model


def documents(tokenizer, folder: Path) -> list[list[int]]:
    """WikiText-2 articles and TinyStories in turn, each cut to the next of DOCUMENT_LENGTHS tokens, BOS first."""
    wiki = gzip.decompress((folder / "wikitext2_valid.txt.gz").read_bytes()).decode()
    articles = articles_of(wiki)
    stories = (folder / "tinystories_sample.txt").read_text(encoding="utf-8").split("<|endoftext|>")
    texts = [text.strip() for pair in zip(articles, stories) for text in pair]
    rows = [tokenizer(text)["input_ids"][:length] for text, length in zip(texts, DOCUMENT_LENGTHS)]
    assert [len(row) for row in rows] == list(DOCUMENT_LENGTHS), [len(row) for row in rows]
    return rows


def articles_of(wiki: str) -> list[str]:
    """Splits at first-level headings: lines ` = Title = `."""
    articles: list[list[str]] = []
    for line in wiki.splitlines():
        if line.startswith(" = ") and not line.startswith(" = ="):
            articles.append([])
        if articles:
            articles[-1].append(line)
    return ["\n".join(lines) for lines in articles]


@torch.no_grad()
def prompt_facts(model, tokenizer, text: str) -> dict:
    ids = tokenizer(text)["input_ids"]
    logits = model(torch.tensor([ids]), use_cache=False).logits[0].double()
    top = logits[-1].topk(20)
    return {
        "text": text,
        "input_ids": ids,
        "last_top_20": {"ids": top.indices.tolist(), "logits": top.values.tolist()},
        "last_every_8191st": logits[-1, ::8191].tolist(),
        "logsumexp": logits.logsumexp(-1).tolist(),
        "mean": logits.mean(-1).tolist(),
        "argmax": logits.argmax(-1).tolist(),
    }


def continuations(model, rows: list[list[int]]) -> list[dict]:
    results = []
    for ids in rows:
        for settings in ({"max_new_tokens": 20}, {"num_beams": 3, "max_new_tokens": 12}):
            output = generate(model, ids, **settings)
            result = {"settings": settings, "input_ids": ids, "output_ids": output}
            if "num_beams" not in settings:
                result["smallest_margin"] = smallest_margin(model, output, len(ids))
            results.append(result)
    return results


def importance(model, rows: list[list[int]]) -> list[dict]:
    results = []
    for method, analyze in (("optipfair-0.2", old_analyze()), ("optipfair-0.4", new_analyze())):
        scores = analyze(model, batches(rows, BATCH_SIZE, "left"), show_progress=False)
        settings = {"method": method, "padding_side": "left", "batch_size": BATCH_SIZE}
        results.append(settings | ordered([float(scores[i]) for i in range(len(scores))]))
    return [*results, {"method": "block-influence"} | ordered(block_influence(model, rows))]


def spread(count: int) -> list[int]:
    """Three positions of a flattened tensor: first, middle, last."""
    return [0, count // 2, count - 1]


def optimizer_steps(teacher, student, rows: list[list[int]]) -> list[dict]:
    """.5 CE + .5 forward KL at T = 2, mean over the tokens of the step; movement is measured from the start.

    `sampled` are parameter values after the step at the positions of `spread`: Adam's first steps move every weight by
    about lr, so a norm alone says little.
    """
    start = {key: p.detach().clone() for key, p in student.named_parameters()}
    optimizer = torch.optim.AdamW(student.parameters(), **OPTIMIZER)
    results = []
    for step in range(STEPS):
        chosen = rows[step * STEP_ROWS : (step + 1) * STEP_ROWS]
        tokens = sum(len(ids) - 1 for ids in chosen)
        optimizer.zero_grad()
        means = {"cross_entropy": 0.0, "forward_kl": 0.0}
        for ids in chosen:
            inputs = torch.tensor([ids])
            with torch.no_grad():
                teacher_logits = teacher(inputs, use_cache=False).logits[0]
            logits = student(inputs, use_cache=False).logits[0]
            cross_entropy, kd = summed_losses(logits, teacher_logits, ids, forward_kl)
            ((ALPHA * cross_entropy + BETA * kd) / tokens).backward()
            means["cross_entropy"] += cross_entropy.item() / tokens
            means["forward_kl"] += kd.item() / tokens
        norms = {key: p.grad.norm(dtype=torch.float64).item() for key, p in student.named_parameters()}
        total = torch.nn.utils.clip_grad_norm_(student.parameters(), CLIP).item()
        optimizer.step()
        moved = {
            key: (p - start[key]).norm(dtype=torch.float64).item() for key, p in student.named_parameters()
        }
        loss = ALPHA * means["cross_entropy"] + BETA * means["forward_kl"]
        results.append(
            means
            | {"total": loss, "tokens": tokens, "gradient_norm": total}
            | {
                "parameters": {
                    key: {
                        "gradient": norms[key],
                        "moved": moved[key],
                        "sampled": p.detach().flatten()[spread(p.numel())].tolist(),
                    }
                    for key, p in student.named_parameters()
                }
            }
        )
    return results


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--text", type=Path)
    target.add_argument("--save-model", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)

    def load() -> Gemma3ForCausalLM:
        return load_gguf(arguments.gguf, arguments.config)

    teacher, tokenizer = load(), AutoTokenizer.from_pretrained(arguments.config)
    if arguments.save_model:
        teacher.save_pretrained(arguments.save_model)
        tokenizer.save_pretrained(arguments.save_model)
        return

    begin = time.monotonic()

    def done(what: str) -> None:
        print(f"{what}: {time.monotonic() - begin:.0f} s", file=sys.stderr)

    rows = documents(tokenizer, arguments.text)
    prompts = [prompt_facts(teacher, tokenizer, text) for text in PROMPTS]
    done("prompts")
    results = {"prompts": prompts}
    results["continuations"] = continuations(teacher, [prompt["input_ids"] for prompt in prompts[:2]])
    done("continuations")
    results |= {"documents": rows, "perplexity": perplexity(teacher, rows)}
    done("perplexity")
    results["importance"] = importance(teacher, rows)
    done("importance")
    student = drop_blocks(load(), DROPPED)
    results |= {"dropped": DROPPED, "pruned_perplexity": perplexity(student, rows)}
    done("pruned perplexity")
    step_rows = [row[:STEP_LENGTH] for row in rows[: STEP_ROWS * STEPS]]
    settings = OPTIMIZER | {"alpha": ALPHA, "beta": BETA, "temperature": 2.0, "clip": CLIP}
    steps = optimizer_steps(teacher, student, step_rows)
    results["training"] = {"settings": settings, "rows": step_rows, "steps": steps}
    done("training")
    command = "python tests/real/golden.py --gguf FILE.gguf --config DIR --text DIR"
    write_json(HERE / "golden.json", results, command=command)


if __name__ == "__main__":
    main()

"""Golden outputs of transformers' generate() on a model whose logits anyone can recompute from a table.

    pip install torch transformers
    python tests/golden/generate.py

writes tests/golden/data/generate.json. The model: with p, q the last and the last but one token (q = 0 for a prompt of
one token) and n the number of tokens so far, the logit of token t is

    table[q][p][t] / 65536 * (1 + (n mod 7) / 16)

which is exact in float32; the factor keeps two orders of the same transitions from tying.
"""

import itertools
import json
import pathlib
import random

import torch
import transformers
from transformers import GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput

VOCAB = 12
SCALE = 65536
SEED = 20
PROMPTS = [[5], [2, 9], [0, 1, 2, 3], [7, 7, 4, 7, 7], [11, 3, 8, 3, 11, 3, 10, 6]]


class TableConfig(PretrainedConfig):
    model_type = "table"
    vocab_size = VOCAB


class TableModel(PreTrainedModel, GenerationMixin):
    config_class = TableConfig

    def __init__(self, config, table):
        super().__init__(config)
        self.table = torch.nn.Parameter(table.to(torch.float32) / SCALE, requires_grad=False)

    def prepare_inputs_for_generation(self, input_ids, **kwargs):
        return {"input_ids": input_ids}

    def forward(self, input_ids, **kwargs):
        length = input_ids.shape[1]
        before = input_ids[:, -2] if length > 1 else torch.zeros_like(input_ids[:, -1])
        logits = self.table[before, input_ids[:, -1]] * (1 + (length % 7) / 16)
        return CausalLMOutput(logits=logits[:, None, :])


def make_table(generator):
    """Random logits that bring out the rules of beam search: repeats and ends are likely, contexts either vague or sure."""
    table = torch.randn(VOCAB, VOCAB, VOCAB, generator=generator) + torch.eye(VOCAB) * 2
    table[:, :, [3, 8]] += 1
    sure = torch.rand(VOCAB, VOCAB, 1, generator=generator) < 0.4
    return (torch.where(sure, 3, 0.7) * table * SCALE).round().to(torch.int64)


def run(model, prompt, options):
    return model.generate(
        torch.tensor([prompt]), use_cache=False, pad_token_id=0, return_dict_in_generate=True, output_scores=True, **options
    )


def search_cases(model):
    """Greedy (num_beams 1) and beam search."""
    grid = itertools.product(
        range(len(PROMPTS)), [1, 2, 3, 4, 5], [0, 2, 3], [1.0, 1.3], [None, 3, [3, 8]], [1.0, 0.0, 0.5, -0.3],
        [False, True, "never"], [2, 9, 24],
    )  # fmt: skip
    for prompt, beams, ngram, repetition, eos, length_penalty, early, new in random.Random(SEED).sample(list(grid), 300):
        options = {"max_new_tokens": new, "num_beams": beams, "no_repeat_ngram_size": ngram, "repetition_penalty": repetition}
        if eos is not None:
            options["eos_token_id"] = eos
        if beams > 1:
            options |= {"length_penalty": length_penalty, "early_stopping": early}
        result = run(model, PROMPTS[prompt], options)
        case = {"input_ids": PROMPTS[prompt], "options": options, "output_ids": result.sequences[0].tolist()}
        if beams > 1:
            case["score"] = result.sequences_scores[0].item()
        yield case


def sampling_cases(model):
    """The scores that the first token is sampled from: [id, score] of those above minus infinity."""
    grid = itertools.product([0, 4], [0.3, 1.7], [0, 1, 4, 50], [0.2, 0.75, 1.0], [1.0, 1.3])
    for prompt, temperature, top_k, top_p, repetition in grid:
        options = {"max_new_tokens": 1, "temperature": temperature, "top_k": top_k, "top_p": top_p,
                   "repetition_penalty": repetition, "do_sample": True}  # fmt: skip
        scores = run(model, PROMPTS[prompt], options).scores[0][0]
        kept = [[i, score] for i, score in enumerate(scores.tolist()) if score > float("-inf")]
        yield {"input_ids": PROMPTS[prompt], "options": options, "kept": kept}


def main():
    table = make_table(torch.Generator().manual_seed(SEED))
    model = TableModel(TableConfig(), table)
    golden = {
        "provenance": {
            "script": "tests/golden/generate.py",
            "command": "python tests/golden/generate.py",
            "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        },
        "vocab_size": VOCAB,
        "scale": SCALE,
        "table": table.tolist(),
        "search": list(search_cases(model)),
        "sampling": list(sampling_cases(model)),
    }
    lines = [
        f"{json.dumps(key)}: " + ("[\n" + ",\n".join(map(json.dumps, value)) + "\n]" if isinstance(value, list) else json.dumps(value))
        for key, value in golden.items()
    ]
    path = pathlib.Path(__file__).parent / "data" / "generate.json"
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


main()

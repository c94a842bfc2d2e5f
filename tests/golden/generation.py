"""Continuations by transformers' `generate`: greedy, beams, and the processors that change the scores."""

import torch

from common import MODELS, golden_folder, load, load_rows, write_json

NEW_TOKENS = 12
PROMPTS = 3
CASES = {
    "greedy": {},
    "beam": {"num_beams": 3},
    "no_repeat_ngram": {"no_repeat_ngram_size": 2},
    "repetition_penalty": {"repetition_penalty": 1.3},
    "combined": {"no_repeat_ngram_size": 2, "repetition_penalty": 1.3},
    "beam_combined": {"num_beams": 3, "no_repeat_ngram_size": 2, "repetition_penalty": 1.3},
    "beam_length_penalty": {"num_beams": 4, "length_penalty": 0.3},
}


def generate(model, ids: list[int], **settings) -> list[int]:
    inputs, settings = torch.tensor([ids]), {"max_new_tokens": NEW_TOKENS, **settings}
    output = model.generate(inputs, attention_mask=torch.ones_like(inputs), do_sample=False, **settings)
    return output[0].tolist()


def smallest_margin(model, output: list[int], prompt_length: int) -> float:
    """How far the second-best token was from the chosen one at the closest greedy decision."""
    with torch.no_grad():
        logits = model(torch.tensor([output])).logits[0, prompt_length - 1 : -1]
    best = logits.topk(2).values
    return (best[:, 0] - best[:, 1]).min().item()


def main() -> None:
    for name in MODELS:
        model, eager = load(name), load(name, "eager")
        prompts = load_rows(name)[:PROMPTS]
        runs = []
        for case, settings in CASES.items():
            for ids in prompts:
                output = generate(model, ids, **settings)
                run = {"case": case, "settings": settings, "input_ids": ids, "output_ids": output}
                if case == "greedy":
                    run["smallest_margin"] = smallest_margin(model, output, len(ids))
                runs.append(run)
        # An end-of-sequence id that the continuation without it is known to reach.
        for ids in prompts:
            for case, settings in {"greedy_eos": {}, "beam_eos": {"num_beams": 3}}.items():
                free = generate(model, ids, **settings)[len(ids) :]
                stop = settings | {"eos_token_id": free[min(4, len(free) - 1)]}
                output = generate(model, ids, **stop)
                runs.append({"case": case, "settings": stop, "input_ids": ids, "output_ids": output})
        # Rounding must not decide: another order of the same sums gives the same tokens.
        for run in runs:
            again = generate(eager, run["input_ids"], **run["settings"])
            assert again == run["output_ids"], f"{name}: {run['case']} hangs on rounding; take another seed"
        write_json(
            golden_folder(name) / "generation.json",
            {
                "settings": {
                    "max_new_tokens": NEW_TOKENS,
                    "length_penalty": 1.0,
                    "early_stopping": False,
                    "eos_token_id": model.generation_config.eos_token_id,
                    "pad_token_id": model.generation_config.pad_token_id,
                },
                "runs": runs,
            },
        )


if __name__ == "__main__":
    main()

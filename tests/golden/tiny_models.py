"""Five random Gemma 3 models of odd sizes, as transformers saves them, and ragged rows of token ids.

tiny_micro  two heads on one key/value head, 4,000 parameters: small enough to keep whole gradients
tiny_a      float32, config as transformers 5 writes it, head_dim 10, 4 heads on 1
tiny_b      bfloat16, config in the spelling of transformers 4, two end-of-sequence ids, 3 heads on 3
tiny_c      float16, linear rope scaling by 8 on the global table, 4 heads on 2
tiny_d      float32 in shards with an index, old spelling without layer_types, both softcaps set
"""

import json
import shutil

import torch
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

from common import DATA, MODELS, golden_folder

S, F = "sliding_attention", "full_attention"
ROW_LENGTHS = (13, 7, 19, 3, 11, 9, 16, 8, 12, 6, 10, 14)


def sizes(vocab, hidden, intermediate, heads, kv_heads, head_dim, window, scalar, types, **more) -> dict:
    return dict(
        vocab_size=vocab, hidden_size=hidden, intermediate_size=intermediate, num_attention_heads=heads,
        num_key_value_heads=kv_heads, head_dim=head_dim, sliding_window=window, query_pre_attn_scalar=scalar,
        layer_types=types, num_hidden_layers=len(types), max_position_embeddings=512, **more,
    )  # fmt: skip


def rope(theta: float, local: float, factor: float | None = None) -> dict:
    scaling = {"rope_type": "linear", "factor": factor} if factor else {"rope_type": "default"}
    return {
        F: {"rope_theta": theta, **scaling},
        S: {"rope_theta": local, "rope_type": "default"},
    }


SPECS = {
    "tiny_micro": sizes(41, 12, 20, 2, 1, 6, 4, 9, [S, F, S]),
    "tiny_a": sizes(101, 36, 53, 4, 1, 10, 5, 24, [S, F, S], rope_parameters=rope(1e5, 500.0)),
    "tiny_b": sizes(97, 39, 90, 3, 3, 12, 7, 12, [S, S, F, S], eos_token_id=[1, 27]),
    "tiny_c": sizes(211, 36, 30, 4, 2, 16, 4, 20, [S, F, S, S, F, S], rope_parameters=rope(1e6, 1e4, 8.0)),
    "tiny_d": sizes(
        300, 26, 31, 2, 1, 16, 8, 30, [S, S, F, S, S], attn_logit_softcapping=2.0, final_logit_softcapping=6.0
    ),
}
DTYPES = {"tiny_b": torch.bfloat16, "tiny_c": torch.float16}
OLD_SPELLING = ("tiny_b", "tiny_d")


def randomise(model: Gemma3ForCausalLM, seed: int) -> None:
    """Weights that hide nothing: norms spread around 0 (so 1 + w matters), logits sharp but not one-token."""
    generator = torch.Generator().manual_seed(seed)

    def normal(shape, scale, centre=0.0):
        return centre + scale * torch.randn(shape, generator=generator)

    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name == "model.norm.weight":
                weight.copy_(normal(weight.shape, 0.5, 3.5))
            elif weight.ndim == 1:
                weight.copy_(normal(weight.shape, 0.3))
            elif "embed_tokens" in name:
                weight.copy_(normal(weight.shape, 0.06))
            else:
                weight.copy_(normal(weight.shape, 1.2 / weight.shape[1] ** 0.5))


def old_spelling(config: dict, keep_types: bool) -> dict:
    """The same config.json in the words of transformers 4.5x."""
    old = {key: value for key, value in config.items() if key not in ("rope_parameters", "dtype")}
    tables = config["rope_parameters"]
    old["rope_theta"] = tables[F]["rope_theta"]
    old["rope_local_base_freq"] = tables[S]["rope_theta"]
    old["rope_scaling"] = None
    old["torch_dtype"] = config["dtype"]
    old["transformers_version"] = "4.55.2"
    if not keep_types:
        del old["layer_types"], old["_sliding_window_pattern"]
        old["sliding_window_pattern"] = 3
    return old


def main() -> None:
    for seed, name in enumerate(MODELS, start=11):
        folder = DATA / name
        shutil.rmtree(folder, ignore_errors=True)
        config = Gemma3TextConfig(**SPECS[name])
        model = Gemma3ForCausalLM(config).float()
        randomise(model, seed)
        model = model.to(DTYPES.get(name, torch.float32))
        model.config.dtype = DTYPES.get(name, torch.float32)
        model.save_pretrained(folder, max_shard_size="60KB" if name == "tiny_d" else "1GB")
        if name in OLD_SPELLING:
            path = folder / "config.json"
            old = old_spelling(json.loads(path.read_text()), keep_types=name == "tiny_b")
            path.write_text(json.dumps(old, indent=2, sort_keys=True) + "\n")

        generator = torch.Generator().manual_seed(100 + seed)
        rows = golden_folder(name) / "rows.jsonl"
        rows.parent.mkdir(parents=True, exist_ok=True)
        with rows.open("w") as file:
            for length in ROW_LENGTHS:
                ids = torch.randint(3, config.vocab_size, (length - 1,), generator=generator).tolist()
                file.write(json.dumps({"input_ids": [2, *ids]}) + "\n")


if __name__ == "__main__":
    main()

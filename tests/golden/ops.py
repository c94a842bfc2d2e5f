"""Each operation of the engine on small odd shapes: inputs, outputs, and gradients for a given upstream gradient.

ops.safetensors holds CASE.in.NAME, CASE.out, CASE.up (the upstream gradient) and CASE.grad.NAME;
ops.json says for each case which operation it is and its settings.
"""

import torch
import torch.nn.functional as F

from common import DATA, write_json, write_tensors

generator = torch.Generator().manual_seed(7)
tensors: dict[str, torch.Tensor] = {}
cases: dict[str, dict] = {}


def normal(*shape: int, scale: float = 1.0) -> torch.Tensor:
    return scale * torch.randn(shape, generator=generator)


def case(
    name: str, op: str, inputs: dict, function, settings: dict | None = None, constants: dict | None = None
):
    """Runs `function(**inputs, **constants)`, differentiates by the inputs, and keeps everything."""
    leaves = {key: value.clone().requires_grad_() for key, value in inputs.items()}
    output = function(**leaves, **(constants or {}))
    upstream = normal(*output.shape)
    gradients = torch.autograd.grad(output, list(leaves.values()), upstream)
    for key, value in {**inputs, **(constants or {})}.items():
        tensors[f"{name}.in.{key}"] = value
    tensors[f"{name}.out"], tensors[f"{name}.up"] = output.detach(), upstream
    for key, gradient in zip(leaves, gradients):
        tensors[f"{name}.grad.{key}"] = gradient
    cases[name] = {"op": op, "settings": settings or {}, "differentiable": list(leaves)}


def matmul() -> None:
    for m, k, n in ((5, 7, 3), (17, 33, 12), (1, 40, 9)):
        size = f"{m}x{k}x{n}"
        case(f"matmul_nn_{size}", "matmul a b", {"a": normal(m, k), "b": normal(k, n)}, lambda a, b: a @ b)
        case(f"matmul_nt_{size}", "matmul a bT", {"a": normal(m, k), "b": normal(n, k)}, lambda a, b: a @ b.T)
        case(f"matmul_tn_{size}", "matmul aT b", {"a": normal(k, m), "b": normal(k, n)}, lambda a, b: a.T @ b)
    b, m, k, n = 6, 7, 10, 5
    case("matmul_nn_batched", "matmul a b", {"a": normal(b, m, k), "b": normal(b, k, n)}, lambda a, b: a @ b)
    case(
        "matmul_nt_batched",
        "matmul a bT",
        {"a": normal(b, m, k), "b": normal(b, n, k)},
        lambda a, b: a @ b.mT,
    )
    case(
        "matmul_tn_batched",
        "matmul aT b",
        {"a": normal(b, k, m), "b": normal(b, k, n)},
        lambda a, b: a.mT @ b,
    )


def rms_norm(x, weight, residual=0.0, eps=1e-6):
    return residual + x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps) * (1 + weight)


def rope(x, base: float, factor: float = 1.0):
    """x [B, T, H, D] at positions 0..T-1; the halves of D rotate together."""
    half = x.shape[-1] // 2
    frequency = 1.0 / (base ** (torch.arange(0, 2 * half, 2, dtype=torch.float32) / (2 * half))) / factor
    angles = torch.arange(x.shape[1], dtype=torch.float32)[:, None] * frequency
    cos, sin = (torch.cat([f(angles)] * 2, -1)[:, None, :] for f in (torch.cos, torch.sin))
    rotated = torch.cat([-x[..., half:], x[..., :half]], -1)
    return x * cos + rotated * sin


def attention(q, k, v, spans, window: int, scale: float):
    """q [B, T, H, D], k and v [B, S, H_kv, D], spans [B, 3]: first key that counts, position of the first query, end of keys.

    A query sees keys up to its position, within the window, and none that is padding; one that sees none gives zeros.
    """
    position = spans[:, 1, None, None] + torch.arange(q.shape[1])[None, :, None]
    key = torch.arange(k.shape[1])
    mask = (key <= position) & (key >= spans[:, 0, None, None]) & (key < spans[:, 2, None, None])
    if window:
        mask &= key > position - window
    seen = mask.any(-1, keepdim=True)
    # Rows without a key would be NaN: let them see all keys, and take what they see away.
    q, k, v = (x.transpose(1, 2) for x in (q, k, v))
    y = F.scaled_dot_product_attention(q, k, v, attn_mask=(mask | ~seen)[:, None], scale=scale, enable_gqa=True)
    return torch.where(seen[:, None], y, torch.zeros(())).transpose(1, 2)


def rows() -> None:
    case(
        "rms_norm",
        "rms_norm",
        {"x": normal(11, 37), "weight": normal(37, scale=0.3)},
        rms_norm,
        {"eps": 1e-6},
    )
    tiny = {"x": normal(3, 5, scale=1e-3), "weight": normal(5)}
    case("rms_norm_tiny_values", "rms_norm", tiny, rms_norm, {"eps": 1e-6})
    for base, factor in ((10_000.0, 1.0), (1_000_000.0, 1.0), (1_000_000.0, 8.0)):
        case(
            f"rope_{base:.0f}_{factor:.0f}", "rope", {"x": normal(2, 7, 3, 10)},
            lambda x: rope(x, base, factor), {"base": base, "factor": factor, "layout": "[B, T, H, D]"},
        )  # fmt: skip
    case("softmax", "softmax", {"x": normal(9, 29, scale=3.0)}, lambda x: x.softmax(-1))
    case("softmax_large", "softmax", {"x": normal(4, 40, scale=40.0)}, lambda x: x.softmax(-1))

    for name, (t, s, heads, kv_heads, d), window, spans in (
        ("causal", (9, 9, 4, 1, 8), 0, [[0, 0, 9], [0, 0, 9]]),
        ("window", (9, 9, 3, 3, 5), 3, [[0, 0, 9], [0, 0, 9]]),
        ("left_padding", (9, 9, 4, 2, 12), 0, [[0, 0, 9], [4, 0, 9]]),
        ("right_padding_window", (9, 9, 2, 1, 7), 3, [[0, 0, 9], [0, 0, 5]]),
        ("cached_prefix", (4, 17, 4, 2, 6), 6, [[0, 11, 17], [3, 2, 17]]),
        ("next_token", (1, 21, 4, 1, 16), 0, [[0, 20, 21], [0, 13, 21]]),
        ("wide_head", (2, 2, 1, 1, 256), 0, [[0, 0, 2], [0, 0, 2]]),
    ):
        settings = {"window": window, "scale": d**-0.5}
        case(
            f"attention_{name}", "attention",
            {"q": normal(2, t, heads, d, scale=2.0), "k": normal(2, s, kv_heads, d), "v": normal(2, s, kv_heads, d)},
            lambda q, k, v, spans: attention(q, k, v, spans, **settings), settings, {"spans": torch.tensor(spans)},
        )  # fmt: skip


def elementwise() -> None:
    def gelu_gate(gate, up):
        return F.gelu(gate, approximate="tanh") * up

    case(
        "gelu_gate",
        "gelu_tanh(gate) * up",
        {"gate": normal(5, 19, scale=3.0), "up": normal(5, 19)},
        gelu_gate,
    )
    case("add", "add", {"a": normal(3, 31), "b": normal(3, 31)}, lambda a, b: a + b)
    case("mul", "mul", {"a": normal(3, 31), "b": normal(3, 31)}, lambda a, b: a * b)
    case("scale", "scale", {"a": normal(3, 31)}, lambda a: a * 0.37, {"factor": 0.37})
    case(
        "softcap",
        "softcap",
        {"a": normal(3, 31, scale=5.0)},
        lambda a: 4.0 * torch.tanh(a / 4.0),
        {"cap": 4.0},
    )
    for name in ("sum", "mean"):
        reduce = getattr(torch, name)
        case(f"{name}_all", name, {"a": normal(7, 13)}, lambda a: reduce(a))
        case(f"{name}_rows", name, {"a": normal(7, 13)}, lambda a: reduce(a, dim=-1), {"axis": -1})


def vocabulary() -> None:
    ids = torch.tensor([[4, 0, 22, 4], [17, 4, 22, 1]])
    case(
        "embedding", "embedding", {"table": normal(23, 9)},
        lambda table, ids: F.embedding(ids, table) * 3.0, {"scale": 3.0}, {"ids": ids},
    )  # fmt: skip
    targets, weights = torch.tensor([3, 0, 30, 7, 7, 12]), torch.tensor([1.0, 0.0, 0.5, 1.0, 0.25, 2.0])

    def weighted_sum(logits, targets, weights):
        return (F.cross_entropy(logits, targets, reduction="none") * weights).sum()

    def per_token(logits, targets):
        return F.cross_entropy(logits, targets, reduction="none")

    case("cross_entropy_weighted_sum", "cross_entropy", {"logits": normal(6, 31, scale=3.0)}, weighted_sum,
         {"reduction": "sum of weight * loss"}, {"targets": targets, "weights": weights})  # fmt: skip
    case("cross_entropy_per_token", "cross_entropy", {"logits": normal(6, 31, scale=20.0)}, per_token,
         {"reduction": "none"}, {"targets": targets})  # fmt: skip


def optimizer() -> None:
    settings = {"lr": 1e-2, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01}
    weight = torch.nn.Parameter(normal(5, 7))
    adamw = torch.optim.AdamW([weight], **settings)
    tensors["adamw.in.weight"] = weight.detach().clone()
    for step in range(3):
        weight.grad = normal(5, 7, scale=10.0 ** (step - 2))
        tensors[f"adamw.in.gradient.{step}"] = weight.grad.clone()
        adamw.step()
        tensors[f"adamw.out.weight.{step}"] = weight.detach().clone()
        for key, name in (("exp_avg", "m"), ("exp_avg_sq", "v")):
            tensors[f"adamw.out.{name}.{step}"] = adamw.state[weight][key].clone()
    cases["adamw"] = {"op": "adamw", "settings": settings}

    for name, clip in (("bites", 1.0), ("does_not_bite", 100.0)):
        parameters = [torch.nn.Parameter(torch.zeros(shape)) for shape in ((3, 5), (11,), (2, 2, 4))]
        for index, parameter in enumerate(parameters):
            parameter.grad = normal(*parameter.shape)
            tensors[f"clip_{name}.in.{index}"] = parameter.grad.clone()
        norm = torch.nn.utils.clip_grad_norm_(parameters, clip).item()
        for index, parameter in enumerate(parameters):
            tensors[f"clip_{name}.out.{index}"] = parameter.grad.clone()
        cases[f"clip_{name}"] = {"op": "clip_grad_norm", "settings": {"max_norm": clip}, "norm": norm}


def added_later() -> None:
    """After the others: a case put between them would draw their numbers."""
    inputs = {"x": normal(5, 36), "weight": normal(36, scale=0.3), "residual": normal(5, 36)}
    case("rms_norm_residual", "rms_norm", inputs, rms_norm, {"eps": 1e-6})
    for m, n, k in ((5, 7, 3), (18, 36, 20)):
        case(
            f"gated_linear_{m}x{n}x{k}",
            "gelu_tanh(x gateT) * x upT",
            {"x": normal(m, k), "gate": normal(n, k, scale=0.7), "up": normal(n, k, scale=0.7)},
            lambda x, gate, up: F.gelu(x @ gate.T, approximate="tanh") * (x @ up.T),
        )


def selections() -> None:
    """Operations without a gradient; after the others, as above."""

    def selection(name: str, op: str, inputs: dict, function):
        for key, value in inputs.items():
            tensors[f"{name}.in.{key}"] = value
        tensors[f"{name}.out"] = function(**inputs)
        cases[name] = {"op": op, "settings": {}, "differentiable": []}

    # In quarters, so that many a row has its largest value more than once; one row holds -inf.
    for name, x in (("argmax", normal(70, 33)), ("argmax_long_rows", normal(3, 1301))):
        x = (4 * x).round() / 4
        x[1, :20] = -torch.inf
        selection(name, "argmax", {"x": x}, lambda x: x.argmax(-1))
    index = torch.tensor([3, 0, 10, 3, 7])
    for name, columns in (("gather_rows", 7), ("gather_rows_vec4", 12)):
        inputs = {"x": normal(11, columns), "index": index}
        selection(name, "gather_rows", inputs, lambda x, index: x.index_select(0, index))


def main() -> None:
    for make in (matmul, rows, elementwise, vocabulary, optimizer, added_later, selections):
        make()
    write_tensors(DATA / "ops.safetensors", tensors)
    write_json(DATA / "ops.json", {"cases": cases})


if __name__ == "__main__":
    main()

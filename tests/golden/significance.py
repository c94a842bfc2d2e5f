"""Standard errors, intervals and tests of small samples by lm-evaluation-harness, scipy and statsmodels.

    python tests/golden/significance.py

Writes data/significance.json.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from lm_eval.api.metrics import mean_stderr
from scipy.stats import bootstrap
from statsmodels.stats.contingency_tables import mcnemar

DATA = Path(__file__).resolve().parent / "data"
RESAMPLES = 50_000


def interval(data: tuple, statistic) -> list[float]:
    result = bootstrap(
        data,
        statistic,
        paired=True,
        vectorized=False,
        n_resamples=RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(0),
    )
    return [float(result.confidence_interval.low), float(result.confidence_interval.high)]


def paired(random: np.random.Generator, n: int, first: float, agree: float) -> dict:
    a = (random.random(n) < first).astype(int)
    b = np.where(random.random(n) < agree, a, (random.random(n) < first).astype(int))
    table = [[int(((a == i) & (b == j)).sum()) for j in (1, 0)] for i in (1, 0)]
    return {
        "first": a.tolist(),
        "second": b.tolist(),
        "stderr": [float(mean_stderr(x.tolist())) for x in (a, b, a - b)],
        "interval": interval((a, b), lambda x, y: x.mean() - y.mean()),
        "mcnemar": float(mcnemar(table, exact=True).pvalue),
    }


def perplexities(random: np.random.Generator, n: int) -> dict:
    tokens = random.integers(20, 120, n)
    first = tokens * random.normal(2.0, 0.3, n)
    second = first + tokens * random.normal(0.05, 0.1, n)

    def ratio(x, y, t):
        return float(np.exp((x.sum() - y.sum()) / t.sum()))

    return {
        "tokens": tokens.tolist(),
        "first": first.tolist(),
        "second": second.tolist(),
        "ratio": ratio(first, second, tokens),
        "interval": interval((first, second, tokens), ratio),
    }


def main() -> None:
    random = np.random.default_rng(7)
    golden = {
        "made_by": "tests/golden/significance.py",
        "versions": {name: version(name) for name in ("lm_eval", "scipy", "statsmodels", "numpy")},
        "resamples": RESAMPLES,
        "paired": [
            paired(random, n, share, agree)
            for n, share, agree in [(5, 0.6, 0.7), (40, 0.5, 0.8), (300, 0.7, 0.6), (2000, 0.4, 0.9)]
        ],
        "perplexities": [perplexities(random, n) for n in (12, 150)],
    }
    path = DATA / "significance.json"
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(f"{path}: {path.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()

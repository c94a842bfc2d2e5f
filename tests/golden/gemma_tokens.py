"""Ids and texts of the published Gemma 3 tokenizer by the `tokenizers` package, for 6,000 made-up strings.

    gemma_tokens.py TOKENIZER_JSON     (plain or .gz; the file itself is Google's and is not kept here)

Strings are drawn from `token_strings.json` by a recipe that `tests/model/tokenizer/recipe.ts` repeats, so that a digest
of each one's ids is enough.
"""
import gzip, hashlib, json, sys
from pathlib import Path

import tokenizers

STRINGS, SEQUENCES, SHOWN, BLOCK = 6000, 2000, 150, 16
FRAGMENTS = list(json.loads((Path(__file__).parent / "token_strings.json").read_text()).values())
# Characters of any kind: one, two, three and four bytes, tags, private use.
RANGES = [(0, 0x80), (0x80, 0x800), (0x800, 0xD800), (0xE000, 0x10000), (0x10000, 0x20000), (0xE0000, 0xE0100), (0x20000, 0x110000)]


class Draw:
    """The generator of Numerical Recipes modulo 2^32, its upper bits used."""

    def __init__(self, seed: int):
        self.state = seed * 2654435761 % 2**32

    def __call__(self, n: int) -> int:
        self.state = (self.state * 1664525 + 1013904223) % 2**32
        return (self.state >> 8) % n


def text_of(seed: int) -> str:
    draw, text = Draw(seed), ""
    for _ in range(1 + draw(12)):
        kind = draw(len(FRAGMENTS) + 2)
        if kind < len(FRAGMENTS):
            piece = FRAGMENTS[kind][draw(len(FRAGMENTS[kind]))]
        else:
            low, high = RANGES[draw(len(RANGES))]
            piece = chr(low + draw(high - low))
        text += piece * (1 + draw(40) if draw(8) == 0 else 1)
    return text


def sequence_of(seed: int) -> list[int]:
    """Ids as no text has them: bytes in any order, specials anywhere."""
    draw = Draw(1_000_000 + seed)
    starts = [(238, 256), (238, 256), (0, 240), (0, 262144)]
    return [low + draw(size) for low, size in (starts[draw(4)] for _ in range(1 + draw(12)))]


def digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:8]


def numbers(ids) -> str:
    return ",".join(map(str, ids))


def main(path: str):
    content = Path(path).read_bytes()
    tokenizer = tokenizers.Tokenizer.from_buffer(gzip.decompress(content) if path.endswith(".gz") else content)
    texts = [text_of(i) for i in range(STRINGS)]
    ids = [tokenizer.encode(text).ids for text in texts]
    plain = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
    assert all([2, *b] == a for a, b in zip(ids, plain))

    def both(sequence):
        return digest("\x00".join(tokenizer.decode(sequence, skip_special_tokens=skip) for skip in (False, True)))

    padded = {}
    for length, side in ((32, "left"), (32, "right"), (7, "left"), (7, "right")):
        tokenizer.enable_truncation(max_length=length)
        tokenizer.enable_padding(direction=side, pad_id=0, pad_token="<pad>")
        blocks = [tokenizer.encode_batch(texts[i : i + BLOCK]) for i in range(0, STRINGS, BLOCK)]
        padded[f"{side} {length}"] = "".join(
            digest("|".join(f"{numbers(e.ids)};{numbers(e.attention_mask)}" for e in block)) for block in blocks
        )
    tokenizer.no_truncation(), tokenizer.no_padding()
    result = {
        "provenance": f"gemma_tokens.py; tokenizers {tokenizers.__version__}; tokenizer.json of google/gemma-3-270m",
        "texts": hashlib.sha256("\x00".join(texts).encode()).hexdigest(),
        "count": STRINGS,
        "tokens": sum(map(len, ids)),
        "ids": "".join(digest(numbers(i)) for i in ids),
        "decoded": "".join(both(i) for i in ids),
        "sequences": SEQUENCES,
        "sequences_decoded": "".join(both(sequence_of(i)) for i in range(SEQUENCES)),
        "block": BLOCK,
        "padded": padded,
        "shown": [{"text": texts[i], "ids": ids[i]} for i in range(SHOWN) if len(ids[i]) < 80],
    }
    out = Path(__file__).parent / "data" / "gemma_tokens.json"
    out.write_text(json.dumps(result, indent=1, ensure_ascii=True) + "\n")


main(sys.argv[1])

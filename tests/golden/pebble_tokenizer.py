"""Ids and decoded text of Pebble's tokenizer from the Python package `tokenizers`: data/pebble_tokenizer.json."""
import json
import random
from pathlib import Path

from tokenizers import Tokenizer

HERE = Path(__file__).parent
TOKENIZER = HERE / "../../train/data/pebble/files/tokenizer.json"

EDGES = [
    "", " ", "  ", "   ", "\n", "\n\n", " \n ", "\t", "a", " a", "a ", "a  b", "  a", "The", " The", "the  the",
    "One day Lucy was in the library.", "Question: Where does the dog live?\nAnswer:", " in the kennel.",
    "At home: Anna wants to make apple soup.", "thethethe", "kitchenkitchen", "the▁cat", "▁", "▁▁", "don't", "1234567890",
    "x = y * 2; // [ok] {a}", "žal mi je", "é e\u0301", "東京", "😊", "😊 東京", "👩‍👩‍👧", "a😊b", "\u0000", "\u007f", "\r\n",
    "<bos>", "<eos>The", "The<eos> cat", "<unk>", "<mask>", "<pad>", "<0x41>", "<start_of_turn>", "<bos", "bos>",
    "Ünïcödé wörds", "ЖИЗНЬ", "مرحبا", "ไทย", "\u2028", "\u00a0nbsp", "zzzzqqqq", "QWERTYUIOP", "ANNA WAS IN THE GARDEN.",
]
ODD = ["  ", "   ", "\n", "\n\n", "\t", "😊", "東", "é", "▁", "7", "%", "'", "-", "Q", "z", "<eos>", "Ω", "…", "🧪"]


def samples():
    tokenizer = json.loads(TOKENIZER.read_text())
    words = [token for token in tokenizer["model"]["vocab"] if len(token) > 1 and token[0] != "<"]
    choose = random.Random(1)
    for _ in range(250):
        parts = [choose.choice(ODD) if choose.random() < 0.2 else choose.choice(words) for _ in range(choose.randint(1, 8))]
        yield "".join(parts).replace("▁", " " if choose.random() < 0.9 else "▁")


def main():
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    rows = []
    for text in [*EDGES, *samples()]:
        ids = tokenizer.encode(text).ids
        plain = tokenizer.encode(text, add_special_tokens=False).ids
        assert ids == [2, *plain]
        rows.append({"text": text, "ids": plain, "decoded": tokenizer.decode(plain, skip_special_tokens=False)})
    lines = ",\n".join(json.dumps(row, ensure_ascii=True, separators=(",", ":")) for row in rows)
    (HERE / "data/pebble_tokenizer.json").write_text(f"[\n{lines}\n]\n")


main()

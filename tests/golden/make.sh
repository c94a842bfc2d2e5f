#!/bin/sh
# Makes every golden file again: tests/golden/make.sh [FOLDER FOR THE PYTHON ENVIRONMENT]
set -eu
cd "$(dirname "$0")"
venv=${1:-${LAPIDARY_CACHE:-$HOME/.cache/lapidary}/golden-venv}
if [ ! -x "$venv/bin/python" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --requirement requirements.txt
fi
# The older importance definition lives beside the newer one of requirements.txt.
[ -d "$venv/optipfair-0.2.4" ] ||
  "$venv/bin/pip" install --quiet --no-deps --target "$venv/optipfair-0.2.4" optipfair==0.2.4
for script in tiny_models ops forward gradients training importance generation generate gguf_blocks gguf_write pebble_tokenizer significance tasks; do
  echo "$script" >&2
  "$venv/bin/python" "$script.py"
done
du -sh data >&2

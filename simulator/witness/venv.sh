#!/usr/bin/env bash
# Makes the virtual environment in which the witness runs, unless it is there: target/witness, with Telethon from PyPI.
# Without Python or without a way to PyPI it says so and changes nothing; the test is then left out.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=target/witness
if [ -x "$venv/bin/python" ] && "$venv/bin/python" -c 'import telethon' 2>/dev/null; then
    exit 0
fi
if ! python3 -m venv "$venv" || ! "$venv/bin/pip" install --quiet 'telethon==1.45.*'; then
    echo "no Python with Telethon here: the witness is not heard" >&2
    rm -rf "$venv"
fi

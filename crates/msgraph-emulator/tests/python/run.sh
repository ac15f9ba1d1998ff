#!/usr/bin/env bash
# Makes both documented calls with Microsoft's own SDK for Python against the local Graph.
# Needs Python 3.10 or later; fetches the SDK from PyPI into target/python.
set -euo pipefail
cd "$(dirname "$0")/../../../.."

venv=target/python
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r crates/msgraph-emulator/tests/python/requirements.txt

cargo build --quiet -p msgraph-emulator
announced=$(mktemp)
"${CARGO_TARGET_DIR:-target}/debug/msgraph-emulator" --listen 127.0.0.1:0 --quiet > "$announced" &
emulator=$!
trap 'kill "$emulator"; rm -f "$announced"' EXIT
until grep -q '^listening on ' "$announced"; do
    kill -0 "$emulator" || exit 1
    sleep 0.1
done

"$venv/bin/python" crates/msgraph-emulator/tests/python/two_calls.py "$(sed 's/^listening on //' "$announced")"

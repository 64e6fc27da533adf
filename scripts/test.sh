#!/usr/bin/env bash
# All tests. BESEDA_TEST_POSTGRES must name a PostgreSQL to make databases in: `make test` starts one.
set -euo pipefail
cd "$(dirname "$0")/.."

simulator/witness/venv.sh
if cargo nextest --version >/dev/null 2>&1; then
    cargo test --workspace --doc --locked --quiet
    cargo nextest run --workspace --locked
else
    cargo test --workspace --locked
fi

#!/usr/bin/env bash
# The queue measured beside another one, on a temporary PostgreSQL with its default settings.
# Arguments: how many jobs (60000), how many rounds (3).
set -euo pipefail
cd "$(dirname "$0")/.."

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
cargo build --release --manifest-path benches/Cargo.toml
# shellcheck disable=SC2016 # the shell inside expands it
scripts/postgres.sh run sh -c 'exec "$0" "$BESEDA_TEST_POSTGRES" "$@"' "$CARGO_TARGET_DIR/release/beseda-benches" "$@"

#!/usr/bin/env bash
# Measures the queue beside another one (on a temporary PostgreSQL with its default settings), the whole pipeline, an idle tree,
# a thousand clients, and thousands of readers of the stream of events. Tables go to standard error; standard output is one
# JSON object:
# {"queue": .., "pipeline": .., "idle": .., "clients": .., "streams": ..}.
# Arguments: how many jobs the queue drains (60000), in how many rounds (3).
set -euo pipefail
cd "$(dirname "$0")/.."

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}

# Everything but the last line, which is JSON, goes to standard error.
last_line() {
    awk 'NR > 1 { print before > "/dev/stderr" } { before = $0 } END { print before }'
}

echo "== the queue" >&2
cargo build --release --manifest-path benches/Cargo.toml
# shellcheck disable=SC2016 # the shell inside expands it
queue=$(scripts/postgres.sh run sh -c 'exec "$0" "$BESEDA_TEST_POSTGRES" "$@"' "$CARGO_TARGET_DIR/release/beseda-benches" "$@" | last_line)

echo "== the pipeline: what a comment costs the Store, and a month of 1,000 channels" >&2
cargo bench --locked --package beseda-persistence --bench pipeline >&2
cargo build --release --locked --package beseda
pipeline=$("$CARGO_TARGET_DIR/release/beseda" demo --channels 1000 --days 30 --speed max --faults none --listen 127.0.0.1:0 --report json | last_line)

echo "== an idle tree" >&2
idle=$(cargo bench --locked --package beseda --bench idle | last_line)

echo "== a thousand clients" >&2
clients=$(cargo bench --locked --package beseda --bench clients | last_line)

echo "== thousands of readers of the stream of events" >&2
streams=$(cargo bench --locked --package beseda --bench streams | last_line)

# The last three objects have their names in them already.
idle=${idle#\{} clients=${clients#\{}
echo "{\"queue\":$queue,\"pipeline\":$pipeline,${idle%\}},${clients%\}},${streams#\{}"

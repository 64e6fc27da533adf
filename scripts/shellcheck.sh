#!/usr/bin/env bash
# Checks every shell script of the repository; without shellcheck it says so and passes.
set -euo pipefail
cd "$(dirname "$0")/.."

if command -v shellcheck >/dev/null; then
    find . \( -name target -o -name .git \) -prune -o -type f \( -name '*.sh' -o -path ./.ci/run \) -exec shellcheck {} +
else
    echo "shellcheck is missing, so the scripts were not checked; install it with: sudo apt-get install shellcheck" >&2
fi

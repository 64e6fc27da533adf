#!/usr/bin/env bash
# Sees to it that a tool is there: installs it from Debian's packages where that is allowed, or says in one line what to install.
#
#   scripts/require.sh compiler|shellcheck
set -euo pipefail

case ${1:-} in
compiler) program=cc package=build-essential ;;
shellcheck) program=shellcheck package=shellcheck ;;
*)
    echo "usage: require.sh compiler|shellcheck" >&2
    exit 2
    ;;
esac

if [[ $program == cc ]] && ! command -v cargo >/dev/null; then
    echo "Rust is missing; install it as https://rustup.rs says" >&2
    exit 1
fi
if command -v "$program" >/dev/null; then
    exit
fi
as_root=()
[[ $(id -u) == 0 ]] || as_root=(sudo --non-interactive)
if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
    echo "installing $package" >&2
    "${as_root[@]}" apt-get update --quiet=2 >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends "$package" >&2
else
    echo "$program is missing; install it with: sudo apt-get install $package" >&2
    exit 1
fi

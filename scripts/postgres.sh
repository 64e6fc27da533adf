#!/usr/bin/env bash
# A PostgreSQL of one's own for tests and benchmarks: a fresh cluster in a temporary folder, on a free port of the loopback
# interface, from Debian's packages. It never touches a cluster that is already there.
#
#   scripts/postgres.sh run [-c setting=value]... <command...>   start, run the command, always stop and remove; its exit code
#   scripts/postgres.sh start [-c setting=value]...              start and print "<url> <folder>"
#   scripts/postgres.sh stop <folder>                            stop what `start` started and remove it
#
# The command finds the cluster in BESEDA_TEST_POSTGRES. Settings are PostgreSQL's defaults (fsync is on) but for what -c says.
set -euo pipefail

readonly OLDEST=15

fail() {
    echo "postgres.sh: $*" >&2
    exit 1
}

# The folder with the newest PostgreSQL's programs, or nothing.
find_programs() {
    local folder version
    for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort --version-sort --reverse) "$(pg_config --bindir 2>/dev/null || true)"; do
        [[ -x $folder/initdb && -x $folder/pg_ctl ]] || continue
        version=$("$folder/initdb" --version | grep --only-matching --max-count=1 '[0-9]\+' | head -n 1)
        if ((version >= OLDEST)); then
            echo "$folder"
            return
        fi
    done
}

install_programs() {
    local as_root=()
    if [[ $(id -u) != 0 ]]; then
        sudo --non-interactive true 2>/dev/null || fail "PostgreSQL $OLDEST or newer is missing; install it with: sudo apt-get install postgresql"
        as_root=(sudo --non-interactive)
    fi
    command -v apt-get >/dev/null || fail "PostgreSQL $OLDEST or newer is missing; install it and put pg_config on the PATH"
    echo "postgres.sh: installing PostgreSQL" >&2
    "${as_root[@]}" apt-get update --quiet=2 >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends postgresql >&2
}

# PostgreSQL refuses to run as root.
as_owner() {
    if [[ $(id -u) == 0 ]]; then
        runuser -u postgres -- "$@"
    else
        "$@"
    fi
}

free_port() {
    local port
    while true; do
        port=$((20000 + RANDOM % 30000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
}

# Starts a cluster with the settings given as -c arguments and sets FOLDER, PROGRAMS and URL. A port can be taken between looking and
# listening, hence the attempts.
start() {
    PROGRAMS=$(find_programs)
    if [[ -z $PROGRAMS ]]; then
        install_programs
        PROGRAMS=$(find_programs)
        [[ -n $PROGRAMS ]] || fail "the installed PostgreSQL is older than $OLDEST"
    fi
    FOLDER=$(mktemp --directory --tmpdir beseda-postgres.XXXXXX)
    [[ $(id -u) != 0 ]] || chown postgres "$FOLDER"
    cd "$FOLDER" # the owner may not be allowed where the caller stands
    as_owner "$PROGRAMS/initdb" --pgdata "$FOLDER/data" --username postgres --auth trust --encoding UTF8 --locale C.UTF-8 \
        >"$FOLDER/initdb.log" 2>&1 || fail "initdb failed: $(tail -n 1 "$FOLDER/initdb.log")"
    local attempt port
    for attempt in 1 2 3 4 5; do
        port=$(free_port)
        if as_owner "$PROGRAMS/pg_ctl" start --pgdata "$FOLDER/data" --log "$FOLDER/server.log" --silent --wait \
            --options "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='' $*" >/dev/null 2>&1; then
            URL="postgres://postgres@127.0.0.1:$port/postgres"
            cd "$OLDPWD"
            return
        fi
    done
    fail "PostgreSQL did not start ($attempt attempts): $(tail -n 1 "$FOLDER/server.log")"
}

stop() {
    if [[ -f $FOLDER/data/postmaster.pid ]]; then
        (cd / && as_owner "$PROGRAMS/pg_ctl" stop --pgdata "$FOLDER/data" --mode immediate --silent --wait >/dev/null 2>&1) || true
    fi
    rm -rf "$FOLDER"
}

verb=${1:-}
shift || true
FOLDER='' PROGRAMS='' URL=''
case $verb in
run | start)
    settings=()
    while [[ ${1:-} == -c ]]; do
        [[ ${2:-} == *=* ]] || fail "-c wants setting=value"
        settings+=(-c "$2")
        shift 2
    done
    trap '[[ -z $FOLDER ]] || stop' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    [[ $verb == start || $# -gt 0 ]] || fail "run wants a command"
    start "${settings[@]}"
    if [[ $verb == run ]]; then
        BESEDA_TEST_POSTGRES=$URL "$@"
    else
        trap - EXIT
        echo "$URL $FOLDER"
    fi
    ;;
stop)
    [[ -f ${1:-}/data/PG_VERSION ]] || fail "stop wants the folder that start printed"
    FOLDER=$1 PROGRAMS=$(find_programs)
    stop
    ;;
*)
    fail "usage: $(basename "$0") run [-c setting=value]... <command...> | start [-c setting=value]... | stop <folder>"
    ;;
esac

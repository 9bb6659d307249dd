# Sees to it that the engines that live tests and benchmarks run are there. Sourced after eng/common.sh.
# shellcheck shell=bash

# Debian's client verifies the archive's signature; without the right to install, it says what to ask for.
need_redis() {
    command -v redis-server >/dev/null && command -v redis-benchmark >/dev/null && return
    command -v apt-get >/dev/null || die "The live tests need redis-server and redis-benchmark (7.0 or later) in the PATH, and there is no apt-get to fetch them with."
    local -a as_root=()
    [[ $(id -u) == 0 ]] || as_root=(sudo -n)
    say "Fetching redis-server..."
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq redis-server redis-sentinel redis-tools >/dev/null 2>&1 ||
        { "${as_root[@]}" apt-get update -qq && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq redis-server redis-sentinel redis-tools >/dev/null; } ||
        die "redis-server could not be installed; install Debian's packages redis-server and redis-tools, then try again."
}

# fetch NAME PACKAGE...: what only the tests need, from Debian.
fetch() {
    local name=$1
    shift
    command -v apt-get >/dev/null || die "The live tests need $name, and there is no apt-get to fetch it with."
    local -a as_root=()
    [[ $(id -u) == 0 ]] || as_root=(sudo -n)
    local -a install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "$@")
    say "Fetching $name..."
    "${install[@]}" >/dev/null 2>&1 || { "${as_root[@]}" apt-get update -qq && "${install[@]}" >/dev/null; } ||
        die "$name could not be installed; install Debian's package $*, then try again."
}

# Its shell has a SQLite of its own.
need_sqlite() {
    command -v sqlite3 >/dev/null || fetch sqlite3 sqlite3
}

# Debian would start a node of its own on installing, but for the run level; the tests start theirs.
need_rabbitmq() {
    compgen -G "/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server" >/dev/null || fetch "RabbitMQ (3.10 or later)" rabbitmq-server
}

# Debian keeps its programs out of the PATH, and would start a cluster of its own on installing.
need_postgres() {
    compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null && return
    command -v initdb >/dev/null && return
    command -v apt-get >/dev/null || die "The live tests need PostgreSQL (14 or later), and there is no apt-get to fetch it with."
    local -a as_root=()
    [[ $(id -u) == 0 ]] || as_root=(sudo -n)
    say "Fetching PostgreSQL..."
    "${as_root[@]}" mkdir -p /etc/postgresql-common
    [[ -e /etc/postgresql-common/createcluster.conf ]] || "${as_root[@]}" sh -c 'echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf'
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq postgresql >/dev/null 2>&1 ||
        { "${as_root[@]}" apt-get update -qq && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq postgresql >/dev/null; } ||
        die "PostgreSQL could not be installed; install Debian's package postgresql, then try again."
}

# From the tool manifest; the tests start what this leaves in the package folder.
# shellcheck disable=SC2154 # root is the caller's
need_garnet() {
    (cd "$root" && dotnet tool restore >/dev/null) || die "garnet-server could not be restored from .config/dotnet-tools.json."
}

# Starts a redis-server for this command alone, that keeps nothing on disk: sets $engine, its process, and $port. The caller ends it.
start_redis() {
    local try waited
    for try in 1 2 3 4 5 6 7 8; do
        # Below the ports that systems give away by themselves, so that nobody is there in most cases.
        port=$((20000 + RANDOM % 12000))
        redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --maxmemory 64mb --maxmemory-policy allkeys-lfu \
            --dir "${TMPDIR:-/tmp}" </dev/null >/dev/null 2>&1 &
        engine=$!
        for ((waited = 0; waited < 100; waited++)); do
            kill -0 "$engine" 2>/dev/null || break
            # Another server may have the port: then that one answers, and this one has ended or will.
            redis-cli -h 127.0.0.1 -p "$port" info server 2>/dev/null | grep -q "^process_id:$engine[^0-9]*$" && return
            sleep 0.1
        done
        kill "$engine" 2>/dev/null || true
    done
    die "redis-server did not start on any of $try ports."
}

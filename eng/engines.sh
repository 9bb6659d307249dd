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

# From the tool manifest; the tests start what this leaves in the package folder.
# shellcheck disable=SC2154 # root is the caller's
need_garnet() {
    (cd "$root" && dotnet tool restore >/dev/null) || die "garnet-server could not be restored from .config/dotnet-tools.json."
}

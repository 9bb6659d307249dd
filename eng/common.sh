# Shared by the root commands; sourced, never run. Expects `set -euo pipefail` and $root from the caller.
# shellcheck shell=bash

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# The SDK would want ICU, which a small machine may lack; nothing here compares text by culture.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
# A build node that outlives its command keeps memory and may keep the caller's pipe open.
export MSBUILDDISABLENODEREUSE=1

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# Prints the comment block at the head of the calling script: the help lives where the options are read.
print_help() { sed -n '2,/^$/{s/^# \{0,1\}//p}' "$0"; }

need_dotnet() {
    local place
    for place in "${DOTNET_ROOT:-}" "$HOME/.dotnet" /usr/share/dotnet /usr/lib/dotnet; do
        command -v dotnet >/dev/null && break
        [[ -n $place && -x $place/dotnet ]] && PATH=$place:$PATH
    done
    command -v dotnet >/dev/null || die "The .NET 10 SDK is needed and no 'dotnet' was found: https://dot.net/download"
    dotnet --version >/dev/null 2>&1 || die "The .NET 10 SDK is needed; installed: $(dotnet --list-sdks 2>/dev/null | tr '\n' ' ')"
}

# build PROJECT [ARGS]: Release; silent when it succeeds, the compiler's words when it does not.
build() {
    local log
    log=$(mktemp)
    if ! dotnet build "$@" -c Release -v quiet -nologo --tl:off </dev/null >"$log" 2>&1; then
        grep -E 'error|warn' "$log" | sort -u >&2 || cat "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

# Where the build puts what PROJECT_NAME compiles to.
# shellcheck disable=SC2154 # root is the caller's
built() { printf '%s/artifacts/bin/%s/release/%s.dll' "$root" "$1" "$1"; }

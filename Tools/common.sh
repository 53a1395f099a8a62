# Sourced by the scripts of Tools/: their folder, their words, their steps.
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tool=Tools/$(basename "$0")
export DEBIAN_FRONTEND=noninteractive

# fail STATUS WORDS: 69 is "something is missing", 70 "a step failed".
fail() {
    local status=$1
    shift
    printf '%s: %s\n' "$tool" "$*" >&2
    exit "$status"
}

# step TITLE COMMAND...: runs it, and says how long it took or that it failed. One command: what
# fails inside a function that is called here does not end the function.
step() {
    local title=$1 begun=$SECONDS status=0
    shift
    printf '\n== %s\n' "$title"
    "$@" || status=$?
    [ "$status" -eq 0 ] || fail "$status" "'$title' failed with $status: $*"
    printf '== %s: %d s\n' "$title" $((SECONDS - begun))
}

# What every build of the package is given, so that none builds again what another has built.
swift_flags=(--explicit-target-dependency-import-check error)

# On a terminal the compiler is told to use colours, and builds again what it built for a pipe.
swift() { TERM=dumb command swift "$@"; }

# Makes the demonstration's data where they are missing: tests train the example's model on them.
demo_data() {
    (umask 077 && mkdir -p .madang/demo)
    [ -f .madang/demo/daily.csv.gz ] && [ -f .madang/demo/generated-ticks.csv.gz ] ||
        step "the demonstration's data: 20 years of daily candles from the Python package arch, and generated ticks" \
            .venv/bin/python Tools/demo-data.py .madang/demo
}

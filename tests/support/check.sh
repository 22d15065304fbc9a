# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the CLI and end-to-end tests. They run in an empty folder of their own, with
#   FK_BIN   the tools under test      FK_ROOT  the source tree     FK_BUILD  the build folder
# Each check prints "ok NAME" or "not ok NAME" with what was seen, and the script goes on.
set -u
PATH=$FK_BIN:$PATH

pass() { echo "ok $1"; }
fail() { # name, detail...
    echo "not ok $1"
    shift
    printf '    %s\n' "$@"
}

# run COMMAND...: keeps exit code, stdout and stderr in $rc, $out and $err
run() {
    rc=0
    "$@" >.stdout 2>.stderr || rc=$?
    out=$(tr -d '\0' <.stdout)
    err=$(tr -d '\0' <.stderr)
}

# flip_bit FILE OFFSET: changes one bit of the byte there. A fixed byte may be the one that is there.
flip_bit() {
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1") || return
    printf '%b' "\\x$(printf %02x $((byte ^ 16)))" |
        dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# check_ok NAME COMMAND...: exit code 0
check_ok() {
    local name=$1
    shift
    run "$@"
    if [ "$rc" -eq 0 ]; then pass "$name"; else fail "$name" "command: $*" "exit: $rc" "stderr: $err"; fi
}

# check_refused NAME CODE TEXT COMMAND...: this exit code, TEXT (a grep -E pattern) on stderr, which
# must be one line
check_refused() {
    local name=$1 code=$2 text=$3
    shift 3
    run "$@"
    if [ "$rc" -ne "$code" ]; then
        fail "$name" "command: $*" "exit: $rc, expected $code" "stderr: $err"
    elif ! grep -qE -- "$text" <<<"$err"; then
        fail "$name" "command: $*" "stderr: $err" "expected: $text"
    elif [ "$(grep -cv ': warning: ' .stderr)" -ne 1 ]; then
        fail "$name" "command: $*" "expected one line on stderr, got:" "$err"
    else
        pass "$name"
    fi
}

check_equal() { # name, expected, found
    if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "expected: $2" "found: $3"; fi
}
check_match() { # name, pattern, text
    if grep -qE -- "$2" <<<"$3"; then pass "$1"; else fail "$1" "expected: $2" "found: $3"; fi
}
check_same_file() { # name, a, b
    if cmp -s "$2" "$3"; then pass "$1"; else fail "$1" "$(cmp "$2" "$3" 2>&1)"; fi
}
check_absent() { # name, path
    if [ ! -e "$2" ]; then pass "$1"; else fail "$1" "'$2' exists"; fi
}

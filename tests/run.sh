#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs every test below one build folder and prints one closing line, "N passed, N failed".
# Usage: run.sh BUILD-FOLDER
#
# A unit test is a cmocka program; each of its cases counts. A CLI or end-to-end test is a script
# tests/{cli,e2e}/test_*.sh that sources tests/support/check.sh; each check counts. A fuzz target
# replays each file of its corpus; each target counts as one.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 3
build=$1
export FK_BUILD=$PWD/$build FK_BIN=$PWD/$build/bin FK_ROOT=$PWD
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1
if command -v getent >/dev/null && ! getent ahosts localhost >/dev/null; then
    echo "tests: this machine does not know 'localhost'; run this as root, then try again:" >&2
    echo "  echo '127.0.0.1 localhost' >>/etc/hosts" >&2
    exit 3
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 failures=()

note() { # name, passed, failed, log
    passed=$((passed + $2)) failed=$((failed + $3))
    if [ "$3" -ne 0 ]; then
        failures+=("$1")
        cat "$4"
    fi
    printf '%-52s %4d passed %s\n' "$1" "$2" "$([ "$3" -eq 0 ] || echo "$3 FAILED")"
}

# The units side by side; they share nothing.
unit() { # program
    CMOCKA_MESSAGE_OUTPUT=STDOUT "$1" >"$work/$(basename "$1").log" 2>&1
    echo $? >"$work/$(basename "$1").rc"
}
units=()
for t in "$build"/tests/test_*; do
    [[ -x $t && ! -d $t && $t != *.d ]] || continue
    units+=("$t")
    unit "$t" &
    while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
        wait -n
    done
done
wait
for t in "${units[@]}"; do
    log=$work/$(basename "$t").log
    ok=$(grep -cE '^\[       OK \]' "$log")
    bad=$(grep -E '^\[  FAILED  \] [A-Za-z_0-9]+$' "$log" | sort -u | wc -l) # told twice each
    [ "$(cat "$work/$(basename "$t").rc")" = 0 ] && [ "$ok" -gt 0 ] || [ "$bad" -gt 0 ] || bad=1
    note "unit/$(basename "$t")" "$ok" "$bad" "$log"
done

for t in tests/cli/test_*.sh tests/e2e/test_*.sh; do
    [ -e "$t" ] || continue
    mkdir -p "$work/dir"
    (cd "$work/dir" && bash "$FK_ROOT/$t") >"$work/log" 2>&1 </dev/null
    rc=$?
    ok=$(grep -c '^ok ' "$work/log")
    bad=$(grep -c '^not ok ' "$work/log")
    [ $rc -eq 0 ] && [ "$ok" -gt 0 ] || [ "$bad" -gt 0 ] || bad=1
    note "${t#tests/}" "$ok" "$bad" "$work/log"
    chmod -R u+rwX "$work/dir" 2>/dev/null
    rm -rf "$work/dir"
done

if [ "${VARIANT:-}" != fuzz ]; then
    for f in "$build"/fuzz/fuzz_*; do
        [[ -x $f && $f != *.d ]] || continue
        name=$(basename "$f")
        corpus=tests/fuzz/corpus/${name#fuzz_}
        if compgen -G "$corpus/*" >/dev/null && "$f" "$corpus"/* >"$work/log" 2>&1; then
            note "fuzz/$name ($(find "$corpus" -type f | wc -l) inputs)" 1 0 "$work/log"
        else
            echo "no corpus in $corpus, or a crash" >>"$work/log"
            note "fuzz/$name" 0 1 "$work/log"
        fi
    done
fi

# Every flash operation of every layout, once. Whole in the release build, where it takes a minute;
# a part of it under the slower sanitizers.
parts=2
[ "$(basename "$build")" = release ] || parts=24
for i in 0 1; do
    "$build/power/matrix" "$i" "$parts" >"$work/matrix$i" 2>&1 &
    pids[i]=$!
done
for i in 0 1; do
    if wait "${pids[i]}"; then
        note "power/matrix ($(tail -n 1 "$work/matrix$i"))" 1 0 "$work/matrix$i"
    else
        note "power/matrix" 0 1 "$work/matrix$i"
    fi
done

# A test of the tests: planted bugs must be caught.
if [ "$(basename "$build")" = release ]; then
    tests/mutants/run.sh "$build" >"$work/log" 2>&1
    note mutants "$(grep -c '^ok ' "$work/log")" "$(grep -c '^not ok ' "$work/log")" "$work/log"
    tests/fault/run.sh "$build" >"$work/log" 2>&1
    note 'fault (skipped checks at boot)' "$(grep -c '^ok ' "$work/log")" \
        "$((2 - $(grep -c '^ok ' "$work/log")))" "$work/log"
fi

[ ${#failures[@]} -eq 0 ] || printf 'failed: %s\n' "${failures[*]}"
[ $((passed + failed)) -gt 0 ] || { echo "no test was found below $build"; failed=1; }
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

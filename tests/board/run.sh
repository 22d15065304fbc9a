#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs the tests of the emulated board and prints one closing line, "N passed, N failed".
# Usage: FK_BOARD=FOLDER-OF-THE-IMAGES run.sh BUILD-FOLDER [NAME...]
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
build=$1
shift
export FK_BUILD=$PWD/$build FK_BIN=$PWD/$build/bin FK_ROOT=$PWD
export FK_BOARD FK_BOARD_BOOT=$FK_BOARD/boot.elf
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
for t in tests/board/test_${1:-*}.sh; do
    mkdir -p "$work/dir"
    (cd "$work/dir" && bash "$FK_ROOT/$t") >"$work/log" 2>&1 </dev/null
    rc=$?
    ok=$(grep -c '^ok ' "$work/log")
    bad=$(grep -c '^not ok ' "$work/log")
    [ $rc -eq 0 ] && [ "$ok" -gt 0 ] || [ "$bad" -gt 0 ] || bad=1
    [ "$bad" -eq 0 ] || cat "$work/log"
    [ $# -eq 0 ] || grep '^# ' "$work/log" # one test by name: its figures, too
    printf '%-52s %4d passed %s\n' "${t#tests/}" "$ok" "$([ "$bad" -eq 0 ] || echo "$bad FAILED")"
    passed=$((passed + ok)) failed=$((failed + bad))
    rm -rf "$work/dir"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

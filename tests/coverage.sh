#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Line coverage per source file from a build with VARIANT=cov. Usage: coverage.sh BUILD-FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
find "$1/src" "$1/firmware" "$1/tools" -name '*.gcda' | sort | while read -r f; do
    src=${f#"$1"/}
    src=${src%.gcda}.c
    gcov -n -o "$f" "$src" 2>/dev/null | awk -v want="$src" '
        /^File / {file = $0; gsub(/^File .|.$/, "", file)}
        /^Lines executed/ && file == want {split($0, a, /[:% ]+/); n = $NF; print a[3] + 0, n, want}
        /^Lines executed/ {file = ""} # what follows is the sum of all files'
done | awk '{printf "%6.1f %%  %5d lines  %s\n", $1, $2, $3; hit += $1 * $2 / 100; all += $2}
    END {if (all) printf "%6.1f %%  %5d lines  in all\n", 100 * hit / all, all}'

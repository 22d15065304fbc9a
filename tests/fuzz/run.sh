#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs each libFuzzer target for some seconds from its corpus; new inputs go to build/fuzz-found,
# crashes, leaks, time-outs and lack of memory stop the run. Usage: run.sh BUILD-FOLDER SECONDS
set -euo pipefail
cd "$(dirname "$0")/../.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for f in "$1"/fuzz/fuzz_*; do
    [[ -x $f && $f != *.d ]] || continue
    name=$(basename "$f") found=build/fuzz-found/$(basename "$f")
    mkdir -p "$found"
    echo "== $name, $2 s"
    rc=0
    "$f" -max_total_time="$2" -max_len=65536 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="$found/" "$found" "tests/fuzz/corpus/${name#fuzz_}" >"$log" 2>&1 || rc=$?
    grep -E 'ERROR|SUMMARY|Test unit|stat::number_of_executed|stat::new_units' "$log" || true
    if [ "$rc" -ne 0 ]; then
        tail -n 60 "$log"
        echo "$name stopped with exit code $rc; what it met is in $found"
        exit 1
    fi
done

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The large power-cut matrix: every layout, a cut at every flash operation, and a second one at
# every operation of each recovery. About half an hour on two cores. Usage: run.sh BUILD-FOLDER
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
jobs=$(nproc)
for ((i = 0; i < jobs; i++)); do
    "$1/power/matrix" nested "$i" "$jobs" >"$work/$i" 2>&1 &
done
wait
cat "$work"/*
layouts=$(awk '/ layouts, /{n += $1} END {print n + 0}' "$work"/*)
cuts=$(awk '/ layouts, /{n += $3} END {print n + 0}' "$work"/*)
lost=$(awk '/ layouts, /{n += $(NF - 1)} END {print n + 0}' "$work"/*)
finished=$(grep -c ' layouts, ' "$work"/* | awk -F: '{n += $2} END {print n}')
echo "power cuts: $cuts cases in $layouts layouts, $lost lost"
[ "$lost" -eq 0 ] && [ "$cuts" -gt 0 ] && [ "$finished" -eq "$jobs" ]

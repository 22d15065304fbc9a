#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Instructions that the primitives and a whole boot take on the emulated board: exact and the same
# every time, but not the cycles of a real one. Printed, never judged, except that it must work.
# Usage: FK_BOARD=FOLDER-OF-THE-IMAGES FK_BIN=FOLDER-OF-THE-TOOLS bench.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The digest of the image is most of a boot: an image of a round size.
cp "$FK_BOARD/bench.bin" "$work/bench.bin"
truncate -s 256K "$work/bench.bin"
"$FK_BIN/fota-sim" -p mps2-an386 --flash "$work/flash" --image "$work/bench.bin" --input bin \
    init >"$work/log" || { cat "$work/log"; exit 1; }
/usr/bin/python3 tests/board/board.py --boot "$FK_BOARD/boot.elf" --icount "$work/flash" \
    'expect:^bench: end' >"$work/out" || { cat "$work/out"; exit 1; }
! grep FAILED "$work/out" || exit 1
printf '%14s\n' 'instructions'
sed -n 's/^bench: \([0-9][0-9]*\) \(.*\)/\1 \2/p' "$work/out" |
    while read -r n what; do printf '%14d  %s\n' "$n" "$what"; done

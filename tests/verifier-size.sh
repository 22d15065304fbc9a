#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the verifier of signed envelopes costs on a Cortex-M4 at -Os, without the crypto library: code
# and constants of what the linker keeps, static RAM, and the deepest frames.
# Usage: verifier-size.sh
set -euo pipefail
cd "$(dirname "$0")/.."
cc=arm-none-eabi-gcc
command -v $cc >/dev/null || {
    echo "verifier-size: no $cc; on Debian install gcc-arm-none-eabi and libnewlib-arm-none-eabi" >&2
    exit 3
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for f in firmware/wire/{reader,writer,cbor,cose,cose_encrypt,suit,suit_run}.c \
    firmware/core/{verify,suit_verify,suit_sign,suit_payload,suit_policy}.c; do
    $cc -std=c11 -Os -mcpu=cortex-m4 -mthumb -ffunction-sections -fdata-sections -fstack-usage \
        -Ifirmware/include -Ifirmware -c "$f" -o "$work/$(basename "$f" .c).o"
done
# Crypto and C library stay unresolved: only our own code is counted.
measure() { # name, entry points
    local name=$1 roots=()
    shift
    for r in "$@"; do roots+=(-u "$r"); done
    arm-none-eabi-ld --gc-sections -e "$1" "${roots[@]}" --unresolved-symbols=ignore-all \
        -o "$work/out" "$work"/*.o 2>/dev/null
    arm-none-eabi-size "$work/out" |
        awk -v n="$name" 'NR == 2 {printf "%-44s text %6d   static RAM %d\n", n, $1, $2 + $3}'
}
measure 'judge an envelope' fk_suit_judge
measure 'judge, unwrap, check and read the payload' fk_suit_judge fk_suit_unwrap \
    fk_suit_check_payload fk_suit_read_image fk_suit_policy_make
echo 'deepest frames (bytes of stack, callees not included):'
cat "$work"/*.su | awk '{n = split($1, p, ":"); print $2, p[n]}' | sort -rn | head -8 |
    awk '{printf "  %5d %s\n", $1, $2}'

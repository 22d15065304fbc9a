#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Names per second over the root store of the system, against a shell loop of openssl.
# Usage: bench_ski_name.sh BUILD-FOLDER
set -euo pipefail
tool=$1/bin/ski-name
roots=(/usr/share/ca-certificates/mozilla/*.crt)
times=20

now() { date +%s%N; }
rate() { # count, nanoseconds
    awk -v n="$1" -v t="$2" 'BEGIN { printf "%d", n / (t / 1e9) }'
}

start=$(now)
for ((i = 0; i < times; i++)); do
    "$tool" --compute "${roots[@]}" >/dev/null 2>&1
done
ours=$(rate $((times * ${#roots[@]})) $(($(now) - start)))

start=$(now)
for f in "${roots[@]}"; do
    openssl x509 -in "$f" -noout -ext subjectKeyIdentifier 2>/dev/null |
        tail -n +2 | tr -d ' :\n' | tr A-F a-f
done >/dev/null
loop=$(rate ${#roots[@]} $(($(now) - start)))

printf '%-44s %8d names/s\n' "ski-name, ${#roots[@]} roots in one run" "$ours"
printf '%-44s %8d names/s\n' 'openssl x509 in a shell loop' "$loop"
awk -v a="$ours" -v b="$loop" 'BEGIN { printf "%-44s %8.1f\n", "ratio", a / b }'

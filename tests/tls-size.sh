#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What updates over HTTPS cost on a Cortex-M4 at -Os: code and constants of what the linker keeps of
# TLS, certificate store, download and mbedTLS, static RAM without the pool, and the deepest frames.
# The pool's size is measured by test_tls. Usage: tls-size.sh; MBEDTLS_DIR as for make
set -euo pipefail
cd "$(dirname "$0")/.."
mbedtls=${MBEDTLS_DIR:-build/deps/mbedtls}
command -v arm-none-eabi-gcc >/dev/null || {
    echo "tls-size: no arm-none-eabi-gcc; on Debian install gcc-arm-none-eabi and libnewlib-arm-none-eabi" >&2
    exit 3
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export work
common=(-std=c11 -Os -mcpu=cortex-m4 -mthumb -ffunction-sections -fdata-sections -w -I"$mbedtls/include")
psa=(-Ifirmware/crypto/mbedtls -DMBEDTLS_CONFIG_FILE='"fotakit_tls_config.h"'
    -DMBEDTLS_PSA_CRYPTO_CONFIG_FILE='"fotakit_tls_psa_config.h"')
direct=(-Ifirmware/crypto/direct/mbedtls -I"$mbedtls/3rdparty/p256-m/p256-m" -DFK_TLS_RECORD=4096
    -DMBEDTLS_CONFIG_FILE='"fotakit_tls12_config.h"')
compile() { # NAME FILES-OF-THE-ADAPTER FLAG...
    local name=$1 adapter=$2 f
    shift 2
    mkdir -p "$work/$name"
    for f in firmware/{wire,core,tls}/*.c $adapter firmware/app/{download,arrival,http_get}.c; do
        arm-none-eabi-gcc "${common[@]}" "$@" -fstack-usage -Ifirmware/include -Ifirmware -c "$f" \
            -o "$work/$name/own_$(basename "$f" .c).o"
    done
    printf '%s\n' "$mbedtls"/library/*.c "$mbedtls"/3rdparty/p256-m/p256-m/p256-m.c |
        grep -vE '/(net_sockets|timing|entropy_poll|psa_its_file)\.c' |
        xargs -P 2 -I{} sh -c 'arm-none-eabi-gcc "$@" -c {} -o "$work/'"$name"'/$(basename {} .c).o"' \
            - "${common[@]}" "$@" -I"$mbedtls/library"
}
compile psa "$(echo firmware/crypto/*.c)" "${psa[@]}"
compile direct "$(echo firmware/crypto/direct/*.c firmware/crypto/{keywrap,drbg}.c)" "${direct[@]}"
rm "$work/direct/own_pool.o" # two blocks of the boot stage's, or TLS's own: the latter
arm-none-eabi-gcc "${common[@]}" "${direct[@]}" -Ifirmware/include -Ifirmware -c firmware/tls/pool.c \
    -o "$work/direct/own_pool.o"

# The C library stays unresolved; everything else has to be there.
entries=(fk_download fk_tls_init fk_tls_transport fk_tls_pool_init fk_tls_key_id fk_certstore_open
    fk_certstore_settle fk_certstore_put fk_certstore_remove fk_crypto_use_random)
measure() { # name, build, entry points
    local name=$1 build=$2 roots=()
    shift 2
    for r in "$@"; do roots+=(-u "$r"); done
    arm-none-eabi-ld --gc-sections -e "$1" "${roots[@]}" --unresolved-symbols=ignore-all \
        -o "$work/out" "$work/$build"/*.o 2>/dev/null
    arm-none-eabi-size "$work/out" |
        awk -v n="$name" 'NR == 2 {printf "%-46s text %6d   static RAM %d\n", n, $1, $2 + $3}'
}
none=(fk_download fk_certstore_open fk_certstore_settle fk_certstore_put fk_certstore_remove)
measure 'TLS 1.2 and 1.3 (PSA): without TLS' psa "${none[@]}"
measure '  with TLS, client' psa "${entries[@]}"
measure '  with TLS, client and server' psa "${entries[@]}" fk_tls_accept
measure 'TLS 1.2 (direct calls): without TLS' direct "${none[@]}"
measure '  with TLS, client, and a generator' direct "${entries[@]}" fk_crypto_seed
echo 'deepest frames of our TLS and store (bytes of stack, callees not included):'
cat "$work"/direct/own_{tls,trust,own,session,fault,certstore*}.su | awk '{n = split($1, p, ":"); print $2, p[n]}' |
    sort -rn | head -6 | awk '{printf "  %5d %s\n", $1, $2}'

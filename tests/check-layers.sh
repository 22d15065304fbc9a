#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Refuses includes and symbols that break the layering (see README, "Layout"), and an adapter of the
# crypto seam that lacks a function.
# Usage: check-layers.sh DEVICE-LIBRARY OBJECTS-OF-CRYPTO/DIRECT
set -uo pipefail
cd "$(dirname "$0")/.." || exit 3
bad=0
refuse() { # why, offending lines
    if [ -n "$2" ]; then
        printf 'check-layers: %s\n%s\n' "$1" "$2"
        bad=1
    fi
}
inc='#[[:space:]]*include[[:space:]]*[<"]'

refuse 'OpenSSL, libyaml and zlib stay in one folder each' "$(
    grep -rnE "${inc}(openssl/|yaml\.h|zlib\.h)" src include tools --include='*.[ch]' |
        grep -vE '^src/crypto/.*openssl/|^src/profile/.*yaml\.h|^src/pack/.*zlib\.h')"
refuse 'mbedTLS and PSA stay in firmware/crypto and firmware/tls' "$(
    grep -rnE "${inc}(mbedtls|psa)/" firmware src include tools --include='*.[ch]' |
        grep -vE '^firmware/(crypto|tls)/')"
refuse 'firmware/ includes nothing of the host' "$(
    grep -rnE "${inc}(fotakit/|base/|profile/|image/|ota/|credentials/|openssl/|yaml|zlib)" firmware --include='*.[ch]')"
refuse 'the device core uses no operating system and no heap' "$(
    grep -rnE "${inc}(stdio|stdlib|unistd|errno|time|sys/[a-z]+)\.h" \
        firmware/include firmware/wire firmware/core firmware/boot firmware/app firmware/crypto firmware/tls --include='*.[ch]')"
refuse 'lwIP and processors stay in firmware/port' "$(
    grep -rnE "${inc}(lwip/|netif/|port/)" firmware src include --include='*.[ch]' |
        grep -v '^firmware/port/')"
refuse 'the codec includes only the device headers' "$(
    grep -rnE '#[[:space:]]*include[[:space:]]*"' firmware/wire --include='*.[ch]' |
        grep -vE '"(wire|fotakit_fw)/')"
refuse 'the core does not know the boot stage, the application or a port' "$(
    grep -rnE '#[[:space:]]*include[[:space:]]*"(boot|app|port|tls)/' firmware/core firmware/wire firmware/crypto --include='*.[ch]')"
refuse 'the library does not include the tools' "$(
    grep -rnE "${inc}cli\.h" src include --include='*.[ch]')"
refuse 'only tools talk to people' "$(
    grep -rnE '\b(printf|puts|perror|exit|abort)\(' src --include='*.c' | grep -vE 'snprintf|fprintf\(j->to')"

# What the device library may take from outside: memory functions, its port and mbedTLS.
defined=$(nm -A --defined-only "$1" 2>/dev/null | awk '{print $NF}' | sort -u)
refuse 'the device library calls something it may not' "$(
    nm -A -u "$1" 2>/dev/null | awk '{print $NF " " $1}' | sort -u |
        grep -vE '^(mem(cpy|move|set|cmp|chr)|bcmp|str(len|cmp|ncmp|chr)|psa_|mbedtls_|_GLOBAL_OFFSET_TABLE_|__(stack_chk_fail|asan|ubsan|gcov|llvm|sanitizer|mem|str)[a-z_0-9]*)' |
        grep -vxFf <(sed 's/$/ /' <<<"$defined") | while read -r sym where; do
            grep -qxF "$sym" <<<"$defined" || echo "$sym in $where"
        done)"

# Every function of the seam is in both adapters; keywrap.c and drbg.c serve either.
library=$1
shift
seam=$(grep -oE '\bfk_[a-z0-9_]+\(' firmware/crypto/crypto.h | tr -d '(' | sort -u)
has() { # objects
    nm --defined-only "$@" 2>/dev/null | awk '$2 == "T" {print $3}' | sort -u
}
either=$(has "${library%/*}"/firmware/crypto/{keywrap,drbg}.o)
[ "$(wc -l <<<"$seam")" -ge 20 ] || refuse 'the functions of firmware/crypto/crypto.h were not found' "$seam"
refuse 'firmware/crypto lacks what crypto.h declares' "$(
    comm -23 <(echo "$seam") <(has "$library"))"
refuse 'firmware/crypto/direct, the adapter of boards, lacks what crypto.h declares' "$(
    comm -23 <(echo "$seam") <({ has "$@"; echo "$either"; } | sort -u))"

[ "$bad" -eq 0 ] && echo 'check-layers: clean'
exit "$bad"

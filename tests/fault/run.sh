#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Skipped checks at boot: builds the verdict path so that each branch and each returned value can
# be made to go wrong, and tries them all, one at a time. Then proves that the harness can fail:
# with the second look at a packet taken out, it must find a way in.
# Usage: run.sh BUILD-FOLDER (release); MBEDTLS_DIR as for make
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc=(gcc -std=c11 -O1 -g -D_GNU_SOURCE -Iinclude -Isrc -Ifirmware/include -Ifirmware -Itests
    -Ifirmware/crypto/mbedtls -I"${MBEDTLS_DIR:-build/deps/mbedtls}/include"
    -DMBEDTLS_CONFIG_FILE='"fotakit_tls_config.h"'
    -DMBEDTLS_PSA_CRYPTO_CONFIG_FILE='"fotakit_tls_psa_config.h"')

compile() { # source, object, flags...; library headers come first, whole
    "${cc[@]}" -include psa/crypto.h -include mbedtls/constant_time.h \
        -include mbedtls/platform_util.h -include tests/fault/fault.h -w "${@:3}" -c "$1" -o "$2"
}
build_harness() { # folder; the sources are taken from firmware/ or from this folder
    local f source
    for f in boot/boot boot/judge core/verify core/state core/cell wire/st_packet crypto/psa \
        core/suit_verify core/suit_sign core/suit_payload; do
        compile "firmware/$f.c" "$1/${f//\//_}.o" -DFAULT_RETURNS || return
    done
    # Functions that return structures: branches only.
    for f in core/install core/slot core/update core/plan core/envelope; do
        source=firmware/$f.c
        [ ! -e "$1/$(basename "$f").c" ] || source=$1/$(basename "$f").c
        compile "$source" "$1/${f//\//_}.o" || return
    done
    "${cc[@]}" -Wall -Wextra -Werror -c tests/fault/fault_boot.c -o "$1/fault_boot.o" &&
        gcc -o "$1/fault_boot" "$1"/*.o "$build/tests/support/device.o" \
            "$build"/tests/support/{simflash,signed,suit_make,crypto_make,bytes}.o "$build/libfotakit_fw.a" build/deps/libmbed.a -lcrypto -lcmocka
}

mkdir "$work/real" "$work/once"
build_harness "$work/real" || exit 3
if "$work/real/fault_boot"; then
    echo "ok no single skipped check starts a wrong image"
else
    echo "not ok no single skipped check starts a wrong image"
fi

sed 's/st == FK_OK ? judge_staged(core, &plan, &again) : st;/st; again = report;/' \
    firmware/core/install.c >"$work/once/install.c"
if cmp -s firmware/core/install.c "$work/once/install.c"; then
    echo "not ok the harness can fail (its sed script changes nothing)"
elif build_harness "$work/once" && ! "$work/once/fault_boot" >"$work/log" 2>&1 &&
    grep -q 'UNSAFE (first' "$work/log"; then
    echo "ok the harness can fail: $(grep -c 'UNSAFE (first' "$work/log") scenarios get in when a packet is judged once"
else
    echo "not ok the harness can fail"
    cat "$work/log"
fi

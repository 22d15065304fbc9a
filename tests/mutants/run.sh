#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A test of the tests: each planted bug must be caught by the suites of its part.
# A mutant is a sed script whose first line names the file and says what is broken.
# Usage: run.sh BUILD-FOLDER (release); prints "ok NAME" or "not ok NAME" per mutant.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compile=(gcc -std=c11 -O1 -D_POSIX_C_SOURCE=200809L -Iinclude -Isrc -Ifirmware/include -Ifirmware -Itests
    -Ifirmware/crypto/mbedtls -I"${MBEDTLS_DIR:-build/deps/mbedtls}/include"
    -DMBEDTLS_CONFIG_FILE='"fotakit_tls_config.h"'
    -DMBEDTLS_PSA_CRYPTO_CONFIG_FILE='"fotakit_tls_psa_config.h"')
support=("$build"/tests/support/*.o)
libs=("$build"/libfotakit_sim.a "$build"/libfotakit.a "$build"/libfotakit_fw.a build/deps/libmbed.a)

# The suites that must catch a bug in this file.
suites_for() {
    case $1 in
    firmware/app/con* | firmware/app/sockets.c)
        echo test_console test_console_sockets test_console_certs test_console_config \
            test_console_http
        ;;
    firmware/app/* | firmware/wire/http* | firmware/wire/suit_front.c)
        echo test_http_request test_http_response test_http_uri test_suit_front test_download \
            test_download_resume test_download_signed test_download_signed_resume \
            test_download_keys test_console
        ;;
    firmware/core/trust* | firmware/core/keyset*) echo test_keyset test_trust test_trust_power ;;
    firmware/tls/*) echo test_tls test_tls_session ;;
    firmware/core/certstore*) echo test_certstore test_certstore_power ;;
    firmware/port/sim/*) echo test_sim_flash test_sim_tcp ;;
    *) echo test_install test_signed test_state test_power test_faults ;;
    esac
}

# One mutant, in a folder of its own.
try() {
    local mutant=$1 name file caught suite dir
    dir=$(mktemp -d -p "$work")
    name=$(basename "$mutant" .sed)
    file=$(sed -n '1s/^# \([^:]*\):.*/\1/p' "$mutant")
    sed -f "$mutant" "$file" > "$dir/mutant.c"
    if cmp -s "$file" "$dir/mutant.c"; then
        echo "not ok $name (the sed script changes nothing)"
        return
    fi
    if ! "${compile[@]}" -c "$dir/mutant.c" -o "$dir/mutant.o" 2>"$dir/log"; then
        echo "not ok $name (does not compile)"
        cat "$dir/log"
        return
    fi
    caught=
    for suite in $(suites_for "$file"); do
        gcc -o "$dir/suite" "$build/tests/unit/$suite.o" "$dir/mutant.o" "${support[@]}" \
            "${libs[@]}" -lssl -lcrypto -lyaml -lz -lcmocka 2>"$dir/log" || {
            echo "not ok $name (does not link)"; cat "$dir/log"; return; }
        # A mutant may also loop: that is caught as well.
        if ! timeout 60 "$dir/suite" >"$dir/log" 2>&1; then
            caught=$suite
            break
        fi
    done
    if [ -n "$caught" ]; then
        echo "ok $name (by $caught)"
    else
        echo "not ok $name: survived"
    fi
}

for mutant in tests/mutants/*.sed; do
    try "$mutant" >"$work/$(basename "$mutant" .sed).said" 2>&1 &
    while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
        wait -n
    done
done
wait
cat "$work"/*.said

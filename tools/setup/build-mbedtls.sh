#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the host copy of mbedTLS with our configuration.
# Usage: build-mbedtls.sh SOURCE-FOLDER CONFIG-FOLDER OBJECT-FOLDER LIBRARY
set -euo pipefail

src=$1 config=$2 obj=$3 lib=$4
grep -q 'MBEDTLS_VERSION_MINOR *6$' "$src/include/mbedtls/build_info.h" || {
    echo "set-up: $src is not mbedTLS 3.6" >&2
    exit 3
}
mkdir -p "$obj"
rm -f "$obj"/*.o
echo "set-up: building $(basename "$lib") from $src"
export CC=${CC:-gcc} config src obj
# Directory names stay out of the objects, so two builds give the same bytes.
compile() {
    "$CC" -std=c11 -O2 -g -fPIE -w -ffile-prefix-map="$src"=mbedtls \
        -I"$config" -I"$src/include" -I"$src/library" \
        -DMBEDTLS_CONFIG_FILE='"fotakit_tls_config.h"' \
        -DMBEDTLS_PSA_CRYPTO_CONFIG_FILE='"fotakit_tls_psa_config.h"' \
        -c "$1" -o "$obj/$(basename "$1" .c).o"
}
export -f compile
printf '%s\n' "$src"/library/*.c | xargs -P "$(nproc)" -I{} bash -c 'compile {}'
rm -f "$lib"
ar rcs "$lib" "$obj"/*.o

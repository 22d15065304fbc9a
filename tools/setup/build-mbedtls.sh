#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds a host copy of mbedTLS with one of our configurations.
# Usage: build-mbedtls.sh SOURCE-FOLDER OBJECT-FOLDER LIBRARY FLAG...
# The flags name the configuration.
set -euo pipefail

src=$1 obj=$2 lib=$3
shift 3
grep -q 'MBEDTLS_VERSION_MINOR *6$' "$src/include/mbedtls/build_info.h" || {
    echo "set-up: $src is not mbedTLS 3.6" >&2
    exit 3
}
mkdir -p "$obj"
rm -f "$obj"/*.o
echo "set-up: building $(basename "$lib") from $src"
export CC=${CC:-gcc} src obj
# Directory names stay out of the objects, so two builds give the same bytes.
compile() {
    local file=$1
    shift
    "$CC" -std=c11 -O2 -g -fPIE -w -ffile-prefix-map="$src"=mbedtls \
        -I"$src/include" -I"$src/library" "$@" -c "$file" -o "$obj/$(basename "$file" .c).o"
}
export -f compile
printf '%s\n' "$src"/library/*.c "$src"/3rdparty/p256-m/p256-m/p256-m.c |
    xargs -P "$(nproc)" -I{} bash -c 'compile "$@"' - {} "$@"
rm -f "$lib"
ar rcs "$lib" "$obj"/*.o

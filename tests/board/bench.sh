#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Instructions that the primitives, a boot and a boot that installs an update take on the emulated
# board: not the cycles of a real one, but the same every time, which is checked. Each is compared
# with bare calls of the library that do the work; above a limit it fails.
# Usage: FK_BOARD=FOLDER-OF-THE-IMAGES FK_BIN=FOLDER-OF-THE-TOOLS bench.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
source examples/release/nginx.sh
umask 077
work=$(mktemp -d)
trap 'nginx_stop; rm -rf "$work"' EXIT
export PATH=$FK_BIN:$PATH
sim() { fota-sim -p mps2-an386 --flash "$work/flash" "$@" >"$work/log" || { cat "$work/log"; exit 1; }; }

# The digest of the image is most of a boot: images of a round size, which differ.
for f in old new; do
    cp "$FK_BOARD/bench.bin" "$work/$f.bin"
    truncate -s 256K "$work/$f.bin"
done
printf x | dd of="$work/new.bin" bs=1 seek=262143 conv=notrunc status=none
for f in signer device; do
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$f.pem" 2>/dev/null
done
openssl pkey -in "$work/device.pem" -pubout -out "$work/device.pub"
/usr/bin/python3 tests/support/keyset.py "$work/set.keys" 1 1 "$work/signer.pem"
mkdir -p "$work/www"
create_ota -q -p mps2-an386 -f suit --sequence 5 --sign "$work/signer.pem" --input bin \
    --encrypt-to "$work/device.pub" "$work/new.bin" "$work/www/update"
nginx_start "$work"
sim --image "$work/old.bin" --input bin --key-set "$work/set.keys" --device-key "$work/device.pem" init
cp "$work/flash" "$work/idle"
printf 'AT+S.FWUPDATE=e,127.0.0.1,/update,%s,0,,\r' "$nginx_port" | sim console
mv "$work/flash" "$work/staged"

# measure NAME: "INSTRUCTIONS WHAT" of a power-up, twice the same
measure() {
    local i
    for i in 1 2; do
        cp "$work/$1" "$work/flash"
        /usr/bin/python3 tests/board/board.py --boot "$FK_BOARD/boot.elf" --icount "$work/flash" \
            'expect:^bench: end' >"$work/out" || { cat "$work/out"; exit 1; }
        ! grep FAILED "$work/out" || exit 1
        sed -n 's/^bench: \([0-9][0-9]*\) \(.*\)/\1 \2/p' "$work/out" >"$work/$1.$i"
    done
    cmp "$work/$1.1" "$work/$1.2" || { echo 'bench: two runs differ' >&2; exit 1; }
}
measure idle
measure staged
grep -q 'found staged, installed; trial' "$work/out" || { cat "$work/out"; exit 1; }
sed -n 's/ boot$/ install/p' "$work/staged.1" >>"$work/idle.1"
exec awk -f tests/board/bench.awk "$work/idle.1"

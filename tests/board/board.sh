# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the tests of the emulated board, which run as CLI tests do; FK_BOARD is the folder of
# the images, FK_BOARD_BOOT the boot stage.
source "$FK_ROOT/tests/support/check.sh"
umask 077

# board FLASH STEP...: one power-up, see board.py; the console's text is in $out
board() { run /usr/bin/python3 "$FK_ROOT/tests/board/board.py" "$@"; }
# check_board NAME FLASH STEP...: every step comes true
check_board() {
    local name=$1
    shift
    board "$@"
    if [ "$rc" -eq 0 ]; then pass "$name"; else fail "$name" "$err" "console:" "$out"; fi
}
sim() { fota-sim -p mps2-an386 --flash "$1" "${@:2}"; }
phase() { sim "$1" status | sed -n 's/^phase *//p'; }
new_key() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.pem" 2>/dev/null
}
# new_device FLASH IMAGE: a device with a packet key, and keys that sign and decrypt
new_device() {
    [ -e signer.pem ] || {
        new_key signer && new_key device && new_key stranger
        openssl pkey -in device.pem -pubout -out device.pub
        openssl rand -out key.bin 16
        openssl rand -out kek.bin 16
        /usr/bin/python3 "$FK_ROOT/tests/support/keyset.py" set.keys 1 1 signer.pem
    }
    sim "$1" -f --image "$2" --key key.bin --key-set set.keys --kek kek.bin \
        --device-key device.pem init >init.log || {
        fail "new device $1" "$(cat init.log)"
        exit 1
    }
}

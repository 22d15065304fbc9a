#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The release on a processor: boot stage and application on the emulated Cortex-M4, version 1 at the
# factory, version 2 over the air, signed and encrypted. `make demo` calls this when QEMU and the
# cross compiler are there; it ends with 1 at the first thing that is not as it is told.
# Usage: board.sh BUILD-FOLDER FOLDER-OF-THE-IMAGES
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
bin=$(cd "${1:?usage: board.sh BUILD-FOLDER FOLDER-OF-THE-IMAGES}/bin" && pwd)
images=$(cd "$2" && pwd)
PATH=$bin:$PATH
# shellcheck source=examples/release/nginx.sh
source "$here/nginx.sh"
work=$(mktemp -d)
clean_up() {
    nginx_stop
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
cd "$work"
umask 077
act() { printf '\n%s\n' "$1"; }
show() { sed 's/^/      /'; }
do_it() {
    printf '  $ %s\n' "$*"
    "$@" | show
}

act 'On a Cortex-M4: a factory'
for key in signer device; do
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $key.pem 2>/dev/null
done
openssl pkey -in device.pem -pubout -out device.pub
/usr/bin/python3 "$root/tests/support/keyset.py" trusted.keys 1 1 signer.pem
cp "$images"/application-{1,2}.hex .
do_it fota-sim -p mps2-an386 --flash board.flash --image application-1.hex \
    --key-set trusted.keys --device-key device.pem init

act 'A release: version 2, for this device, signed'
mkdir -p srv/www
do_it create_ota -p mps2-an386 --format suit --sequence 2 --sign signer.pem \
    --encrypt-to device.pub application-2.hex srv/www/v2.suit
nginx_start "$work/srv"

act 'The board: fetches, installs, tries and keeps it'
/usr/bin/python3 "$root/tests/board/board.py" --boot "$images/boot.elf" board.flash \
    'expect:^application: version 1' 'expect:^application: idle' \
    "send:AT+S.FWUPDATE=e,10.0.2.2,/v2.suit,$nginx_port,0,,\r" 'expect:^AT-S.OK' \
    'send:AT+S.RESET\r' 'expect:^boot: found staged, installed; trial' \
    'expect:^application: version 2' 'expect:^application: trial' \
    'send:AT+S.CONFIRM\r' 'expect:^AT-S.OK' 'send:AT+S.RESET\r' \
    'expect:^boot: found idle; idle' 'expect:^application: version 2' 'expect:^application: idle' |
    show

act 'And the simulator, on the same flash'
do_it fota-sim -p mps2-an386 --flash board.flash boot

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The release on a processor: boot stage and application on the emulated Cortex-M4, version 1 at the
# factory, version 2 over the air, signed and encrypted. `make demo` calls this when QEMU and the
# cross compiler are there; it ends with 1 at the first thing that is not as it is told.
# Usage: board.sh BUILD-FOLDER FOLDER-OF-THE-IMAGES
set -uo pipefail
images=$(cd "${2:?usage: board.sh BUILD-FOLDER FOLDER-OF-THE-IMAGES}" && pwd) || exit 3
# shellcheck source=examples/support/story.sh
source "$(dirname "$0")/../support/story.sh" || exit 3
story_begin 'demo on the board' "$1"
need openssl openssl
need nginx nginx-light
need qemu-system-arm qemu-system-arm

act 'On a Cortex-M4: a factory'
for key in signer device; do
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $key.pem 2>openssl.err &&
        openssl pkey -in $key.pem -pubout -out $key.pub || not_as_told "openssl makes a key: $(cat openssl.err)"
done
cp "$images"/application-{1,2}.hex . || exit 3
do_it create_ota -p mps2-an386 --format keyset --sequence 1 --key signer.pub --sign signer.pem trusted.keys
do_it fota-sim -p mps2-an386 --flash board.flash --image application-1.hex \
    --key-set trusted.keys --device-key device.pem init

act 'A release: version 2, for this device, signed'
mkdir -p srv/www
do_it create_ota -p mps2-an386 --format suit --sequence 2 --sign signer.pem \
    --encrypt-to device.pub application-2.hex srv/www/v2.suit
nginx_start "$work/srv" || exit 3

act 'The board: fetches, installs, tries and keeps it'
tell 'What it is sent, and what it says:'
/usr/bin/python3 "$root/tests/board/board.py" --boot "$images/boot.elf" board.flash \
    'expect:^application: version 1' 'expect:^application: idle' \
    "send:AT+S.FWUPDATE=e,10.0.2.2,/v2.suit,$nginx_port,0,,\r" 'expect:^AT-S.OK' \
    'send:AT+S.RESET\r' 'expect:^boot: found staged, installed; trial' \
    'expect:^application: version 2' 'expect:^application: trial' \
    'send:AT+S.CONFIRM\r' 'expect:^AT-S.OK' 'send:AT+S.RESET\r' \
    'expect:^boot: found idle; idle' 'expect:^application: version 2' 'expect:^application: idle' |
    tr -d '\r' | sed 's/^/      /' || not_as_told 'the board fetches, installs, tries and keeps version 2'

act 'And the simulator, on the same flash'
do_it fota-sim -p mps2-an386 --flash board.flash boot

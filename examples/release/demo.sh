#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A release from the firmware file to the running device, with everything that may go wrong on the
# way. `make demo` builds the tools and calls this; every act checks that what it tells is true,
# and the script ends with 1 at the first thing that is not.
# Usage: demo.sh [BUILD-FOLDER]
set -uo pipefail
# shellcheck source=examples/support/story.sh
source "$(dirname "$0")/../support/story.sh" || exit 3
story_begin demo "${1:-}"
microbit=/usr/share/firmware-microbit-micropython/firmware.hex
need openssl openssl
need nginx nginx-light
need objcopy binutils
need srec_cat srecord
[ -e $microbit ] || { echo 'demo: needs an image: apt-get install firmware-microbit-micropython' >&2; exit 3; }
device() { console -- "$@"; }
digits() { od -An -v -tx1 "$1" | tr -d ' \n'; }

act 'Act 1: two images, one key'
tell 'The first image is MicroPython for the micro:bit, as its vendor ships it: Intel HEX, with a' \
    'second region 256 MiB away that is not part of the application.'
fails 1 create_ota "$microbit" microbit.ota
expect 'region'
[ ! -e microbit.ota ] || not_as_told 'a refused image leaves no packet'
tell 'Refused, with the reason. Only the application, then, encrypted with a key for the device:'
do_it openssl rand -out key.bin 16
do_it create_ota --only-region 0-0x10000000 "$microbit" microbit.ota key.bin
expect 'encrypted with AES-128-GCM'
tell 'The second image is a build of this project: the code of the simulated device itself.'
do_it objcopy -O binary --only-section=.text "$bin/fota-sim" own.bin
# A build with sanitizers is larger than the slot; then its first part has to do.
[ "$(stat -c %s own.bin)" -le 524288 ] || truncate -s 400001 own.bin
do_it create_ota --quiet --input bin --pad own.bin own.ota key.bin
tell 'The desk can ask the very code that will run on the device what it thinks of a packet.'
do_it ota-info --verify --keyfile key.bin own.ota
srec_cat "$microbit" -intel -crop 0 0x10000000 -o microbit.bin -binary ||
    not_as_told 'srec_cat reads the HEX file as well'

act 'Act 2: a web server and a device'
mkdir -p srv/www
cp microbit.ota own.ota srv/www/
nginx_start "$work/srv" 'location /moved/ { return 301 http://127.0.0.1/own.ota; }' || exit 3
tell "nginx serves the packets on 127.0.0.1:$nginx_port."
while [ $(($(stat -c %s own.bin) % 4)) -ne 0 ]; do printf '\377' >>own.bin; done # as --pad did
tell 'A device leaves the factory with the second image and without a key.'
do_it fota-sim init --image own.bin --input bin
device "AT+S.SCFG=aes128_key,$(digits key.bin)" AT+S.GCFG=aes128_key
expect '^AT-S.Var:aes128_key=<set>'
expect_not "$(digits key.bin)"
expect_running own.bin

act 'Act 3: the update'
device "AT+S.FWUPDATE=e,127.0.0.1,/microbit.ota,$nginx_port,0,," AT+S.STS=update_phase AT+S.RESET
expect '^AT-S.Var:update_phase=staged'
expect 'size passed, policy passed, key passed, tag passed, digest passed'
expect 'installed the new image'
expect_code 0
do_it fota-sim boot
expect_running microbit.bin
fota-sim flash dump --region primary -o primary.bin
cmp -n "$(stat -c %s microbit.bin)" primary.bin microbit.bin ||
    not_as_told 'the flash holds the image byte for byte'
tell '-> and its flash holds what srec_cat makes of the HEX file, byte for byte'

act 'Act 4: a packet that somebody changed'
cp own.ota srv/www/tampered.ota
printf 'evil' | dd of=srv/www/tampered.ota bs=1 seek=12345 conv=notrunc status=none
tell 'Four bytes of the body are not what they were.'
device "AT+S.FWUPDATE=e,127.0.0.1,/tampered.ota,$nginx_port,0,," AT+S.RESET AT+S.STS=last_text
expect 'refused the packet and erased it: authentication tag does not verify'
expect '^AT-S.Var:last_text=authentication tag does not verify'
expect_running microbit.bin

act 'Act 5: a packet for another key'
do_it openssl rand -out other.bin 16
create_ota -q --input bin own.bin srv/www/other.ota other.bin || not_as_told 'another packet is made'
device "AT+S.FWUPDATE=e,127.0.0.1,/other.ota,$nginx_port,0,," AT+S.RESET
expect 'refused the packet and erased it'
expect_running microbit.bin

act 'Act 6: a redirect, and a file that is not there'
device "AT+S.FWUPDATE=e,127.0.0.1,/moved/own.ota,$nginx_port,0,," \
    "AT+S.FWUPDATE=e,127.0.0.1,/none.ota,$nginx_port,0,,"
expect '^AT-S.Reason:62:server redirects, which is refused \(301\)'
expect '^AT-S.Reason:61:.*\(404\)'
expect '^AT-S.ERROR:111:Request failed'
expect_running microbit.bin

act 'Act 7: the power goes in the middle of it all'
tell 'While the second image is downloaded, at the 100th flash operation:'
out=$(printf 'AT+S.FWUPDATE=e,127.0.0.1,/own.ota,%s,0,,\r' "$nginx_port" |
    fota-sim console --power-cut 100 2>&1)
rc=$?
show
expect_code 3
expect 'the power was cut at flash operation 100, half-way'
tell 'The power is back. The old image runs, and the download goes on where it was.'
device "AT+S.STS=update_phase" "AT+S.FWUPDATE=e,127.0.0.1,/own.ota,$nginx_port,0,,"
expect_running microbit.bin
expect '^AT-S.Var:update_phase=receiving'
[ "$(grep -c '" 206 ' srv/access.log)" -eq 1 ] || not_as_told 'nginx was asked for the rest only'
tell "-> nginx: $(grep '" 206 ' srv/access.log | sed 's/.*"\(GET[^"]*\)" \([0-9]*\) \([0-9]*\).*/\1: \2, \3 bytes/')"
tell 'And again, while the boot stage installs it:'
fails 3 fota-sim boot --power-cut 60
do_it fota-sim status
expect '^phase     installing'
expect 'its digest differs'
do_it fota-sim boot
expect 'resumed after [1-9][0-9]* finished steps'
expect_running own.bin

act 'Act 8: signed, and encrypted for one device'
tell 'A packet says nothing about who made it. The reference board takes signed envelopes only: it' \
    'leaves the factory with the keys that it trusts, and with a key of its own for decryption.'
for key in release stranger device; do
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $key.pem 2>openssl.err &&
        openssl pkey -in $key.pem -pubout -out $key.pub || not_as_told "openssl makes a key: $(cat openssl.err)"
done
board=(--profile mps2-an386 --flash board.flash)
suit=(create_ota -q --format suit --profile mps2-an386 --input bin)
do_it create_ota --format keyset --profile mps2-an386 --sequence 1 --key release.pub \
    --sign release.pem trusted.keys
do_it fota-sim init "${board[@]}" --image own.bin --input bin --key-set trusted.keys \
    --device-key device.pem
expect '^keys      set 1: 1 trusted, 1 must sign'
do_it "${suit[@]}" --sequence 1 --sign release.pem --encrypt-to device.pub microbit.bin \
    srv/www/microbit.suit
tell 'The desk asks the code of the device:'
out=$(ota-info --profile mps2-an386 --verify --trust release.pub --device-key device.pem \
    srv/www/microbit.suit 2>&1)
rc=$?
expect_code 0
board_console() { console "${board[@]}" "$@"; }
fetch() { printf 'AT+S.FWUPDATE=e,127.0.0.1,%s,%s,0,,' "$1" "$nginx_port"; }
board_console -- "$(fetch /microbit.suit)" AT+S.RESET AT+S.CONFIRM AT+S.STS=image_origin
expect 'signature passed, .* image passed'
expect '^AT-S.Var:image_origin=signed'
expect_running microbit.bin

act 'Act 9: the payload lies elsewhere, and the power goes'
tell 'The envelope is small and names its payload, which any server may hold. It is judged before a' \
    'byte of the payload is fetched; then the power goes at the 100th flash operation.'
mkdir srv/www/images
do_it "${suit[@]}" --sequence 2 --sign release.pem --encrypt-to device.pub \
    --payload srv/www/images/own --uri images/own own.bin srv/www/own.suit
board_console --power-cut 100 -- "$(fetch /own.suit)"
expect 'the power was cut at flash operation 100, half-way'
board_console -- "$(fetch /own.suit)" AT+S.RESET AT+S.CONFIRM AT+S.STS=rollback_counter
expect '^AT-S.Var:rollback_counter=2'
expect_running own.bin
[ "$(grep -c '"GET /images/own [^"]*" 206 ' srv/access.log)" -eq 1 ] ||
    not_as_told 'nginx was asked for the rest of the payload only'
tell '-> the envelope came again, of the payload only the rest'

act 'Act 10: what the board refuses, and why'
payload=(--payload srv/www/images/never --uri images/never)
refused_board() { # NUMBER NAME
    board_console -- "$(fetch "/$2")" AT+S.STS=last_status
    expect "^AT-S.Reason:$1:"
    expect "^AT-S.Var:last_status=$1"
    expect_running own.bin
}
"${suit[@]}" --sequence 9 --sign stranger.pem "${payload[@]}" microbit.bin srv/www/stranger.suit
tell 'Somebody else has signed it:'
refused_board 166 stranger.suit
"${suit[@]}" --sequence 1 --sign release.pem "${payload[@]}" --force microbit.bin srv/www/older.suit
tell 'It is older than what the board has confirmed:'
refused_board 83 older.suit
create_ota -q --format suit --input bin --sequence 9 --sign release.pem "${payload[@]}" --force \
    microbit.bin srv/www/module.suit || not_as_told 'an envelope for the module is made'
tell 'It is for the module of the first acts:'
refused_board 175 module.suit
tell 'It is a bare packet:'
refused_board 44 microbit.ota
[ "$(grep -c '/images/never' srv/access.log)" -eq 0 ] || not_as_told 'no payload was asked for'
tell '-> nobody asked nginx for any of their payloads'

act 'Act 11: an image that never says that it works'
tell 'The reference board keeps the old image until the new one has confirmed itself.'
"${suit[@]}" --sequence 3 --sign release.pem microbit.bin srv/www/silent.suit ||
    not_as_told 'an envelope is made'
out=$(printf '%s\r' "$(fetch /silent.suit)" | fota-sim console "${board[@]}" 2>&1) ||
    not_as_told "the board takes the envelope: $out"
do_it fota-sim boot "${board[@]}"
expect_running microbit.bin
expect 'on trial, 2 more boots'
tell 'It hangs; the watchdog resets the board, and again, and again.'
fota-sim boot "${board[@]}" >/dev/null || not_as_told 'the second boot of the trial'
fota-sim boot "${board[@]}" >/dev/null || not_as_told 'the third boot of the trial'
do_it fota-sim boot "${board[@]}"
expect 'put the previous image back'
expect_running own.bin
do_it fota-sim status "${board[@]}"
expect 'trial image was not confirmed in time'
expect '^counter   2$'

act 'The end: every image that ran had been verified first, and everything was as told.'

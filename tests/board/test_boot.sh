# SPDX-License-Identifier: Apache-2.0
# The boot stage on the emulated board: what it starts, what it does not, and that the flash file is
# the simulator's.
source "$FK_ROOT/tests/board/board.sh"
source "$FK_ROOT/examples/release/nginx.sh"
trap nginx_stop EXIT
app=$FK_BOARD/application-1.hex

## nothing to start: what is wrong with each slot, and what to do
to_do='expect:^boot: to do: write a flash of fota-sim init'
head -c 16777216 /dev/zero | tr '\0' '\377' >blank.flash
check_board 'a blank flash: the boot stage stays and says why' blank.flash \
    'expect:^boot: no state' "$to_do" 'expect:^boot: nothing to start, status 81'
sim empty.flash init >/dev/null
no_image=('expect:^boot: primary: no image' 'expect:^boot: staging: no image')
check_board 'no image: the boot stage stays and says why' empty.flash \
    'expect:^boot: found empty' "${no_image[@]}" "$to_do" 'expect:^boot: nothing to start, status 80'
head -c 5000 /dev/zero >zero.bin
sim zero.flash --image zero.bin --input bin init >/dev/null
check_board 'a genuine image that is no program is not started' zero.flash \
    'expect:^boot: primary: no code' "$to_do" 'expect:^boot: nothing to start, status 80'

## provisioned by the simulator, started by the board
new_device a.flash "$app"
sum=$(sim a.flash status | sed -n 's/^image.*sha256 \(.\{16\}\).*/\1/p')
check_board 'an image that fota-sim wrote is started' a.flash \
    "expect:^boot: found idle; idle, image [0-9]+ $sum" 'expect:^application: version 1 on mps2-an386' \
    'expect:^application: idle' 'send:AT\r' 'expect:^AT-S.OK'
check_board 'AT+S.RESET resets the board' a.flash 'expect:^application: idle' 'send:AT+S.RESET\r' \
    'expect:^AT-S.OK' 'expect:^boot: found idle' 'expect:^application: idle'

## written by the board, read by the simulator
sim b.flash --image "$app" init >/dev/null
check_match 'a device leaves the factory without a packet key' '^key  *not set' "$(sim b.flash status)"
check_board 'the console sets the packet key' b.flash 'expect:^application: idle' \
    'send:AT+S.SCFG=aes128_key,000102030405060708090a0b0c0d0e0f\r' 'expect:^AT-S.OK'
check_match 'and fota-sim finds it' '^key  *set' "$(sim b.flash status)"
check_ok 'fota-sim starts the image of the board' sim a.flash boot

## one damaged byte, and the advice followed
offset=$((64 * 1024 + 3000))
cp a.flash bad.flash
flip_bit bad.flash $offset
check_board 'a damaged image without a predecessor is not started' bad.flash \
    "expect:^boot: found idle; idle, image [0-9]+ $sum" 'expect:^boot: primary: damaged' \
    'expect:^boot: staging: no image' 'expect:^boot: to do: write that image to primary, or ' \
    'expect:^boot: nothing to start, status 80'
dd if="$FK_BOARD/application-1.bin" of=bad.flash bs=64K seek=1 conv=notrunc status=none
check_board 'written back, it starts' bad.flash 'expect:^boot: found idle; idle' \
    'expect:^application: version 1'

## updates of a device that has no image
stage() { # FLASH NAME
    printf 'AT+S.FWUPDATE=e,127.0.0.1,/%s,%s,0,,\r' "$2" "$nginx_port" | sim "$1" console >stage.log
}
envelope() { # NAME SIGNER
    create_ota -q -p mps2-an386 -f suit --sequence 5 --sign "$2" --encrypt-to device.pub \
        "$app" "srv/www/$1" || fail "envelope $1"
}
mkdir -p srv/www
nginx_start "$PWD/srv" || exit 1
envelope good signer.pem
envelope foreign stranger.pem
sim bare.flash --key-set set.keys --device-key device.pem init >init.log || fail 'init' "$(cat init.log)"
cp bare.flash f.flash
stage f.flash foreign
check_board 'an update of a foreign signer: said, and why nothing starts' f.flash \
    "${no_image[@]}" 'expect:^boot: last update: status 166, signer' "$to_do" \
    'expect:^boot: nothing to start, status 80'
cp bare.flash g.flash
stage g.flash good
check_equal 'a good one is staged' staged "$(phase g.flash)"
cp g.flash t.flash
staging=$(sed -n 's/.*staging: {offset: \([0-9x]*\)K.*/\1/p' "$FK_ROOT/profiles/mps2-an386.yaml")
flip_bit t.flash $((staging * 1024 + 4096 + 3000))
check_board 'damaged in staging: refused, and why nothing starts' t.flash \
    'expect:^boot: found staged, refused (40|41|188); empty' "${no_image[@]}" \
    'expect:^boot: last update: status (40|41|188), damaged' "$to_do"
check_board 'the good one starts' g.flash 'expect:^boot: found staged, installed' \
    'expect:^application: version 1'

## both slots damaged
cp a.flash two.flash
stage two.flash good
check_board 'an image with a predecessor' two.flash 'expect:installed; trial' \
    'expect:^application: trial' 'send:AT+S.CONFIRM\r' 'expect:^AT-S.OK'
flip_bit two.flash $offset
flip_bit two.flash $((staging * 1024 + 3000))
check_board 'both damaged: each is said' two.flash 'expect:^boot: primary: damaged' \
    'expect:^boot: staging: damaged' 'expect:^boot: to do: write that image to primary, or ' \
    'expect:^boot: nothing to start, status 80'

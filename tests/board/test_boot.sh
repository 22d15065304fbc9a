# SPDX-License-Identifier: Apache-2.0
# The boot stage on the emulated board: what it starts, what it does not, and that the flash file is
# the simulator's.
source "$FK_ROOT/tests/board/board.sh"
app=$FK_BOARD/application-1.hex

## nothing to start
head -c 16777216 /dev/zero | tr '\0' '\377' >blank.flash
check_board 'a blank flash: the boot stage stays and says why' blank.flash \
    'expect:^boot: nothing to start, status 81'
sim empty.flash init >/dev/null
check_board 'no image: the boot stage stays and says why' empty.flash \
    'expect:^boot: found empty' 'expect:^boot: nothing to start, status 80'
head -c 5000 /dev/zero >zero.bin
sim zero.flash --image zero.bin --input bin init >/dev/null
check_board 'a genuine image that is no program is not started' zero.flash \
    'expect:^boot: nothing to start, status 80'

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

## one damaged byte
offset=$((64 * 1024 + 3000))
cp a.flash bad.flash
flip_bit bad.flash $offset
check_board 'a damaged image without a predecessor is not started' bad.flash \
    'expect:^boot: nothing to start, status 80'

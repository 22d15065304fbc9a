# SPDX-License-Identifier: Apache-2.0
# Updates over the air on the emulated board: the application fetches them from nginx, the boot stage
# judges and installs them.
source "$FK_ROOT/tests/board/board.sh"
source "$FK_ROOT/examples/release/nginx.sh"
trap nginx_stop EXIT
mkdir -p srv/www
nginx_start "$PWD/srv" || exit 1
new_device fresh.flash "$FK_BOARD/application-1.hex"

pack() {
    create_ota -q -p "${profile:-mps2-an386}" "$@" || {
        fail "create_ota $*"
        exit 1
    }
}
envelope() { # NAME IMAGE OPTION...
    local name=$1 image=$2
    shift 2
    pack -f suit --sequence "${sequence:-5}" --sign "${signer:-signer.pem}" "$@" "$image" "srv/www/$name"
}
v2=$FK_BOARD/application-2.hex probe=$FK_BOARD/probe-2.hex
envelope v2.suit "$v2" --encrypt-to device.pub
envelope kek.suit "$probe" --encrypt-kek kek.bin
envelope plain.suit "$probe"
envelope ctr.suit "$probe" --encrypt-kek kek.bin --cipher a128ctr
pack "$probe" bare.ota key.bin 2>/dev/null
pack -f suit --wrap-st --sign signer.pem --sequence 5 bare.ota srv/www/packet.suit
cp bare.ota srv/www/
signer=stranger.pem envelope stranger.suit "$probe"
openssl pkey -in stranger.pem -pubout -out stranger.pub
openssl rand -out other-kek.bin 16
envelope other-key.suit "$probe" --encrypt-to stranger.pub
envelope other-kek.suit "$probe" --encrypt-kek other-kek.bin
envelope both-keys.suit "$probe" --encrypt-to stranger.pub --encrypt-to device.pub
mkdir other
sed 's/class: MPS2-AN386/class: MPS2-AN500/' "$FK_ROOT/profiles/mps2-an386.yaml" >other/mps2-an386.yaml
profile=other/mps2-an386.yaml envelope class.suit "$probe"
cp srv/www/plain.suit srv/www/tampered.suit
flip_bit srv/www/tampered.suit 4000
cp srv/www/packet.suit srv/www/tampered-packet.suit
flip_bit srv/www/tampered-packet.suit 4000
fetch() { echo "send:AT+S.FWUPDATE=e,10.0.2.2,/$1,$nginx_port,0,,\r"; }
confirm=('send:AT+S.CONFIRM\r' 'expect:^AT-S.OK')

## the whole way, with the application itself
cp fresh.flash a.flash
check_board 'fetched, installed, on trial, confirmed' a.flash 'expect:^application: idle' \
    "$(fetch v2.suit)" 'expect:^AT-S.OK' 'send:AT+S.RESET\r' \
    'expect:^boot: found staged, installed; trial' 'expect:^application: version 2' \
    'expect:^application: trial' "${confirm[@]}" 'send:AT+S.RESET\r' \
    'expect:^boot: found idle; idle' 'expect:^application: version 2' 'expect:^application: idle'
check_match 'the rollback counter has moved' 'rollback_counter": 5' "$(sim a.flash status --json)"
cp a.flash updated.flash
# The deepest use of the stack, against what DESIGN.md says it is at most.
documented() { sed -n "s/^| $1 | \([0-9]*\) | [0-9]*:.*/\1/p" "$FK_ROOT/firmware/DESIGN.md"; }
boot_stack=$(sed -n 's/^boot: found staged.*, stack //p' <<<"$out")
app_stack=$(sed -n 's/^application: stack //p' <<<"$out" | sort -n | tail -n 1)
check_ok "boot stage: $boot_stack bytes of stack, as documented" \
    test "${boot_stack:-99999}" -le "$(documented 'boot stage')"
check_ok "application: $app_stack bytes of stack, as documented" \
    test "${app_stack:-99999}" -le "$(documented 'application')"

## kinds of update
for name in kek.suit plain.suit ctr.suit packet.suit both-keys.suit; do
    cp fresh.flash k.flash
    check_board "$name: is installed" k.flash 'expect:^application: idle' "$(fetch $name)" \
        'expect:^AT-S.OK' 'send:AT+S.RESET\r' 'expect:installed; trial' 'expect:^probe: version 2' \
        'send:c' 'expect:^probe: confirm 0' 'send:r' 'expect:found idle; idle' 'expect:^probe: version 2'
done

## the largest kind of image, on a processor as slow as a real one: the watchdog waits for it
objcopy -I ihex -O binary "$probe" large.bin
head -c $((480 * 1024 - $(stat -c %s large.bin))) /dev/zero >>large.bin
envelope large.suit large.bin --input bin --encrypt-to device.pub
cp fresh.flash l.flash
printf 'AT+S.FWUPDATE=e,127.0.0.1,/large.suit,%s,0,,\r' "$nginx_port" | sim l.flash console >sim.log
check_equal 'a large image is staged' staged "$(phase l.flash)"
check_board 'and installed while the watchdog runs' --slow l.flash \
    'expect:^boot: found staged, installed; trial' 'expect:^probe: version 2'
check_equal 'without one reset' 0 "$(grep -c '^fault' <<<"$out")"

## not confirmed
cp fresh.flash t.flash
check_board 'not confirmed: the old image comes back' t.flash 'expect:^application: idle' \
    "$(fetch plain.suit)" 'expect:^AT-S.OK' 'send:AT+S.RESET\r' 'expect:^probe: version 2' 'send:r' \
    'expect:^probe: version 2' 'send:r' 'expect:^probe: version 2' 'send:r' 'expect:, reverted; idle' \
    'expect:^application: version 1' 'expect:^application: idle' \
    'send:AT+S.STS=last_status\r' 'expect:last_status=84'
cp fresh.flash t.flash
board t.flash 'expect:^application: idle' "$(fetch plain.suit)" 'expect:^AT-S.OK'
check_board 'hangs on trial: watchdog and boot stage bring the old image back' --icount t.flash \
    'expect:^probe: version 2' 'send:w' 'expect:^fault: watchdog' 'expect:^probe: version 2' 'send:w' \
    'expect:^fault: watchdog' 'expect:^probe: version 2' 'send:w' 'expect:^fault: watchdog' \
    'expect:, reverted; idle' 'expect:^application: version 1'
# What ran on trial and what came back is what the simulator reads, too.
check_ok 'and the simulator starts it' sim t.flash boot

## replayed: an older envelope, once a newer image is confirmed
cp fresh.flash updated9.flash
sequence=9 envelope nine.suit "$v2"
board updated9.flash 'expect:^application: idle' "$(fetch nine.suit)" 'expect:^AT-S.OK' \
    'send:AT+S.RESET\r' 'expect:^application: trial' "${confirm[@]}"

## refused, before the payload is fetched or at the next boot
while read -r name flash reason; do
    cp "$flash" r.flash
    check_board "$name: refused" r.flash 'expect:^application: idle' "$(fetch "$name")" \
        "expect:^AT-S.Reason:$reason:" 'expect:^AT-S.ERROR' 'send:AT+S.RESET\r' \
        'expect:^boot: found idle; idle' 'expect:^application: idle'
done <<'END'
stranger.suit fresh.flash 166
other-key.suit fresh.flash 185
other-kek.suit fresh.flash 185
class.suit fresh.flash 176
plain.suit updated9.flash 83
bare.ota fresh.flash 44
END
for name in tampered.suit tampered-packet.suit; do
    cp fresh.flash r.flash
    check_board "$name: refused at boot, and forgotten" r.flash 'expect:^application: idle' \
        "$(fetch $name)" 'expect:^AT-S.OK' 'send:AT+S.RESET\r' \
        'expect:^boot: found staged, refused (40|41); idle' 'expect:^application: version 1'
done

## a damaged image
cp updated.flash d.flash
flip_bit d.flash $((64 * 1024 + 5000))
check_board 'a corrupted image: the previous one comes back' d.flash 'expect:, reverted; idle' \
    'expect:^application: version 1'

## from the simulator to the board, and back
cp fresh.flash s.flash
printf 'AT+S.FWUPDATE=e,127.0.0.1,/kek.suit,%s,0,,\r' "$nginx_port" | sim s.flash console >sim.log
check_equal 'the simulator stages' staged "$(phase s.flash)"
check_board 'the board installs' s.flash 'expect:^boot: found staged, installed' 'expect:^probe: version 2'
check_ok 'the simulator confirms' sim s.flash boot --confirm
check_equal 'and the board has it' idle "$(phase s.flash)"
cp fresh.flash s.flash
board s.flash 'expect:^application: idle' "$(fetch kek.suit)" 'expect:^AT-S.OK'
check_ok 'the board stages, the simulator installs' sim s.flash boot
check_equal 'on trial' trial "$(phase s.flash)"

## no server, no route
cp fresh.flash n.flash
check_board 'a port that nobody listens on is an error' n.flash 'expect:^application: idle' \
    'send:AT+S.FWUPDATE=e,10.0.2.2,/x,1,0,,\r' 'expect:^AT-S.ERROR:74' 'send:AT\r' 'expect:^AT-S.OK'

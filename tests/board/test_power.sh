# SPDX-License-Identifier: Apache-2.0
# Power cuts on the emulated board. One install is traced store by store; the flash after each store
# goes through the boot stage on the host (replay.c). And QEMU itself is killed at stores spread over
# the whole install, by a plugin, so the images are the production ones; then the board is started.
source "$FK_ROOT/tests/board/board.sh"
plugin=$FK_BUILD/board/stores.so

# Staged by the simulator: signed and encrypted.
source "$FK_ROOT/examples/release/nginx.sh"
trap nginx_stop EXIT
mkdir -p srv/www
nginx_start "$PWD/srv" || exit 1
new_device staged.flash "$FK_BOARD/probe-1.hex"
create_ota -q -p mps2-an386 -f suit --sequence 5 --sign signer.pem --encrypt-to device.pub \
    "$FK_BOARD/probe-2.hex" srv/www/update
old=$(sim staged.flash status | sed -n 's/^image.*sha256 //p')
printf 'AT+S.FWUPDATE=e,127.0.0.1,/update,%s,0,,\r' "$nginx_port" | sim staged.flash console >sim.log
check_equal 'staged' staged "$(phase staged.flash)"
[ "$(phase staged.flash)" = staged ] || exit 1

## every store, on the host
cp staged.flash traced.flash
check_board 'an install, traced' --plugin "$plugin,trace=trace,flash=traced.flash" \
    traced.flash 'expect:installed; trial' 'expect:^probe: version 2'
new=$(sim traced.flash status | sed -n 's/^image.*sha256 //p')
check_ok 'a cut after each store: the next boot starts a verified image' \
    "$FK_BUILD/board/replay" mps2-an386 staged.flash trace "$old" "$new" "${FK_BOARD_EVERY:-1}"
echo "# $out"

## QEMU killed
stores=$(($(wc -c <trace) / 8))
check_match 'an install is thousands of stores' '^[0-9]{4,}$' "$stores"
cuts=${FK_BOARD_CUTS:-20} lost=0 olds=0 news=0
for ((i = 1; i <= cuts; i++)); do
    at=$((stores * i / cuts - i % 7))
    cp staged.flash cut.flash
    board --plugin "$plugin,cut=$at" cut.flash 'exit:77'
    [ "$rc" -eq 0 ] || lost=$((lost + 1))
    board cut.flash 'expect:^probe: version [12]'
    case $(grep -o '^probe: version .' <<<"$out" | tail -n 1) in
    *1) olds=$((olds + 1)) ;;
    *2) news=$((news + 1)) ;;
    *) fail "QEMU killed at store $at: the board starts" "$out" ;;
    esac
    if [ "$(sim cut.flash status | grep -c 'its digest verifies')" -ne 1 ]; then
        fail "QEMU killed at store $at: the image is whole"
    fi
done
check_equal 'QEMU was killed each time' 0 "$lost"
check_equal 'and the board started a verified image each time' "$cuts" $((olds + news))
echo "# $cuts cuts: $olds old, $news new"

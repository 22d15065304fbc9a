# SPDX-License-Identifier: Apache-2.0
# Power cuts on the emulated board. A power-up is traced store by store; the flash after each store
# goes through the boot stage on the host (replay.c), and QEMU itself is killed at stores by a plugin,
# so the boot stage is the production one, and then the board is started (power.py). FK_BOARD_EVERY=n
# kills at every n-th store that changes the flash; without it at the first, the middle and the last one
# of each kind in each sector.
source "$FK_ROOT/tests/board/board.sh"
source "$FK_ROOT/examples/release/nginx.sh"
trap nginx_stop EXIT
mkdir -p srv/www
nginx_start "$PWD/srv" || exit 1
plugin=$FK_BUILD/board/stores.so
stores=(--sample)
[ -z "${FK_BOARD_EVERY:-}" ] || stores=(--every "$FK_BOARD_EVERY")
digest() { sim "$1" status | sed -n 's/^image.*sha256 //p'; }

# stage NAME OLD NEW OPTION...: NAME.flash runs OLD and has NEW waiting
stage() {
    local name=$1 old=$2 new=$3
    shift 3
    new_device "$name.flash" "$old"
    create_ota -q -p mps2-an386 -f suit --sequence 5 --sign signer.pem "$@" "$new" "srv/www/$name" || {
        fail "create_ota $name"
        exit 1
    }
    printf 'AT+S.FWUPDATE=e,127.0.0.1,/%s,%s,0,,\r' "$name" "$nginx_port" |
        sim "$name.flash" console >sim.log
    check_equal "$name: staged" staged "$(phase "$name.flash")"
    [ "$(phase "$name.flash")" = staged ] || exit 1
    old_digest=$(digest "$name.flash")
}
# trace NAME STEP...: a power-up of NAME.flash, which becomes NAME.after; every store of it as a cut
# on the host
trace() {
    local name=$1
    shift
    cp "$name.flash" "$name.after"
    check_board "$name: traced" --plugin "$plugin,trace=$name.trace,flash=$name.after" "$name.after" "$@"
    new_digest=${new_digest:-$(digest "$name.after")}
    check_ok "$name: a cut after each store: the next boot starts a verified image" \
        "$FK_BUILD/board/replay" mps2-an386 "$name.flash" "$name.trace" "$old_digest" "$new_digest" 1 \
        "$name.forecast"
    replayed=$out
    echo "# $name: $out"
}
# kill_qemu NAME DIGEST OPTION...: the board is cut in NAME's power-up, and ends with the image DIGEST
kill_qemu() {
    local name=$1 digest=$2
    shift 2
    check_ok "$name: QEMU killed, and the board starts a verified image each time" \
        /usr/bin/python3 "$FK_ROOT/tests/board/power.py" --plugin "$plugin" \
        --profile "$FK_ROOT/profiles/mps2-an386.yaml" --end "idle:$digest" "$@" "$name.flash" \
        "$name.trace" "$name.forecast"
    echo "# $name: $out"
}

## an image of several full sectors, encrypted to the device's own key
stage large "$FK_BOARD/probe-1.hex" "$FK_BOARD/probe-2.hex" --encrypt-to device.pub
trace large 'expect:installed; trial' 'expect:^probe: version 2'
check_match 'large: thousands of cuts, and each ends with the new image' '[0-9]{4,} cuts: 0 old, [0-9]{4,} new' \
    "$replayed"
kill_qemu large "$new_digest" --sample

## on trial, and confirmed by the application
cp large.after confirm.flash
trace confirm 'expect:found trial; trial' 'expect:^probe: version 2' 'send:c' 'expect:^probe: confirm 0'
kill_qemu confirm "$new_digest" --confirm "${stores[@]}"

## an image of two sectors, the second one nearly empty: fewer stores
new_digest=
for version in 1 2; do
    cp "$FK_BOARD/tiny-$version.bin" small-$version.bin
    head -c $((4096 - $(stat -c %s small-$version.bin))) /dev/zero | tr '\0' '\377' >>small-$version.bin
    printf '%-64s' "the end of version $version" >>small-$version.bin
done
stage small small-1.bin small-2.bin --encrypt-kek kek.bin
trace small 'expect:installed; trial' 'expect:^probe: version 2'
kill_qemu small "$new_digest" --second "${stores[@]}"

## not confirmed: back to the old image
cp small.after revert.flash
for boot in 2 3; do
    check_board "revert: boot $boot of the trial" revert.flash 'expect:found trial; trial' \
        'expect:^probe: version 2'
done
trace revert 'expect:reverted; idle' 'expect:^probe: version 1'
kill_qemu revert "$old_digest" --second "${stores[@]}"

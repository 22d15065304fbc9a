# SPDX-License-Identifier: Apache-2.0
# The images are reproducible: the same source in another folder gives the same bytes. And their size
# is compared with the profile's ceilings.
source "$FK_ROOT/tests/board/board.sh"
gen=$FK_BUILD/internal/profile-gen
there=$PWD/another/folder
mkdir -p "$there/build/deps"
cp -r "$FK_ROOT"/{Makefile,firmware,include,profiles,src,tools,tests} "$there"
cp "$FK_ROOT"/build/deps/packages*.ok "$there/build/deps/" # the machine is set up already
images=$there/build/firmware/mps2-an386/mps2-an386
check_ok 'the images are built in another folder' make -s -j2 -C "$there" firmware -o "$gen" \
    PROFILEGEN="$gen" MBEDTLS_DIR="${MBEDTLS_DIR:-$FK_ROOT/build/deps/mbedtls}" \
    LWIP_DIR="${LWIP_DIR:-$FK_ROOT/build/deps/lwip}"
for f in boot application-1; do
    for kind in elf hex bin; do
        check_same_file "$f.$kind is the same" "$FK_BOARD/$f.$kind" "$images/$f.$kind"
    done
done
check_match 'a stand-in for entropy is told' '^firmware: warning: .*STAND-IN' "$err"
# BKPT 0xAB is how a program asks a debugger for something: files, the end, whatever it likes.
semihosting() { "${CROSS:-arm-none-eabi-}objdump" -d "$1" | grep -c 'bkpt.*0x00ab'; }
for f in boot application-1; do
    check_equal "$f asks no debugger for anything" 0 "$(semihosting "$FK_BOARD/$f.elf")"
done
check_match 'unlike a test that ends QEMU' '^[1-9]' "$(semihosting "$FK_BOARD/unit/test_cbor.elf")"
check_equal 'no folder of the machine is in them' 0 \
    "$(cat "$images"/*.elf | strings | grep -cF -e "$PWD" -e "$FK_ROOT")"

## sizes
size=$FK_ROOT/tests/board/size.py
check_ok 'both images are below their ceilings' "$size" "$FK_BOARD" application-1
mkdir -p small/gen
cp "$FK_BOARD"/*.map small/
sed 's/BOOT_TEXT_MAX .*/BOOT_TEXT_MAX 0x1000u/' "$FK_BOARD/gen/profile_board.h" >small/gen/profile_board.h
check_refused 'an image above its ceiling is refused' 1 '^size: boot is above its ceiling: text ' \
    "$size" small application-1
mkdir -p tight/gen
cp "$FK_BOARD"/*.map tight/
sed 's/APPLICATION_RAM_MAX .*/APPLICATION_RAM_MAX 0x1000u/' "$FK_BOARD/gen/profile_board.h" >tight/gen/profile_board.h
check_refused 'and so is one with too much RAM' 1 '^size: application-1 is above its ceiling: ' \
    "$size" tight application-1

# SPDX-License-Identifier: Apache-2.0
# The demonstration on the board comes to its end, leaves nothing, and can fail.
source "$FK_ROOT/tests/board/board.sh"
mkdir temp
check_ok 'demonstration on the board' env TMPDIR="$PWD/temp" \
    "$FK_ROOT/examples/release/board.sh" "$FK_BUILD" "$FK_BOARD"
check_match 'ends with the second image, running' '^ *running: [0-9]+ bytes, sha256 ' "$out"
check_equal 'leaves nothing' '' "$(ls -A temp)"
# Two boards of version 1: the story does not hold.
mkdir wrong
cp "$FK_BOARD"/boot.elf "$FK_BOARD"/application-1.hex wrong/
cp "$FK_BOARD"/application-1.hex wrong/application-2.hex
run env FK_BOARD_SECONDS=4 TMPDIR="$PWD/temp" "$FK_ROOT/examples/release/board.sh" "$FK_BUILD" wrong
check_equal 'fails when the second image is the first' 1 "$rc"
check_match 'and says where' 'this did not come: expect:.application: version 2' "$err"

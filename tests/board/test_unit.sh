# SPDX-License-Identifier: Apache-2.0
# Unit tests of the device core, run on the processor that it is for, with the board's crypto.
source "$FK_ROOT/tests/board/board.sh"
for elf in "$FK_BOARD"/unit/test_*.elf; do
    name=$(basename "$elf" .elf)
    run timeout 100 qemu-system-arm -M mps2-an386 -nographic -monitor none -serial stdio \
        -semihosting-config enable=on,target=native -kernel "$elf" </dev/null
    check_equal "$name: exit" 0 "$rc"
    check_match "$name: cases ran" '^\[  PASSED  \] [1-9][0-9]* test' "$out"
    [ "$rc" -eq 0 ] || echo "$out"
done
check_equal 'there are as many as the build makes' "$(sed -n 's/^BOARD_UNITS := //p' \
    "$FK_ROOT/firmware/build.mk" | wc -w)" "$(find "$FK_BOARD/unit" -name '*.elf' | wc -l)"

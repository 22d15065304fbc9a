# SPDX-License-Identifier: Apache-2.0
# Unit tests of the device core, run on the processor that it is for, with the board's crypto; as
# many at a time as there are processors.
source "$FK_ROOT/tests/board/board.sh"
cat >one.sh <<'END'
timeout -k 1 "${FK_BOARD_UNIT_SECONDS:-240}" qemu-system-arm -M mps2-an386 -nographic -monitor none \
    -serial stdio -semihosting-config enable=on,target=native \
    -kernel "$FK_BOARD/unit/test_$1.elf" </dev/null >"$1.log" 2>&1
echo $? >"$1.rc"
END
tr ' ' '\n' <<<"$FK_BOARD_UNITS" | xargs -P "$(nproc)" -n 1 bash one.sh
for name in $FK_BOARD_UNITS; do
    check_equal "test_$name: exit" 0 "$(cat "$name.rc")"
    check_match "test_$name: cases ran" '^\[  PASSED  \] [1-9][0-9]* test' "$(cat "$name.log")"
    [ "$(cat "$name.rc")" -eq 0 ] || tail -n 20 "$name.log"
done
echo "# sampled: $(grep -l '^board: one case of' ./*.log | wc -l) of $(wc -w <<<"$FK_BOARD_UNITS") programs"

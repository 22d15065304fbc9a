# SPDX-License-Identifier: Apache-2.0
# What the board does not let an application do, and how it gets out of it.
source "$FK_ROOT/tests/board/board.sh"
new_device p.flash "$FK_BOARD/probe-1.hex"
cp p.flash before.flash

while read -r letter name; do
    check_board "$name" p.flash 'expect:^probe: version 1' "send:$letter" \
        'expect:^fault: pc=21[0-9a-f]{6} cfsr=[0-9a-f]{8} hfsr=40000000' 'expect:^probe: version 1'
    check_equal "$name: nobody let it" 0 "$(grep -c 'nobody stopped' <<<"$out")"
done <<'END'
f flash is written by the driver only
p an application does not write its own code
b the code of the boot stage is out of reach
END
check_board 'data is not executed' p.flash 'expect:^probe: version 1' 'send:x' \
    'expect:^fault: pc=2[0-9a-f]{7} cfsr=00000001 ' 'expect:^probe: version 1'
check_board 'a stack that runs over faults' p.flash 'expect:^probe: version 1' 'send:s' \
    'expect:^fault: ' 'expect:^probe: version 1'
check_same_file 'none of it changed the flash' before.flash p.flash
check_board 'the flash driver keeps its rules' p.flash 'expect:^probe: version 1' 'send:d' \
    'expect:^probe: own slot ([0-9]+), boot \1, not erased \1, half a sector \1'
check_same_file 'and changed nothing' before.flash p.flash
# Waiting takes no time with --icount.
check_board 'the watchdog resets an application that hangs' --icount p.flash \
    'expect:^probe: version 1' 'send:w' 'expect:^fault: watchdog pc=21' 'expect:^probe: version 1'
## what a reset leaves in memory
check_board 'after a reset nothing of before is in memory' p.flash 'expect:^probe: nothing of before' 'send:l' \
    'expect:^boot: found idle' 'expect:^probe: nothing of before'

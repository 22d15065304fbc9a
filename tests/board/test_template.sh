# SPDX-License-Identifier: Apache-2.0
# A new board: the template compiles and links, everything in it fails, and what is missing is told.
source "$FK_ROOT/tests/board/board.sh"
here=$PWD
port=$FK_ROOT/firmware/port/template
check_ok 'both images link with the template' make -s -C "$FK_ROOT" WERROR=1 firmware BOARD=template F="$here/template"
check_ok 'a program that asks everything of it' gcc -std=c11 -Wall -Wextra -Werror -I"$FK_ROOT/firmware/include" \
    -I"$FK_ROOT/firmware" "$FK_ROOT/tests/board/template_check.c" "$port"/*.c -o "$here/ask"
check_ok 'gets nothing but refusals' "$here/ask"
grep '^ok ' <<<"$out"
mapfile -t owed < <(sed -n 's/.*\b\(fk_board_[a-z_]*\)(.*/\1/p' "$FK_ROOT/firmware/port/board.h" | sort -u)
for f in "${owed[@]}"; do
    grep -q "\b$f(" "$port"/*.c "$FK_ROOT"/firmware/port/cortex-m/*.c || fail "$f is in the template"
    grep -q "\b$f\b" "$FK_ROOT/firmware/PORTING.md" || fail "$f is in PORTING.md"
done
check_match 'what a board owes was found' '^1[0-9]$' "${#owed[@]}"

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# `make demo` and `make check` set everything up: what tests, examples and the build call comes from a
# package in tools/setup/packages.txt, or in packages-board.txt where the board is built and run.
source "$FK_ROOT/tests/support/check.sh"

if ! command -v dpkg-query >/dev/null; then
    pass 'not a Debian system: nothing to compare'
    exit
fi
cd "$FK_ROOT" || exit 3

# systemctl and valgrind are used where they are there; ed is a curve.
programs() { /usr/bin/python3 tests/support/programs.py "$@" | grep -vE ': (ed|systemctl|valgrind) \('; }

mapfile -t scripts < <(find Makefile firmware tools tests examples -path tests/support/programs.py -o \
    -type f \( -name Makefile -o -name '*.mk' -o -name '*.sh' -o -name '*.py' \) -print | sort)
board='^(Makefile|firmware/|tests/board/|tests/.*size\.sh|examples/release/board.sh)'
mapfile -t host < <(printf '%s\n' "${scripts[@]}" | grep -vE "$board")
check_match 'scripts are found' '^[1-9][0-9]+$' "${#host[@]}"
check_equal 'what the host needs is in packages.txt' '' \
    "$(programs tools/setup/packages.txt -- "${host[@]}")"
check_equal "what the board's targets need is in packages.txt or packages-board.txt" '' \
    "$(programs tools/setup/packages.txt tools/setup/packages-board.txt -- "${scripts[@]}")"

# The comparison finds something: without a list, what a test calls.
check_match 'a package that is missing is found' 'test_create_ota.sh: objcopy \(binutils\)' \
    "$(programs -- tests/cli/test_create_ota.sh)"
check_match 'what tar calls, too' 'fetch-source.sh: bzip2 \(bzip2\)' "$(programs -- tools/setup/fetch-source.sh)"
check_match 'a Python module, too' 'python module cbor2 \(python3-cbor2\)' \
    "$(programs -- tests/support/suit_check.py)"

# What a user without root is told, with sudo and on a machine that has none.
setup=$FK_ROOT/tools/setup/packages.sh
cd "$OLDPWD" || exit 3
mkdir -p bin
printf '#!/bin/sh\necho 1000\n' >bin/id
printf '#!/bin/sh\nexit 1\n' >bin/dpkg-query
chmod +x bin/id bin/dpkg-query
for tool in sh sed grep; do ln -sf "$(command -v $tool)" "bin/$tool"; done
printf '# a list\ngcc\nbzip2\n' >list
told() { # sudo or nothing, as whom
    printf 'set-up: packages are missing; run this%s, then try again:\n' "$2"
    printf '  %sapt-get update && %sapt-get install --no-install-recommends -y gcc bzip2' "$1" "$1"
}
run env PATH="$PWD/bin" "$setup" list
check_equal 'packages are missing, no sudo: exit code' 3 "$rc"
check_equal 'packages are missing, no sudo: the command' "$(told '' ' as root')" "$err"
printf '#!/bin/sh\nexit 9\n' >bin/sudo
chmod +x bin/sudo
run env PATH="$PWD/bin" "$setup" list
check_equal 'packages are missing, sudo: exit code' 3 "$rc"
check_equal 'packages are missing, sudo: the command' "$(told 'sudo ' '')" "$err"

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The attack catalogue names tests; each of them must exist and be run.
. "$FK_ROOT/tests/support/check.sh"

catalogue=$FK_ROOT/firmware/ATTACKS.md
check_equal 'the catalogue has 36 attacks' 36 "$(grep -cE '^\| [0-9]+ \|' "$catalogue")"
for name in $(grep -oE '`[a-z0-9_]{20,}`' "$catalogue" | tr -d '`' | sort -u); do
    if grep -rqE "cmocka_unit_test(_setup_teardown)?\($name\b" "$FK_ROOT/tests/unit"; then
        pass "$name is run"
    else
        fail "$name is run" "named in firmware/ATTACKS.md, not in tests/unit"
    fi
done
check_match 'every attack has a defence or a reason' '^36$' \
    "$(grep -E '^\| [0-9]+ \|' "$catalogue" | awk -F'|' 'length($4) > 3 && length($5) > 2' | wc -l)"

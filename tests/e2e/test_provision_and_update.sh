# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# examples/provision-and-update comes to its end, leaves nothing, and fails when it is not as told.
source "$FK_ROOT/tests/support/check.sh"
example=$FK_ROOT/examples/provision-and-update/run.sh

mkdir temp
check_ok 'everything is as told' env TMPDIR="$PWD/temp" "$example" "$FK_BUILD"
check_match 'it comes to its end' '^The end: the board runs version 2' "$out"
check_match 'the script filled the store' '^ *AT-S.Content:key:[1-9]' "$out"
check_match 'the release says that it works' '^ *AT-S.Var:rollback_counter=1$' "$out"
check_equal 'no private key is shown' 0 "$(grep -c 'PRIVATE KEY-----' <<<"$out")"
check_equal 'it leaves nothing' '' "$(ls -A temp)"
port=$(sed -n 's/.*nginx on port \([0-9]*\) refuses.*/\1/p' <<<"$out")
check_match 'it had a server' '^[1-9][0-9]*$' "$port"
(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null
check_equal 'its server is gone' 1 $?

# A provisioning that sends nothing: the story must not hold.
mkdir -p other/bin
for tool in create_ota ota-info fota-sim; do ln -s "$FK_BIN/$tool" other/bin/; done
cat >other/bin/cert-bundle <<END
#!/bin/bash
if [ "\$1" = replay ]; then exit 0; fi
exec "$FK_BIN/cert-bundle" "\$@"
END
chmod +x other/bin/cert-bundle
run env TMPDIR="$PWD/temp" "$example" other
check_equal 'a device without credentials: it fails' 1 "$rc"
check_match 'a device without credentials: where' '^provision-and-update: this is not as it was told: expected .*Content:ca' "$err"
check_equal 'a device without credentials: it leaves nothing' '' "$(ls -A temp)"
rm -r other/bin
check_refused 'tools that were not built' 3 "no tools in 'other'; build them first: make" "$example" other

# SPDX-License-Identifier: Apache-2.0
# The console of fota-sim with real sockets, byte for byte; tests/support/at_session.py drives it.
source "$FK_ROOT/tests/support/check.sh"

head -c 4000 /dev/zero | tr '\0' A >old.bin
printf '\377' | dd of=old.bin conv=notrunc status=none # not text
fota-sim init --image old.bin --input bin >init.log

python3 -B "$FK_ROOT/tests/support/at_session.py" sockets

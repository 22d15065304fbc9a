# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Servers of the simulated device's console, plain, secure and of UDP, with openssl and socat at the
# other end; tests/support/at_servers.py drives them.
source "$FK_ROOT/tests/support/check.sh"
source "$FK_ROOT/tests/support/pki.sh"

pki_root root ec:P-256 'Test Root'
pki_root other ec:P-256 'Other Root'
pki_leaf device ec:P-256 root device-1 server
pki_leaf peer ec:P-256 root peer.example server
pki_leaf client ec:P-256 root client-1 client
pki_leaf stranger ec:P-256 other client-1 client

head -c 4000 /dev/zero | tr '\0' A >old.bin
printf '\377' | dd of=old.bin conv=notrunc status=none # not text
fota-sim init --image old.bin --input bin >init.log
python3 -B "$FK_ROOT/tests/support/at_servers.py"

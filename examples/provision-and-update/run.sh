#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# From nothing to an updated device: a PKI, a provisioning script, the reference board with
# credentials in its store, a signed and encrypted release, and an update over HTTPS in which server
# and device have shown each other who they are. Every step is checked; the script ends with 1 at
# the first thing that is not as it is told, and leaves nothing behind.
# Usage: run.sh [BUILD-FOLDER]
set -uo pipefail
# shellcheck source=examples/support/story.sh
source "$(dirname "$0")/../support/story.sh" || exit 3
# shellcheck source=examples/support/pki.sh
source "$root/examples/support/pki.sh"
story_begin provision-and-update "${1:-}"
need openssl openssl
need nginx nginx-light
need curl curl
new_key() { pki_key "$1" ec:P-256 && openssl pkey -in "$1.key" -pubout -out "$1.pub"; }
board() { console "${device[@]}" -- "$@"; }

act 'Step 1: a PKI. One authority for servers, one for the devices of the plant'
pki_root server-ca ec:P-256 && pki_root plant-ca ec:P-256 &&
    pki_leaf server ec:P-256 server-ca localhost server &&
    pki_leaf board ec:P-256 plant-ca board-0001 client || not_as_told 'openssl makes a PKI'
do_it openssl verify -CAfile plant-ca.pem board.pem

act 'Step 2: the provisioning script. The board takes the scripts of the SPWF04S'
do_it cert-bundle --profile spwf04s --ca server-ca.pem --cert board.pem --key board.key \
    --as at-script --output bundle

act 'Step 3: the factory. The board leaves it with version 1 and two kinds of keys'
tell 'Those whose signatures it takes, and one of its own that decrypts releases.'
device=(--profile mps2-an386 --flash board.flash)
new_key release && new_key decryption || not_as_told 'openssl makes keys'
openssl rand -out version-1.bin 40000
openssl rand -out version-2.bin 60000
do_it create_ota --format keyset --profile mps2-an386 --sequence 1 --key release.pub \
    --sign release.key trusted.keys
do_it fota-sim init "${device[@]}" --image version-1.bin --input bin --key-set trusted.keys \
    --device-key decryption.key

act 'Step 4: provisioning. The script is played into the console'
do_it cert-bundle replay --exec "fota-sim console ${device[*]}" bundle/provision.at
board AT+S.TLSCERT=content,1
expect_running version-1.bin
for part in ca cert key; do expect "^AT-S.Content:$part:[1-9]"; done

act 'Step 5: the release. Signed for all boards, encrypted for this one'
mkdir -p srv/www
do_it create_ota --format suit --profile mps2-an386 --input bin --sequence 1 --sign release.key \
    --encrypt-to decryption.pub version-2.bin srv/www/version-2.suit
out=$(ota-info --profile mps2-an386 --verify --trust release.pub --device-key decryption.key \
    srv/www/version-2.suit 2>&1) || not_as_told "the code of the device takes it: $out"

act 'Step 6: a web server that asks for the certificate of a device'
tls_port=$(nginx_free_port)
nginx_start "$work/srv" "listen 127.0.0.1:$tls_port ssl;
    ssl_certificate $work/server.pem; ssl_certificate_key $work/server.key;
    ssl_client_certificate $work/plant-ca.pem; ssl_verify_client on;" || exit 3
code=$(curl -s -o nobody.out -w '%{http_code}' --noproxy '*' --cacert server-ca.pem \
    "https://localhost:$tls_port/version-2.suit" --resolve "localhost:$tls_port:127.0.0.1")
[ "$code" = 400 ] || not_as_told "nginx serves nobody without a certificate, but answered '$code'"
tell "-> nginx on port $tls_port refuses whoever shows none"

act 'Step 7: the update, with the certificates of the store'
fetch="AT+S.FWUPDATE=e,localhost,/version-2.suit,$tls_port,2,,"
time="AT+S.TIME=$(date +%s)"
board "$fetch" AT+S.STS=update_phase
expect '^AT-S.Reason:87:'
expect '^AT-S.Var:update_phase=idle'
tell '-> without the time no certificate can be judged, so nothing was fetched'
board "$time" "$fetch" AT+S.STS=update_phase
expect '^AT-S.Var:update_phase=staged'
[ "$(grep -c '"GET /version-2.suit HTTP/1.1" 200' srv/access.log)" -eq 1 ] ||
    not_as_told 'nginx served the release once'

act 'Step 8: the board boots the release, which says that it works'
do_it fota-sim boot "${device[@]}"
expect 'signature passed, .* image passed'
expect_running version-2.bin
board AT+S.CONFIRM AT+S.STS=update_phase AT+S.STS=rollback_counter AT+S.TLSCERT=content,1
expect '^AT-S.Var:update_phase=idle'
expect '^AT-S.Var:rollback_counter=1'
expect '^AT-S.Content:key:'
for _ in 1 2 3 4; do do_it fota-sim boot "${device[@]}"; done
expect_running version-2.bin

act 'The end: the board runs version 2 and keeps it, and its credentials are where they were.'

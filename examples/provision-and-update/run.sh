#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# From nothing to an updated device: a PKI, a provisioning script, the reference board with
# credentials in its store, a signed and encrypted release, and an update over HTTPS in which server
# and device have shown each other who they are. Every step is checked; the script ends with 1 at
# the first thing that is not as it is told, and leaves nothing behind.
# Needs openssl and nginx beside the tools. Usage: run.sh BUILD-FOLDER
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=$(cd "${1:?usage: run.sh BUILD-FOLDER}/bin" && pwd) || exit 3
PATH=$bin:$PATH
# shellcheck source=examples/release/nginx.sh
source "$here/../release/nginx.sh"
work=$(mktemp -d) || exit 3
clean_up() {
    nginx_stop
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
cd "$work" || exit 3
umask 077 # keys are made here

step() { printf '\n%s\n' "$1"; }
not_as_told() {
    printf '\nnot as it was told: %s\n' "$1" >&2
    exit 1
}
# do_it COMMAND...: shows a command and what it says; it has to succeed
do_it() {
    printf '  $ %s\n' "$*"
    out=$("$@" 2>&1)
    local rc=$?
    [ -z "$out" ] || sed 's/^/      /' <<<"${out//$'\r'/}"
    [ "$rc" -eq 0 ] || not_as_told "exit code $rc"
}
expect() { grep -qE -- "$1" <<<"$out" || not_as_told "expected '$1'"; }
# expect_running FILE: the image that the board boots, by digest
expect_running() {
    expect "^running: .* sha256 $(sha256sum "$1" | cut -d' ' -f1)"
    printf '  -> the board runs %s\n' "$1"
}
# board LINE...: types lines on the board's console
board() {
    printf '  > %s\n' "$@"
    out=$(printf '%s\r' "$@" | fota-sim console "${device[@]}" 2>&1) || not_as_told "the console: $out"
    out=${out//$'\r'/}
    sed 's/^/      /' <<<"$out"
}

# ---- the PKI: openssl makes it, as any other would ----
new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>>openssl.log; }
authority() { # NAME
    new_key "$1.key" && openssl req -x509 -new -key "$1.key" -subj "/CN=$1" -days 3650 -out "$1.pem" \
        -addext keyUsage=critical,keyCertSign,cRLSign 2>>openssl.log
}
certificate() { # NAME ISSUER COMMON-NAME server|client
    printf '%s\n' basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature \
        "extendedKeyUsage=${4}Auth" subjectKeyIdentifier=hash authorityKeyIdentifier=keyid >"$1.ext"
    [ "$4" = client ] || echo "subjectAltName=DNS:$3" >>"$1.ext"
    new_key "$1.key" && openssl req -new -key "$1.key" -subj "/CN=$3" -out "$1.csr" 2>>openssl.log &&
        openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 900 \
            -extfile "$1.ext" -out "$1.pem" 2>>openssl.log
}

step 'Step 1: a PKI. One authority for servers, one for the devices of the plant'
authority server-ca && authority plant-ca &&
    certificate server server-ca localhost server && certificate board plant-ca board-0001 client ||
    not_as_told "openssl makes a PKI: $(tail -n 3 openssl.log)"
do_it openssl verify -CAfile plant-ca.pem board.pem

step 'Step 2: the provisioning script. The board takes the scripts of the SPWF04S'
do_it cert-bundle --profile spwf04s --ca server-ca.pem --cert board.pem --key board.key \
    --as at-script --output bundle

step 'Step 3: the factory. The board leaves it with version 1, the keys whose signatures it takes,'
printf '%s\n' 'and a key of its own that decrypts releases'
device=(--profile mps2-an386 --flash board.flash)
{ new_key release.pem && new_key decryption.pem &&
    openssl pkey -in decryption.pem -pubout -out decryption.pub &&
    openssl pkey -in release.pem -pubout -out release.pub; } || not_as_told 'openssl makes keys'
openssl rand -out version-1.bin 40000
openssl rand -out version-2.bin 60000
do_it create_ota --format keyset --profile mps2-an386 --sequence 1 --key release.pub \
    --sign release.pem trusted.keys
do_it fota-sim init "${device[@]}" --image version-1.bin --input bin --key-set trusted.keys \
    --device-key decryption.pem

step 'Step 4: provisioning. The script is played into the console'
do_it cert-bundle replay --exec "fota-sim console ${device[*]}" bundle/provision.at
board AT+S.TLSCERT=content,1
expect_running version-1.bin
for part in ca cert key; do expect "^AT-S.Content:$part:[1-9]"; done

step 'Step 5: the release. Signed for all boards, encrypted for this one'
mkdir -p srv/www
do_it create_ota --format suit --profile mps2-an386 --input bin --sequence 1 --sign release.pem \
    --encrypt-to decryption.pub version-2.bin srv/www/version-2.suit
out=$(ota-info --profile mps2-an386 --verify --trust release.pub --device-key decryption.pem \
    srv/www/version-2.suit 2>&1) || not_as_told "the code of the device takes it: $out"

step 'Step 6: a web server that asks for the certificate of a device'
tls_port=$(nginx_free_port)
nginx_start "$work/srv" "listen 127.0.0.1:$tls_port ssl;
    ssl_certificate $work/server.pem; ssl_certificate_key $work/server.key;
    ssl_client_certificate $work/plant-ca.pem; ssl_verify_client on;" || exit 3
code=$(curl -s -o nobody.out -w '%{http_code}' --noproxy '*' --cacert server-ca.pem \
    "https://localhost:$tls_port/version-2.suit" --resolve "localhost:$tls_port:127.0.0.1")
[ "$code" = 400 ] || not_as_told "nginx serves nobody without a certificate, but answered '$code'"
printf '  -> nginx on port %s refuses whoever shows none\n' "$tls_port"

step 'Step 7: the update, with the certificates of the store'
fetch="AT+S.FWUPDATE=e,localhost,/version-2.suit,$tls_port,2,,"
time="AT+S.TIME=$(date +%s)"
board "$fetch" AT+S.STS=update_phase
expect '^AT-S.Reason:87:'
expect '^AT-S.Var:update_phase=idle'
printf '  -> without the time no certificate can be judged, so nothing was fetched\n'
board "$time" "$fetch" AT+S.STS=update_phase
expect '^AT-S.Var:update_phase=staged'
[ "$(grep -c '"GET /version-2.suit HTTP/1.1" 200' srv/access.log)" -eq 1 ] ||
    not_as_told 'nginx served the release once'

step 'Step 8: the board boots the release, which says that it works'
do_it fota-sim boot "${device[@]}"
expect 'signature passed, .* image passed'
expect_running version-2.bin
board AT+S.CONFIRM AT+S.STS=update_phase AT+S.STS=rollback_counter AT+S.TLSCERT=content,1
expect '^AT-S.Var:update_phase=idle'
expect '^AT-S.Var:rollback_counter=1'
expect '^AT-S.Content:key:'
for _ in 1 2 3 4; do do_it fota-sim boot "${device[@]}"; done
expect_running version-2.bin

step 'The end: the board runs version 2 and keeps it, and its credentials are where they were.'

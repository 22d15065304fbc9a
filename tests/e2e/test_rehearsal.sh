# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A provisioning script is rehearsed on the simulated device, over a good line and over one that
# loses bytes; what the device then says it has is what a flash image of the store holds, too.
source "$FK_ROOT/tests/support/check.sh"
source "$FK_ROOT/tests/support/pki.sh"

pki_root ca rsa:2048 'Plant Root'
pki_leaf dev rsa:2048 ca dev-0001 client
head -c 20000 /dev/urandom >image.bin
openssl rand -out key.bin 16 && chmod 600 key.bin
fota-sim init --flash new.flash --image image.bin --input bin --key key.bin >/dev/null
credentials=(--ca ca.pem --cert dev.pem --key dev.key)
check_ok 'emit' cert-bundle -q -p spwf04s "${credentials[@]}" --as at-script --as store-image -o slots
check_ok 'emit for the file system' cert-bundle -q -p spwf04s --store files "${credentials[@]}" \
    --as at-script --as store-image -o files

# what the device says, without what it says at its start
ask() { # flash, command
    printf '%s\r' "$2" | fota-sim console --flash "$1" 2>/dev/null | grep '^AT-S' | tr '\t' ' ' | tr -d '\r'
}
slots() { ask "$1" AT+S.TLSCERT=content,1; }

cp new.flash good.flash
check_ok 'the script plays on the device' cert-bundle replay -q --exec 'fota-sim console --flash good.flash' slots/provision.at
have=$(slots good.flash)
check_match 'the device has the root' "^AT-S.Content:ca:$(($(wc -c <ca.pem) + $(wc -l <ca.pem)))$" "$have"
check_match 'and names its key identifier' \
    "^AT-S.SubjectKeyId:$(openssl x509 -in ca.pem -noout -ext subjectKeyIdentifier | tail -1 | tr -d ' ')$" "$have"
check_equal 'certificate, key and auth are there' 3 "$(grep -cE '^AT-S.Content:(cert|key|auth):' <<<"$have")"

# every line is a module: a filter in front of the device that swallows one byte
for lost in 60 700 2500; do
    cp new.flash lossy.flash
    filter="python3 -u -c 'import os
n = 0
while True:
    b = os.read(0, 4096)
    if not b: break
    k = $lost - n
    n += len(b)
    os.write(1, b[:k] + b[k + 1:] if 0 <= k < len(b) else b)'"
    check_ok "byte $lost is lost" cert-bundle replay -q --timeout 700 \
        --exec "$filter | fota-sim console --flash lossy.flash" slots/provision.at
    check_match "byte $lost is lost: it is said" 'bringing the module back' "$err"
    check_equal "byte $lost is lost: the device has the same" "$have" "$(slots lossy.flash)"
done

# the same store, written by a programmer instead of the console
offset=$(sed -n 's/^    store: {offset: \([0-9]*\)K.*/\1/p' "$FK_ROOT/profiles/spwf04s.yaml")
burn() { # image, flash
    cp new.flash "$2"
    dd if="$1" of="$2" bs=1024 seek="$offset" conv=notrunc status=none
}
burn slots/store.bin burnt.flash
check_equal 'an image of the store holds what the script stores' "$have" "$(slots burnt.flash)"
cp new.flash fs.flash
check_ok 'the files are stored' cert-bundle replay -q --exec 'fota-sim console --flash fs.flash' files/provision.at
check_ok 'and stored again' cert-bundle replay -q --exec 'fota-sim console --flash fs.flash' files/provision.at
check_match 'the root has its name' " $(ski-name ca.pem)$" "$(ask fs.flash AT+S.FSL)"
burn files/store.bin fs-burnt.flash
check_equal 'an image of the files holds the same' "$(ask fs.flash AT+S.FSL | sort)" "$(ask fs-burnt.flash AT+S.FSL | sort)"

# Every role of both uses: what the script makes the console store is what the image of the store
# holds, entry for entry and byte for byte (tests/support/store_list.py reads both from FORMAT.md).
# The files differ all the same: an image is written at once, a script deletes and stores one by one.
entries() { python3 -B "$FK_ROOT/tests/support/store_list.py" "$1"; }
# a root and a key that only fit in DER
pki_root long-ca rsa:2048 "Long Root$(printf '/OU=%060d' {1..8})"
pki_leaf long-dev rsa:2048 long-ca dev-0003 client
pki_leaf big-dev rsa:4096 long-ca dev-0004 client
pki_root ec-ca ec:P-256 'Plant Root 2'
pki_leaf ec-dev ec:P-256 ec-ca dev-0002 both
pem=(--cert dev.pem --key dev.key) ec=(--cert ec-dev.pem --key ec-dev.key)
same() { # name, roles, cert-bundle's arguments
    local name=$1 roles=$2
    shift 2
    check_ok "$name: emit" cert-bundle -q -p spwf04s "$@" --as at-script --as store-image -o "same-$name"
    cp new.flash same.flash
    check_ok "$name: replay" cert-bundle replay -q --exec 'fota-sim console --flash same.flash' "same-$name/provision.at"
    fota-sim flash dump --flash same.flash --region store -f -o same.bin >/dev/null
    entries "same-$name/store.bin" >image.list || fail "$name: the image is a store"
    entries same.bin >console.list || fail "$name: the device's flash is a store"
    check_equal "$name: roles" "$roles" "$(cut -d' ' -f1,2 image.list | paste -sd, -)"
    check_equal "$name: the console has what the image has" "$(<image.list)" "$(<console.list)"
}
same slots 'tls auth,tls ca,tls cert,tls key' --ca ca.pem "${pem[@]}"
same slots-der 'tls ca,tls cert,tls key' --ca long-ca.pem --cert long-dev.pem --key long-dev.key
same slots-ec 'tls auth,tls ca,tls cert,tls key' --ca ec-ca.pem "${ec[@]}"
same slots-root-only 'tls auth,tls ca' --ca ca.pem
same slots-server 'tls cert,tls key' "${ec[@]}"
same files 'tls ca,tls ca,tls cert,tls key' --store files --ca ca.pem --ca ec-ca.pem "${pem[@]}"
same wpa 'wpa auth,wpa ca,wpa cert,wpa key' --purpose wpa-enterprise --ca ca.pem "${pem[@]}"
same wpa-der 'wpa ca,wpa cert,wpa key' --purpose wpa-enterprise --ca long-ca.pem --cert big-dev.pem --key big-dev.key

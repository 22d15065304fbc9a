# SPDX-License-Identifier: Apache-2.0
# Scripts that cert-bundle wrote are replayed into the console of the simulated device: what was
# emitted is what the device has, byte for byte, and it works.
source "$FK_ROOT/tests/support/check.sh"
umask 077

new_key() { # NAME ec|rsa: in the form that the module takes
    if [ "$2" = ec ]; then
        openssl ecparam -name prime256v1 -genkey -out "$1.key"
    else
        openssl genrsa -traditional -out "$1.key" 2048
    fi 2>>openssl.log
}
ids=$'subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid'
ca=$'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n'$ids
for kind in ec rsa; do
    new_key "$kind-root" "$kind"
    openssl req -new -x509 -key "$kind-root.key" -subj "/CN=Root $kind" -days 7300 -out "$kind-root.pem" \
        -config <(printf '[req]\ndistinguished_name=n\nx509_extensions=x\n[n]\n[x]\n%s\n' "$ca")
    new_key "$kind" "$kind"
    openssl req -new -key "$kind.key" -subj "/CN=device-$kind" -out "$kind.csr"
    openssl x509 -req -in "$kind.csr" -CA "$kind-root.pem" -CAkey "$kind-root.key" -CAcreateserial \
        -days 7000 -extfile <(echo "$ids") -out "$kind.pem" 2>>openssl.log
done
ski() { openssl x509 -in "$1" -noout -ext subjectKeyIdentifier | sed -n 's/^ *\([0-9A-F:]\{8,\}\)$/\1/p'; }

head -c 4000 /dev/zero | tr '\0' A >old.bin
printf '\377' | dd of=old.bin conv=notrunc status=none # not text
fota-sim init --image old.bin --input bin >init.log

say() { printf '%s\r' "$@" | fota-sim console | grep -v '^boot: \|^flash: \|^running: ' | tr -d '\r'; }
# data SCRIPT N: the bytes of its Nth block of data; size: how many they are
data() { awk -v n="$2" '/^data /{k++} /^  /{if (k == n) print}' "$1" | xxd -r -p; }
size() { data "$1" "$2" | wc -c; }
# all_in_flash NAME SCRIPT: each block of data stands in the store
all_in_flash() {
    fota-sim flash dump --region store -f -o store.bin >/dev/null
    check_ok "$1: every byte is in the store" python3 - "$2" <<'END'
import re, sys
store = open("store.bin", "rb").read()
blocks = re.findall(r"^data \d+\n((?:  .*\n?)+)", open(sys.argv[1]).read(), re.M)
assert blocks
for block in blocks:
    assert bytes.fromhex(block) in store, block[:40]
END
}
replay() { check_ok "$1" cert-bundle replay -q --exec 'fota-sim console' "$2"; }

## slots
check_ok 'slots: emit' cert-bundle -p spwf04s --ca ec-root.pem --cert ec.pem --key ec.key -o slots --as at-script
script=slots/provision.at
replay 'slots: replay' $script
check_equal 'slots: content' "AT-S.Content:ca:$(size $script 1)
AT-S.SubjectKeyId:$(ski ec-root.pem)
AT-S.Content:cert:$(size $script 2)
AT-S.Content:key:$(size $script 3)
AT-S.Content:auth:20
AT-S.OK" "$(say AT+S.TLSCERT=content,1)"
all_in_flash 'slots' $script
replay 'slots: replay again' $script
check_equal 'slots: nothing twice' 3 "$(say AT+S.TLSCERT=content,1 | grep -c ':\(ca\|cert\|key\):')"

## files
check_ok 'files: emit' cert-bundle -p spwf04s --ca ec-root.pem --cert ec.pem --key ec.key --store files -o files --as at-script
script=files/provision.at
replay 'files: replay' $script
name=$(ski ec-root.pem | tr -d : | tr A-F a-f).ca
check_equal 'files: list' "AT-S.File:C	$(size $script 1)	$name
AT-S.File:C	$(size $script 2)	tls.cert
AT-S.File:C	$(size $script 3)	tls.key
AT-S.OK" "$(say AT+S.FSL)"
all_in_flash 'files' $script
replay 'files: replay again' $script
check_equal 'files: not appended to' 1 "$(say AT+S.FSL | grep -c "	$(size $script 2)	tls.cert\$")"

## WPA2-Enterprise, with its configuration and a reset
check_ok 'wpa: emit' cert-bundle -p spwf04s --purpose wpa-enterprise --ca rsa-root.pem --cert rsa.pem --key rsa.key \
    -o wpa --as at-script --sequence eap-tls --set ssid=office --set identity=device-rsa
script=wpa/provision.at
replay 'wpa: replay' $script
check_equal 'wpa: content' "AT-S.Content:ca:$(size $script 1)
AT-S.SubjectKeyId:$(ski rsa-root.pem)
AT-S.Content:cert:$(size $script 2)
AT-S.Content:key:$(size $script 3)
AT-S.Content:auth:20
AT-S.OK" "$(say AT+S.WPAECERT=content,1)"
all_in_flash 'wpa' $script
check_equal 'wpa: configuration is saved' "AT-S.Var:wifi_eap_identity=device-rsa
AT-S.OK
AT-S.Var:wifi_ssid=office
AT-S.OK" "$(say AT+S.GCFG=wifi_eap_identity AT+S.GCFG=wifi_ssid)"
check_equal 'wpa: the TLS store is as it was' 3 "$(say AT+S.FSL | grep -c '^AT-S.File:')"

## an update of the firmware touches none of it
head -c 5000 /dev/zero | tr '\0' B >new.bin
printf '\377' | dd of=new.bin conv=notrunc status=none
head -c 16 /dev/urandom >key.bin
create_ota --input bin -q new.bin new.ota key.bin
exec 3< <(exec python3 -u -m http.server --bind 127.0.0.1 0 2>/dev/null)
server=$!
trap 'kill $server 2>/dev/null' EXIT
read -r line <&3 # "Serving HTTP on 127.0.0.1 port …"
port=${line#* port }
port=${port%% *}
fota-sim flash dump --region store -f -o before.bin >/dev/null
say "AT+S.SCFG=aes128_key,$(xxd -p key.bin)" "AT+S.FWUPDATE=e,127.0.0.1,/new.ota,$port" AT+S.RESET >update.log
fota-sim flash dump --region store -f -o after.bin >/dev/null
check_match 'update: installed' "sha256 $(sha256sum new.bin | cut -d' ' -f1)" "$(fota-sim boot)"
check_same_file 'update: the store is the same' before.bin after.bin

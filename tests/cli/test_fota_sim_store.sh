# SPDX-License-Identifier: Apache-2.0
# The certificate store of fota-sim: an image from cert-bundle goes in, secrets are encrypted with a
# key that is not in the flash file, and the flash file is searched for them.
source "$FK_ROOT/tests/support/check.sh"
umask 077

openssl ecparam -name prime256v1 -genkey -noout -out root.key 2>>openssl.log
openssl req -new -x509 -key root.key -subj '/CN=Root' -days 30 -out root.pem 2>>openssl.log
openssl ecparam -name prime256v1 -genkey -noout -out device.key 2>>openssl.log
openssl req -new -key device.key -subj '/CN=device-1' -out device.csr 2>>openssl.log
openssl x509 -req -in device.csr -CA root.pem -CAkey root.key -CAcreateserial -days 20 \
    -out device.pem 2>>openssl.log
head -c 16 /dev/urandom >fuses.bin
head -c 16 /dev/urandom >others.bin
head -c 3000 /dev/urandom >old.bin
printf '\377' | dd of=old.bin conv=notrunc status=none # not text

# shows FILE: the private key's number stands in it, as DER has it or as PEM
cat >shows.py <<'END'
import base64, re, subprocess, sys
der = subprocess.run(["openssl", "ec", "-in", "device.key", "-outform", "DER"],
                     capture_output=True, check=True).stdout
pem = base64.b64encode(der)
data = open(sys.argv[1], "rb").read()
inside = re.sub(rb"[\r\n]", b"", data)
print("yes" if der[7:39] in data or pem[12:44] in inside else "no")
END
shows() { python3 shows.py "$1"; }
say() { # DEVICE OPTION...: the console's answer to the list command
    printf 'AT+S.FSL\r' | fota-sim "$@" console |
        grep -v '^boot: \|^flash: \|^running: ' | tr -d '\r'
}
json() { sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",{]*\).*/\1/p" <<<"$out" | head -n 1; }
check_equal 'the search finds a key' yes "$(shows device.key)"

## an image goes in
check_ok 'emit' cert-bundle -p mps2-an386 --ca root.pem --cert device.pem --key device.key -o out --as store-image
image=$(find out -name store.bin)
check_equal 'the image holds a readable key' yes "$(shows "$image")"
init() { fota-sim -p mps2-an386 init --flash "$1" --image old.bin --input bin "${@:2}"; }
check_ok 'init with a store' init plain.flash --store "$image"
check_match 'init: what is in it' '^store     [34] entries, [0-9]+ of [0-9]+ bytes$' "$out"
check_match 'init: secrets' '^secrets   0 encrypted, 1 readable in the flash file$' "$out"
fota-sim -p mps2-an386 --flash plain.flash flash dump --region store -f -o store.bin >/dev/null
check_same_file 'the region is the image' "$image" store.bin
check_ok 'status' fota-sim -p mps2-an386 --flash plain.flash status
check_match 'status: secrets' '^secrets   0 encrypted, 1 readable in the flash file$' "$out"
check_equal 'the plain flash shows the key' yes "$(shows plain.flash)"
listed=$(say -p mps2-an386 --flash plain.flash)
check_match 'the console lists the root' '[0-9a-f]{40}\.ca' "$listed"
check_match 'the console lists the key' "$(stat -c %s device.key).*tls\.key" "$listed"

## with a key
check_ok 'init with a key' init safe.flash --store "$image" --store-key fuses.bin
check_match 'init with a key: secrets' '^secrets   1 encrypted, 0 readable in the flash file$' "$out"
check_equal 'the key was never in that flash' no "$(shows safe.flash)"
check_ok 'status with the key' fota-sim -p mps2-an386 --flash safe.flash --store-key fuses.bin status --json
check_equal 'status: encrypted' '1 1 0' "$(json secrets) $(json secrets_encrypted) $(json secrets_locked)"
check_ok 'status without it' fota-sim -p mps2-an386 --flash safe.flash status
check_match 'status without it: locked' '^secrets   1 encrypted, 0 readable .*; 1 need another --store-key$' "$out"
check_ok 'status with another' fota-sim -p mps2-an386 --flash safe.flash --store-key others.bin status --json
check_equal 'status with another: locked' 1 "$(json secrets_locked)"
check_equal 'the device lists the same' "$listed" "$(say -p mps2-an386 --flash safe.flash --store-key fuses.bin)"

## the device gets its key later
check_ok 'status only looks' fota-sim -p mps2-an386 --flash plain.flash --store-key fuses.bin status
check_equal 'status changed nothing' yes "$(shows plain.flash)"
check_equal 'the console lists what it did' "$listed" "$(say -p mps2-an386 --flash plain.flash --store-key fuses.bin)"
check_equal 'and the key is gone from the flash' no "$(shows plain.flash)"
check_ok 'status: encrypted now' fota-sim -p mps2-an386 --flash plain.flash --store-key fuses.bin status --json
check_equal 'status: and it opens' '1 0' "$(json secrets_encrypted) $(json secrets_locked)"

## a key that is typed in
check_ok 'init of the module' fota-sim init --image old.bin --input bin
type_key() { # OPTION...
    { printf 'AT+S.TLSCERT=key,%s\r' "$(stat -c %s device.key)"; cat device.key; } | fota-sim "$@" console >/dev/null
}
type_key
check_equal 'typed without a key: readable' yes "$(shows spwf04s.flash)"
fota-sim init -f --image old.bin --input bin >/dev/null
type_key --store-key fuses.bin
check_equal 'typed with a key: nowhere' no "$(shows spwf04s.flash)"
check_ok 'typed with a key: status' fota-sim --store-key fuses.bin status
check_match 'typed with a key: encrypted' '^secrets   1 encrypted, 0 readable' "$out"

## an image of a flash with a key, and back
fota-sim -p mps2-an386 --flash safe.flash flash dump --region store -f -o safe.bin >/dev/null
check_ok 'an encrypted image' init copy.flash --store safe.bin --store-key fuses.bin
check_match 'an encrypted image: opens' '^secrets   1 encrypted, 0 readable in the flash file$' "$out"

## refused
refused() { # NAME CODE TEXT OPTION...: and no flash file comes into being
    check_refused "$1" "$2" "$3" init no.flash "${@:4}"
    check_absent "$1: no flash file" no.flash
}
refused 'encrypted image without its key' 1 "'safe.bin': 'tls.key' is encrypted with the device's key, which --store-key" --store safe.bin
refused 'encrypted image with another key' 1 'encrypted with another key than that of --store-key' --store safe.bin --store-key others.bin
refused 'image is missing' 3 "cannot open 'none.bin'" --store none.bin
head -c 100 "$image" >short.bin
refused 'image is too short' 1 "expected [0-9]+ bytes, found 100$" --store short.bin
cat "$image" "$image" >long.bin
refused 'image is too long' 1 "expected [0-9]+ bytes, found [0-9]+$" --store long.bin
tr '\0-\377' '\377' <"$image" >blank.bin
refused 'image is erased flash' 1 "'blank.bin' holds no certificate store of mps2-an386" --store blank.bin
head -c "$(stat -c %s "$image")" /dev/urandom >noise.bin
refused 'image is noise' 1 "'noise.bin' holds no certificate store of mps2-an386" --store noise.bin
cp "$image" broken.bin
at=$(grep -obUa "BEGIN EC PRIVATE\|$(printf '\x30\x77\x02\x01\x01')" broken.bin | head -n 1 | cut -d: -f1)
flip_bit broken.bin "$((at + 20))"
refused 'a key in it is damaged' 1 "'broken.bin': 'tls.key': " --store broken.bin
head -c 15 fuses.bin >short.key
refused 'key of 15 bytes' 1 "--store-key: .*'short.key'" --store "$image" --store-key short.key
refused 'key is missing' 3 "cannot open 'none.key'" --store "$image" --store-key none.key
refused 'key for nothing' 2 '--store-key needs --store' --store-key fuses.bin
check_refused 'boot has no use for a store key' 2 "--store-key has no meaning for 'boot'" fota-sim --store-key fuses.bin boot
check_refused 'status takes no image' 2 "--store has no meaning for 'status'" fota-sim --store "$image" status

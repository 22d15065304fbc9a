# SPDX-License-Identifier: Apache-2.0
# fota-sim: every verb, every option, every exit code.
source "$FK_ROOT/tests/support/check.sh"
umask 022

head -c 16 /dev/urandom >key.bin
chmod 600 key.bin
head -c 6000 /dev/urandom >old.bin
printf '\377' | dd of=old.bin conv=notrunc status=none # not text
head -c 9000 /dev/urandom >new.bin
objcopy -I binary -O ihex --change-addresses 0x08020000 old.bin old.hex
digits=$(od -An -v -tx1 key.bin | tr -d ' \n')
sha() { sha256sum "$1" | cut -d' ' -f1; }
untouched() { check_equal "$1: nothing printed" '' "$out"; }
# json KEY: the first value of it in $out
json() { sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",{]*\).*/\1/p" <<<"$out" | head -n 1; }
type_in() { printf '%s\r' "$@" | fota-sim console; }

## init
check_ok 'init' fota-sim init
check_match 'init: flash' '^flash     spwf04s.flash, 2097152 bytes, profile spwf04s$' "$out"
check_match 'init: no image' '^image     none: the device stays in the boot stage$' "$out"
check_match 'init: no key' '^key       not set$' "$out"
check_equal 'init: size and mode' '2097152 600' "$(stat -c '%s %a' spwf04s.flash)"
cp spwf04s.flash before
check_refused 'init twice' 1 "'spwf04s.flash' exists; use --force to replace it" fota-sim init
check_same_file 'init twice: untouched' before spwf04s.flash
check_ok 'init with everything' fota-sim init --force --image old.hex --key key.bin
check_match 'init with everything: image' '^image     old.hex, 6000 bytes$' "$out"
check_match 'init with everything: key' '^key       set$' "$out"
check_equal 'init: the key is not printed' 0 "$(grep -ci "$digits" <<<"$out")"
check_ok 'init with a path' fota-sim init --flash dev.flash --image old.bin --input bin --key key.bin
dd if=dev.flash bs=4096 skip=32 count=2 status=none | head -c 6000 >primary.bin
check_same_file 'init: the image lies in the primary slot' old.bin primary.bin
cmp -s dev.flash spwf04s.flash
check_equal 'HEX and binary give the same flash' 0 $?
check_ok 'init of the reference board' fota-sim init -p mps2-an386 --image old.bin --input bin
check_equal 'init of the reference board: size' 16777216 "$(stat -c %s mps2-an386.flash)"
check_ok 'init with one region' fota-sim init --flash part.flash --image old.hex \
    --only-region 0x08020000-0x08021000
check_match 'init with one region: size' ', 4096 bytes$' "$out"

refused() { # NAME CODE TEXT ARGUMENT...: and no flash file comes into being
    check_refused "$@"
    check_absent "$1: no flash file" no.flash
    untouched "$1"
}
refused 'image is missing' 3 "cannot open 'none.hex': No such file" fota-sim init --flash no.flash --image none.hex
refused 'image is a directory' 1 "'.' is a directory" fota-sim init --flash no.flash --image .
head -c 524289 /dev/zero | tr '\0' '\1' >big.bin
refused 'image above the slot' 1 'the slot holds 524288' fota-sim init --flash no.flash --image big.bin --input bin
refused 'image in a format that is none' 2 "^fota-sim: --input: " fota-sim init --flash no.flash --image old.bin --input elv
printf 123456789012345 >short.key
refused 'key of 15 bytes' 1 "'short.key'" fota-sim init --flash no.flash --key short.key
refused 'key is missing' 3 "cannot open 'none.key'" fota-sim init --flash no.flash --key none.key
refused 'unknown device' 1 "there is no simulated device 'spwf05'" fota-sim init -p spwf05 --flash no.flash
refused 'flash in a missing folder' 3 "cannot write 'nowhere/no.flash': No such file" fota-sim init --flash nowhere/no.flash
refused 'flash is a directory' 1 'it is a directory' fota-sim init --flash .
refused 'disk is full' 3 "'no.flash': File too large" \
    bash -c "trap '' XFSZ; ulimit -f 1000; exec fota-sim init --flash no.flash"

## init with keys for signed envelopes
new_key() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>genpkey.err
    chmod 600 "$1"
}
new_key signer.pem
new_key device.pem
openssl pkcs8 -topk8 -in device.pem -out locked.pem -passout pass:secret
chmod 600 locked.pem
head -c 16 /dev/urandom >kek.bin
chmod 600 kek.bin
echo 01234567-89AB-cdef-0123-456789abcdef >uuid.txt
head -c 16 /dev/urandom >uuid.bin
keyset() { /usr/bin/python3 "$FK_ROOT/tests/support/keyset.py" "$@"; }
keyset good.keys 3 1 signer.pem
check_ok 'init with keys' fota-sim init --flash keys.flash --image old.bin --input bin \
    --key-set good.keys --kek kek.bin --device-key device.pem --device-id uuid.txt
check_match 'init with keys: set' '^keys      set 3: 1 trusted, 1 must sign$' "$out"
check_match 'init with keys: secrets' '^decrypts  with a shared key and with a key of its own$' "$out"
check_ok 'init with keys: status' fota-sim status --json --flash keys.flash
check_equal 'init with keys: sequence' 3 "$(json set_sequence)"
check_equal 'init with keys: what is there' 'true true true' "$(json has_kek) $(json has_device_key) $(json has_device_id)"
check_equal 'init with keys: no secret is printed' 0 "$(fota-sim status --json --flash keys.flash | grep -ci "$(od -An -v -tx1 kek.bin | tr -d ' \n')")"
fota-sim flash dump --flash keys.flash --region keys -o keys.dump
check_equal 'init with keys: the identifier is the one of the file' 1 \
    "$(od -An -v -tx1 keys.dump | tr -d ' \n' | grep -c 0123456789abcdef0123456789abcdef)"
check_ok 'init with an encrypted device key' env PW=secret fota-sim init --flash locked.flash \
    --key-set good.keys --device-key locked.pem --passin env:PW --device-id uuid.bin
check_match 'init with an encrypted device key: secrets' '^decrypts  with a key of its own$' "$out"
check_ok 'init with a key set alone' fota-sim init --flash alone.flash --key-set good.keys
check_match 'init with a key set alone: secrets' '^decrypts  no payload of an envelope$' "$out"
check_ok 'init without keys: status' fota-sim status --flash dev.flash
check_match 'init without keys: said' '^keys      none: no envelope is accepted$' "$out"
cp good.keys bad.keys
flip_bit bad.keys 60
keyset few.keys 3 2 signer.pem
head -c 100 good.keys >cut.keys
head -c 5000 /dev/zero >long.keys
head -c 12 kek.bin >short.kek
echo 01234567-89ab-cdef-0123-456789abcde >short.id
no=(fota-sim init --flash no.flash)
refused 'key set is missing' 3 "cannot open 'none.keys'" "${no[@]}" --key-set none.keys
refused 'key set with a turned bit' 1 "'bad.keys': the device refuses this key set: " "${no[@]}" --key-set bad.keys
refused 'key set that nobody could replace' 1 "'few.keys': the device refuses this key set: " "${no[@]}" --key-set few.keys
refused 'key set that was cut' 1 "'cut.keys': .*input ends inside a field" "${no[@]}" --key-set cut.keys
refused 'key set that is none' 1 "'long.keys': the device refuses" "${no[@]}" --key-set long.keys
refused 'shared key of 12 bytes' 1 "'short.kek'" "${no[@]}" --key-set good.keys --kek short.kek
refused 'device key that is none' 1 "'kek.bin'" "${no[@]}" --key-set good.keys --device-key kek.bin
refused 'device key with a wrong pass phrase' 1 "'locked.pem'" \
    env PW=wrong "${no[@]}" --key-set good.keys --device-key locked.pem --passin env:PW
refused 'identifier that is none' 1 "'short.id': expected a device identifier, a UUID as text or its 16 bytes, found 36 bytes" \
    "${no[@]}" --key-set good.keys --device-id short.id
refused 'secrets without a key set' 2 '--kek, --device-key and --device-id need --key-set' "${no[@]}" --kek kek.bin
refused 'pass phrase without a key' 2 '--passin needs --device-key' "${no[@]}" --key-set good.keys --passin env:PW

## boot
check_ok 'boot' fota-sim boot
check_match 'boot: phase' "^boot: found the update state 'idle'$" "$out"
check_match 'boot: image' "^running: 6000 bytes, sha256 $(sha old.bin)$" "$out"
cp spwf04s.flash before
check_ok 'boot as JSON' fota-sim boot --json
check_same_file 'boot without an update changes nothing' before spwf04s.flash
check_equal 'boot as JSON: boots' true "$(json boots)"
check_equal 'boot as JSON: sha256' "$(sha old.bin)" "$(json sha256)"
echo "$out" >boot.json
check_ok 'boot as JSON: is JSON' python3 -m json.tool boot.json
fota-sim init --flash empty.flash >/dev/null
check_refused 'boot without an image' 1 'the device stays in the boot stage: no bootable image' fota-sim boot --flash empty.flash
check_match 'boot without an image: report' '^boot: stays in the boot stage: no bootable image \(80\)$' "$out"
check_refused 'boot without an image as JSON' 1 'no bootable image' fota-sim boot --json --flash empty.flash
check_equal 'boot without an image as JSON: boots' false "$(json boots)"
check_equal 'boot without an image as JSON: symbol' FK_E_NO_IMAGE "$(json symbol)"
head -c 2097152 /dev/zero | tr '\0' '\377' >blank.flash
check_refused 'boot without a state' 1 'device state is missing or unreadable' fota-sim boot --flash blank.flash

## flash files that are none
check_refused 'no flash file' 3 "there is no flash file 'none.flash'; make one with: fota-sim init" fota-sim boot --flash none.flash
check_refused 'flash of another device' 1 "'spwf04s.flash' is not a flash of mps2-an386: expected a file of 16777216 bytes" fota-sim boot -p mps2-an386 --flash spwf04s.flash
check_refused 'flash is a folder' 3 "cannot open flash file '.'" fota-sim boot --flash .
check_refused 'flash is a device' 1 'is not a regular file' fota-sim status --flash /dev/null
check_refused 'status of a blank flash' 1 'device state is missing' fota-sim status --flash blank.flash
exec 9<dev.flash
flock -x 9
check_refused 'flash in use' 1 "flash file 'dev.flash' is in use by another process" fota-sim boot --flash dev.flash
check_refused 'flash in use: status' 1 'in use' fota-sim status --flash dev.flash
flock -u 9
flock -s 9
check_ok 'readers share' fota-sim status --flash dev.flash
check_refused 'readers share, but not with a writer' 1 'in use' fota-sim boot --flash dev.flash
exec 9<&-

## status and flash dump
check_ok 'status' fota-sim status
check_match 'status: phase' '^phase     idle$' "$out"
check_match 'status: image' "^image     6000 bytes, sha256 $(sha old.bin)$" "$out"
check_match 'status: verifies' '^          its digest verifies$' "$out"
check_match 'status: key' '^key       set$' "$out"
check_match 'status: last' '^last      nothing was refused$' "$out"
check_equal 'status: the key is not printed' 0 "$(grep -ci "$digits" <<<"$out")"
check_ok 'status as JSON' fota-sim status --json
check_equal 'status as JSON: phase' idle "$(json phase)"
check_equal 'status as JSON: image' true "$(json image_verifies)"
cp spwf04s.flash damaged.flash
flip_bit damaged.flash 131073
check_ok 'status of a damaged image' fota-sim status --flash damaged.flash
check_match 'status of a damaged image: says so' 'its digest differs' "$out"

check_ok 'dump to a file' fota-sim flash dump --region primary -o primary.dump
check_equal 'dump to a file: nothing printed' '' "$out"
check_equal 'dump to a file: size and mode' '524288 600' "$(stat -c '%s %a' primary.dump)"
check_equal 'dump to a file: contents' "$(sha old.bin)" "$(head -c 6000 primary.dump | sha256sum | cut -d' ' -f1)"
check_refused 'dump to an existing file' 1 'exists; use --force' fota-sim flash dump -o primary.dump
check_ok 'dump to an existing file with --force' fota-sim flash dump --force -o primary.dump
check_same_file 'dump of everything is the file' spwf04s.flash primary.dump
for region in boot state store primary staging; do
    check_ok "dump of $region" fota-sim flash dump --region $region
done
check_match 'dump: address of the device' '^080a0000  ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff  \.{16}$' "$out"
check_equal 'dump: rows that repeat' $'*\n08120000' "$(tail -n +2 <<<"$out")"
check_refused 'dump of no region' 2 "expected boot, state, store, primary, staging, envelope, keys, found 'rom'" fota-sim flash dump --region rom
check_ok 'dump of envelopes' fota-sim flash dump -p mps2-an386 --region envelope
run bash -c 'fota-sim flash dump >/dev/full'
check_equal 'dump cannot be written: exit code' 3 "$rc"

## console
run type_in AT
check_equal 'console: exit code' 0 "$rc"
check_match 'console: boots first' '^running: 6000 bytes' "$out"
check_match 'console: answers' '^AT-S.OK' "$out"
run bash -c "printf 'AT\nAT\r\nAT' | fota-sim console"
check_equal 'console: a line without its end has no answer' 2 "$(grep -c '^AT-S.OK' <<<"$out")"
run type_in "AT+S.SCFG=aes128_key,00112233445566778899aabbccddeeff" AT+S.RESET AT+S.GCFG
check_equal 'console: reset boots again' 2 "$(grep -c '^running: ' <<<"$out")"
check_match 'console: the key survives' '^AT-S.Var:aes128_key=<set>' "$out"
check_equal 'console: the key is not printed' 0 "$(grep -ci 00112233445566778899aabbccddeeff <<<"$out")"
run type_in AT+S.NONSENSE
check_match 'console: error of the device' '^AT-S.ERROR:1:Command not found' "$out"
check_equal 'console: an error is not a failure' 0 "$rc"
run bash -c 'fota-sim console --flash empty.flash </dev/null'
check_equal 'console without an image' 1 "$rc"
run bash -c 'fota-sim console <&-'
check_equal 'console without input: exit code' 3 "$rc"
check_match 'console without input: message' 'cannot read standard input' "$err"
cp spwf04s.flash before
run bash -c 'fota-sim boot >&-'
check_equal 'boot without output: exit code' 3 "$rc"
check_match 'boot without output: message' 'cannot write to standard output' "$err"
check_same_file 'boot without output: not a word of it is in the flash' before spwf04s.flash
run bash -c "printf 'AT\r' | fota-sim console >/dev/full"
check_equal 'console without output: exit code' 3 "$rc"

## power cuts
check_refused 'cut while the key is stored' 3 'the power was cut at flash operation 2, half-way' \
    bash -c "printf 'AT+S.SCFG=aes128_key,00112233445566778899aabbccddeeff\r' | fota-sim console --power-cut 2"
check_equal 'cut while the key is stored: no answer' 0 "$(grep -c '^AT-S' <<<"$out")"
check_ok 'cut while the key is stored: boots' fota-sim boot
for how in before after torn; do
    run bash -c "printf 'AT+S.SCFG=aes128_key,00112233445566778899aabbccddeeff\r' |
        fota-sim console --power-cut 1:$how"
    check_equal "cut $how: exit code" 3 "$rc"
    check_ok "cut $how: boots" fota-sim boot
done
check_ok 'cut that is never reached' fota-sim boot --power-cut 5:before
check_match 'cut that is never reached: warning' '^fota-sim: warning: the power was not cut: there were only 0 flash operations$' "$err"
for bad in 0 x 1: 1:half 1x -1 99999999999999999999 ''; do
    check_refused "cut at '$bad'" 2 '^fota-sim: --power-cut: expected N, N:before' fota-sim boot --power-cut "$bad"
done

## command line
check_refused 'no verb' 2 'missing argument \(see fota-sim --help\)' fota-sim
check_refused 'unknown verb' 2 "expected init, boot, console, status or flash dump, found 'run'" fota-sim run
check_refused 'half a verb' 2 "found 'flash'" fota-sim flash
check_refused 'verb and more' 2 "found 'boot now'" fota-sim boot now
check_refused 'three words' 2 "unexpected argument 'x'" fota-sim flash dump x
check_refused 'unknown option' 2 "unknown option '--frobnicate'" fota-sim boot --frobnicate
while IFS='|' read -r verb option; do
    # shellcheck disable=SC2086 # words
    check_refused "$verb with $option" 2 "${option%% *} has no meaning for '${verb%% *}'" fota-sim $verb $option
done <<'END'
boot|--image old.bin
boot|--key key.bin
boot|--force
boot|--region boot
console|--json
console|--output x
init|--json
init|--confirm
init|--power-cut 1
status|--confirm
status|--power-cut 1
flash dump|--json
flash dump|--confirm
END
check_refused 'region of no image' 2 '--only-region and --input need --image' fota-sim init --flash no.flash --input bin
check_ok 'help' fota-sim --help
check_match 'help: usage' '^usage: fota-sim \[options\] init$' "$out"
check_ok 'version' fota-sim --version
check_match 'version: text' '^fota-sim \(fotakit\) [0-9]' "$out"

# SPDX-License-Identifier: Apache-2.0
# ota-info: what it shows, and what the device's verifier says of damaged packets.
source "$FK_ROOT/tests/support/check.sh"
umask 077
microbit=/usr/share/firmware-microbit-micropython/firmware.hex

head -c 16 /dev/urandom >key.bin
head -c 16 /dev/urandom >other.bin
{ printf '\377'; head -c 4095 /dev/urandom; } >image.bin
hash=$(sha256sum image.bin | cut -d' ' -f1)
create_ota -q image.bin enc.ota key.bin
create_ota -q image.bin plain.ota 2>/dev/null

# flip FILE OFFSET TO: a copy with one bit changed
flip() {
    cp "$1" "$3"
    flip_bit "$3" "$2"
}

## packets
check_ok 'encrypted packet' ota-info enc.ota
check_match 'encrypted packet: says what was assumed' '^kind     ST update packet in the layout of profile spwf04s \(assumed: it has no magic number\)$' "$out"
check_match 'encrypted packet: nonce' "^  nonce  offset  0, 12 bytes  $(head -c 12 enc.ota | xxd -p)$" "$out"
check_match 'encrypted packet: tag' "^  tag    offset 12, 16 bytes  $(head -c 28 enc.ota | tail -c 16 | xxd -p)$" "$out"
check_match 'encrypted packet: hash' "^  hash   offset 28, 32 bytes  $hash$" "$out"
check_match 'encrypted packet: body' '^body     offset 60, 4096 bytes$' "$out"
check_match 'encrypted packet: security' '^security AES-128-GCM$' "$out"
check_match 'encrypted packet: the layout is not verified' '^profile  spwf04s, fota.header not verified: the text names nonce, tag and hash' "$out"
check_equal 'encrypted packet: only what it shows' 1 "$(grep -c '^profile' <<<"$out")"
check_equal 'encrypted packet: nothing was verified' 0 "$(grep -c '^checks' <<<"$out")"
check_ok 'plain packet' ota-info plain.ota
check_match 'plain packet: security' '^security plain: nothing authenticates it$' "$out"
check_ok '--input packet' ota-info --input packet enc.ota
check_match '--input packet: nothing is assumed' '^kind     ST update packet in the layout of profile spwf04s$' "$out"

## verification
verdicts() { sed -n '/^checks/,$s/^checks\| \{8\}//p' .stdout | tr -s ' ' | tr '\n' ';'; }
check_ok 'encrypted packet verifies' ota-info --verify --keyfile key.bin enc.ota
check_equal 'encrypted packet: verdicts' ' size passed; policy passed; key passed; tag passed; digest passed;' "$(verdicts)"
check_ok 'plain packet verifies' ota-info --verify plain.ota
check_equal 'plain packet: verdicts' ' size passed; policy passed; key not needed; tag not needed; digest passed;' "$(verdicts)"
check_refused 'no key' 1 "'enc.ota': check key failed: the packet is encrypted; name the key with --keyfile" ota-info --verify enc.ota
check_equal 'no key: verdicts' ' size passed; policy passed; key failed; tag not reached; digest not reached;' "$(verdicts)"
check_refused 'wrong key' 1 "'enc.ota': check tag failed: the packet was changed or cut short, or this is not its key" ota-info --verify -k other.bin enc.ota
check_equal 'wrong key: verdicts' ' size passed; policy passed; key passed; tag failed; digest not reached;' "$(verdicts)"
create_ota -q -p mps2-an386 --input bin image.bin bare.ota key.bin 2>create.err
check_match 'bare packet for a device that refuses them: create_ota warns' 'takes packets in signed envelopes only' "$(cat create.err)"
check_refused 'bare packet for a device that refuses them' 1 "'bare.ota': check policy failed: profile mps2-an386 takes packets in signed envelopes only" \
    ota-info -p mps2-an386 --verify --keyfile key.bin bare.ota
check_refused 'plain packet for a device that refuses them' 1 "check policy failed: the packet is plain, profile mps2-an386 refuses that" \
    ota-info -p mps2-an386 --verify plain.ota

for at in 0 11 12 27 60 4155; do
    flip enc.ota $at bent.ota
    check_refused "encrypted, bit at $at" 1 'check tag failed' ota-info --verify -k key.bin bent.ota
done
for at in 28 59; do
    flip enc.ota $at bent.ota
    check_refused "encrypted, bit at $at" 1 'check digest failed: the SHA-256 of the image is not the one in the header' ota-info --verify -k key.bin bent.ota
    flip plain.ota $at bent.ota
    check_refused "plain, bit at $at" 1 'check digest failed' ota-info --verify bent.ota
done
for at in 60 4155; do
    flip plain.ota $at bent.ota
    check_refused "plain, bit at $at" 1 'check digest failed' ota-info --verify bent.ota
done
for at in 0 12; do # now it claims to be encrypted
    flip plain.ota $at bent.ota
    check_refused "plain, bit at $at, no key" 1 'check key failed' ota-info --verify bent.ota
    check_refused "plain, bit at $at, key" 1 'check tag failed' ota-info --verify -k key.bin bent.ota
done
head -c 4152 enc.ota >cut.ota
check_refused 'body cut by four bytes' 1 'check tag failed' ota-info --verify -k key.bin cut.ota
head -c 4155 enc.ota >cut.ota
check_refused 'body cut by one byte' 1 "check size failed: body of 4095 bytes, expected a multiple of 4; is the file cut short\?" ota-info --verify -k key.bin cut.ota
check_ok 'body cut by one byte is still shown' ota-info cut.ota
check_match 'body cut by one byte: remark' '^body     offset 60, 4095 bytes, not a multiple of the unit: cut short\?$' "$out"
head -c 4152 plain.ota >cut.ota
check_refused 'plain body cut' 1 'check digest failed' ota-info --verify cut.ota
{ cat plain.ota; head -c 524288 /dev/zero; } >long.ota
check_refused 'body beyond the slot' 1 'check size failed: body of 528384 bytes, the slot holds 524288' ota-info --verify long.ota
truncate -s 5G huge.ota
check_refused 'body beyond 4 GiB' 1 'check size failed: body of 5368709060 bytes' ota-info --verify huge.ota
check_ok 'body beyond the slot is still shown' ota-info long.ota
check_match 'body beyond the slot: remark' '^body     offset 60, 528384 bytes, more than the slot holds$' "$out"
for n in 59 60; do
    head -c $n enc.ota >short.ota
    check_refused "packet of $n bytes" 1 "'short.ota' has $n bytes, a packet has more than 60: the header and a body" ota-info short.ota
    check_refused "packet of $n bytes, verify" 1 "'short.ota' has $n bytes, a packet has more than 60" ota-info --verify short.ota
done

## images
check_ok 'Intel HEX' ota-info $microbit
check_match 'Intel HEX: kind' '^kind     Intel HEX image$' "$out"
check_match 'Intel HEX: first area' '^data     0x00000000-0x0003b88c, 243852 bytes$' "$out"
check_match 'Intel HEX: second area' '^         0x100010c0-0x100010dc, 28 bytes$' "$out"
check_match 'Intel HEX: start' '^start    0x0001ccd9$' "$out"
sed '7s/:\(....\)../:\1FF/' $microbit >broken.hex
check_refused 'damaged Intel HEX' 1 "'broken.hex' line 7: checksum is" ota-info broken.hex
check_refused 'Intel HEX cannot be verified' 1 "firmware.hex' is an image \(Intel HEX\), not a packet; only packets can be verified" ota-info --verify $microbit
check_refused 'raw image cannot be verified' 1 "'enc.ota' is an image \(raw binary\), not a packet" ota-info --verify --input bin enc.ota
cp enc.ota colon.ota
printf ':' | dd of=colon.ota conv=notrunc status=none
check_ok 'packet whose nonce begins with a colon' ota-info colon.ota
check_match 'packet whose nonce begins with a colon: is one' '^kind     ST update packet' "$out"
objcopy -I ihex -O binary -R .sec2 $microbit code.bin
head -c 243852 code.bin >code && mv code code.bin
check_ok 'raw image of a Cortex-M' ota-info code.bin
check_match 'raw image: says what was assumed' '^kind     raw binary image \(assumed: begins like a Cortex-M vector table; --input packet reads it as one\)$' "$out"
check_ok 'raw image taken as a packet' ota-info --input packet code.bin
check_match 'raw image taken as a packet: shown as one' '^kind     ST update packet' "$out"
check_refused 'raw image does not verify' 1 'check key failed' ota-info --verify code.bin
check_ok '--input bin' ota-info --input bin enc.ota
check_match '--input bin: kind' '^kind     raw binary image$' "$out"

## JSON
check_ok '--json' ota-info --json --verify -k key.bin enc.ota
cp .stdout packet.json
check_equal '--json: packet' "st-packet True spwf04s 4156 $hash 60 4096 True True passed" "$(python3 -c '
import json
j = json.load(open("packet.json"))
f = {x["name"]: x for x in j["header"]["fields"]}
print(j["kind"], j["assumed"], j["profile"], j["size"], f["hash"]["value"], j["body"]["offset"],
      j["body"]["size"], j["encrypted"], j["verified"], j["checks"]["tag"])')"
check_equal '--json: unverified facts' fota.header "$(python3 -c '
import json
print(*(u["key"] for u in json.load(open("packet.json"))["unverified"]))')"
check_refused '--json, refused' 1 'check tag failed' ota-info --json --verify -k other.bin enc.ota
cp .stdout packet.json
check_equal '--json, refused: the verdict is there' 'False failed' "$(python3 -c '
import json
j = json.load(open("packet.json"))
print(j["verified"], j["checks"]["tag"])')"
check_ok '--json of an image' ota-info --json $microbit
cp .stdout image.json
check_equal '--json of an image: areas' 'hex False [(0, 243852), (268439744, 268439772)] 117977' "$(python3 -c '
import json
j = json.load(open("image.json"))
print(j["kind"], j["assumed"], [(a["start"], a["end"]) for a in j["areas"]], j["entry"])')"

## the rest
check_refused 'key without --verify' 2 '\-\-keyfile needs --verify' ota-info -k key.bin enc.ota
check_refused 'unknown input' 2 "\-\-input 'zip' is not known, expected suit, keyset, packet, hex, elf or bin" ota-info --input zip enc.ota
printf 'sources:\n  me: "test"\ndevice:\n  source: me\n  name: bare\n  title: Nothing\n  vendor: example.com\n' >bare.yaml
check_refused 'profile without firmware' 1 'profile bare describes no firmware update' ota-info -p ./bare.yaml enc.ota
check_refused 'no file' 2 'missing argument' ota-info
check_refused 'two files' 2 "unexpected argument 'b'" ota-info a b
check_refused 'missing file' 3 "cannot open 'nofile'" ota-info nofile
check_refused 'missing file, verify' 3 "cannot open 'nofile'" ota-info --verify nofile
check_refused 'directory' 1 "'/' is a directory" ota-info /
: >empty
check_refused 'empty file' 1 "'empty' is empty" ota-info empty
check_refused 'empty file, verify' 1 "'empty' is empty" ota-info --verify empty
echo hello >text
check_refused 'text' 1 "'text' looks like text" ota-info text
head -c 15 key.bin >short.key
check_refused 'short key' 1 "key file 'short.key' has 15 bytes, expected 16" ota-info --verify -k short.key enc.ota
check_match '--version' '^ota-info \(fotakit\) [0-9]' "$(ota-info --version)"
manual=$(sed 's/\\-/-/g' "$FK_ROOT/tools/ota-info.1")
for o in profile verify keyfile input json help version; do
    check_match "--help names --$o" "--$o" "$(ota-info --help)"
    check_match "manual page names --$o" "^.*--$o" "$(grep -e "--$o" <<<"$manual")"
done

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# create_ota --format suit: many recipients, one device, what is never overwritten, what is said.
source "$FK_ROOT/tests/support/check.sh"

make_key() { # name
    openssl ecparam -name prime256v1 -genkey -noout -out "$1.pem"
    openssl pkey -in "$1.pem" -pubout -out "$1.pub"
}
for k in ours device other; do make_key $k; done
head -c 16 /dev/urandom >kek.bin
head -c 5000 /dev/urandom >image.bin
make='create_ota -q -f suit -p mps2-an386 --sign ours.pem --sequence 7 --input bin'
judge='ota-info -p mps2-an386 --verify --trust ours.pub'

# ---- a fleet: one payload, several envelopes ----
mkdir fleet
for i in $(seq 45); do
    openssl ecparam -name prime256v1 -genkey -noout -out fleet/$i.pem
    openssl pkey -in fleet/$i.pem -pubout -out fleet/$i.pub
done
{ echo '# the fleet'; echo; seq -f '%g.pub' 45; } >fleet/list
fleet="--encrypt-to-list fleet/list --payload p.bin --uri http://example.com/p.bin"
check_refused 'more than one manifest holds' 1 \
    'the manifest has [0-9]+ bytes with 45 recipients, profile mps2-an386 reads 4096 .*; use --split max' \
    $make $fleet image.bin one.suit
check_absent 'no envelope' one.suit
check_absent 'no payload' p.bin
check_ok 'several envelopes' create_ota -f suit -p mps2-an386 --sign ours.pem --sequence 7 --input bin $fleet --split max image.bin made
check_match 'the report says how many' 'made, a folder of 2 and index.json' "$out"
check_equal 'and so many there are' '00001.suit 00002.suit index.json' "$(ls made | tr '\n' ' ' | sed 's/ $//')"
for i in 1 30 45; do
    n=0
    for e in made/*.suit; do
        ota-info -p mps2-an386 --verify --trust ours.pub --device-key fleet/$i.pem --payload p.bin $e >/dev/null 2>&1 && n=$((n + 1))
    done
    check_equal "device $i reads exactly one of them" 1 $n
done
check_equal 'no manifest is larger than the device reads' '' \
    "$(for e in made/*.suit; do ota-info -p mps2-an386 --json $e; done | grep -oE '"manifest_size": ?[0-9]+' | awk -F: '$2 > 4096')"
check_equal 'the index names everybody once' 45 "$(grep -oE '"[0-9a-f]{16}"' made/index.json | sort -u | wc -l)"
kid=$(ota-info --json made/00002.suit | tr -d '\n' | grep -oE '"recipients".*' | grep -oE '[0-9a-f]{16}' | head -n 1)
check_match 'where it is' '00002.suit' "$(tr -d '\n' <made/index.json | grep -oE "\"file\": ?\"[0-9]+.suit\",[^]]*$kid" | grep -oE '[0-9]+.suit' | tail -n 1)"
check_ok 'groups of ten' $make $fleet --force --split 10 image.bin ten
check_equal 'five of them' 5 "$(ls ten/*.suit | wc -l)"
check_refused 'a folder is not replaced' 1 "'ten' exists" $make $fleet --force --split 10 image.bin ten
check_refused 'groups that do not fit' 1 'with 40 recipients, profile mps2-an386 reads 4096' \
    $make $fleet --force --split 40 image.bin forty
check_absent 'nothing half written' forty
check_equal 'nor anything hidden' '' "$(ls -d forty* .forty* 2>/dev/null)"
sed -i '20s/.*/nobody.pub/' fleet/list
check_refused 'a list with a file that is not there' 3 "'fleet/list' line 20: cannot open 'fleet/nobody.pub'" \
    $make $fleet --force --split max image.bin bad
sed -i '20s/.*/1.pub/' fleet/list
check_refused 'a list with somebody twice' 2 'recipient 1 and 18 are the same key' \
    $make $fleet --force --split max image.bin bad
printf '#\n' >empty.list
check_refused 'an empty list' 1 "names nobody" \
    $make --encrypt-to-list empty.list image.bin bad
check_refused 'split without a payload apart' 2 'share one payload' $make --encrypt-to device.pub --split max image.bin bad
check_refused 'split of nothing' 2 "'0': expected max, or a number" $make --encrypt-to device.pub --payload p2 --uri u --split 0 image.bin bad
check_absent 'nothing is written' bad

# ---- an image that fits the slot, but not staging with its tag ----
head -c $((512 * 1024 - 4)) /dev/zero >large.bin
check_ok 'plain, it fits' $make large.bin large.suit
check_refused 'encrypted, it does not' 1 \
    'payload has 524300 bytes, staging of profile mps2-an386 holds 524288; make the image 12 bytes smaller' \
    $make --encrypt-to device.pub large.bin locked.suit
check_absent 'nothing is written that no device takes' locked.suit
head -c $((512 * 1024 - 16)) /dev/zero >large.bin
check_ok 'the largest that fits' $make --encrypt-to device.pub large.bin locked.suit
check_ok 'and the device takes it' $judge --device-key device.pem locked.suit

# ---- a recipient more, by the key of a device ----
check_ok 'for one device' $make --encrypt-to device.pub image.bin e.suit
check_ok 'another is added with its key' \
    create_ota -q -f suit -p mps2-an386 --add-recipient --device-key device.pem --encrypt-to other.pub --encrypt-kek kek.bin --sign ours.pem e.suit more.suit
check_ok 'who reads it now' $judge --device-key other.pem more.suit
check_ok 'so do those with a shared key' $judge --kek kek.bin more.suit
check_ok 'and the first' $judge --device-key device.pem more.suit
check_refused 'not with a key that cannot read it' 1 'encrypted for other recipients' \
    create_ota -q -f suit -p mps2-an386 --add-recipient --device-key other.pem --encrypt-kek kek.bin --sign ours.pem e.suit x.suit
check_refused 'not with two' 2 'one of --kek and --device-key' \
    create_ota -q -f suit -p mps2-an386 --add-recipient --device-key other.pem --kek kek.bin --encrypt-to other.pub --sign ours.pem e.suit x.suit
check_absent 'and nothing is written' x.suit

check_refused 'nobody who can read it already' 1 "'e.suit': recipient 2 to add, key [0-9a-f]{16}, can decrypt it already" \
    create_ota -q -f suit -p mps2-an386 --add-recipient --device-key device.pem --encrypt-to other.pub --encrypt-to device.pub --sign ours.pem e.suit x.suit
check_refused 'nor by a shared key' 1 'recipient 1 to add, .*can decrypt it already' \
    create_ota -q -f suit -p mps2-an386 --add-recipient --kek kek.bin --encrypt-kek kek.bin --sign ours.pem more.suit x.suit
check_absent 'and nothing is written for them' x.suit
check_ok 'of a payload apart' $make --encrypt-to device.pub --payload apart.bin --uri http://example.com/apart.bin image.bin apart.suit
more='create_ota -f suit -p mps2-an386 --add-recipient --device-key device.pem --sign ours.pem --force'
check_ok 'it is added, too' $more --encrypt-to other.pub apart.suit apart2.suit
check_match 'the report counts all recipients' '^for +2 recipients, 1 of them new$' "$out"
check_match 'and says where the payload is' '^payload +apart, at http://example.com/apart.bin, 5016 bytes$' "$out"
check_match 'and what signed, by name' '^signed +key [0-9a-f]{16}, ESP256 \(-9\)$' "$out"
check_ok 'the payload still belongs to it' $judge --device-key other.pem --payload apart.bin apart2.suit
check_ok 'as JSON' $more --json --encrypt-to other.pub apart.suit apart2.suit
check_equal 'too' 'ESP256 2 1 http://example.com/apart.bin None' "$(/usr/bin/python3 -c '
import json, sys
j = json.loads(sys.argv[1]); p = j["payload"]
print(j["envelope"]["signers"][0]["algorithm_name"], p["recipients"], p["recipients_added"], p["uri"], p["file"])' "$out")"

# ---- update packets in an envelope: as far as can be told without their key ----
check_ok 'a packet' create_ota -q -p mps2-an386 --input bin image.bin packet.ota kek.bin
check_ok 'is wrapped' $make --wrap-st packet.ota wrapped.suit
printf '\0\x80\x01\x20\x09\x01\0\0' | cat - image.bin >code.bin
sed /packet_component/d "$FK_ROOT/profiles/mps2-an386.yaml" >mps2-an386.yaml
check_refused 'not for a device that takes none' 1 'mps2-an386 takes no update packets in envelopes; leave out --wrap-st$' \
    create_ota -q -f suit -p ./mps2-an386.yaml --sign ours.pem --sequence 7 --wrap-st packet.ota x.suit
check_refused 'a raw image is not' 1 "'code.bin' is a raw image .*leave out --wrap-st" $make --wrap-st code.bin x.suit
printf ':0400000001020304F2\n:00000001FF\n' >image.hex
check_refused 'nor Intel HEX' 1 "'image.hex' is Intel HEX, not an update packet" $make --wrap-st image.hex x.suit
head -c 5061 packet.ota | head -c 5059 >cut.ota
check_refused 'nor half a packet' 1 "'cut.ota': check size failed: body of 4999 bytes" $make --wrap-st cut.ota x.suit
check_refused 'nor less than its header' 1 'has 16 bytes, a packet has more than 60' $make --wrap-st kek.bin x.suit
check_ok 'a plain packet' create_ota -q -p mps2-an386 --input bin image.bin plain.ota
check_refused 'where the device takes none' 1 "'plain.ota': check policy failed: the packet is plain" $make --wrap-st plain.ota x.suit
wrap='create_ota -q -f suit -p spwf04s --sign ours.pem --sequence 1 --wrap-st'
check_ok 'where it does' $wrap plain.ota x.suit
flip_bit plain.ota 1000
check_refused 'but not a damaged one' 1 "'plain.ota': check digest failed" $wrap plain.ota y.suit
check_absent 'nothing is written' y.suit

# ---- the last sequence number there is ----
last='sequence 18446744073709551615 is the last number there is'
make_last="create_ota -f suit -p mps2-an386 --sign ours.pem --sequence 18446744073709551615"
check_refused 'would be the last update' 2 "$last" $make_last --input bin image.bin y.suit
check_refused 'of one with more recipients, too' 2 "$last" $make_last --add-recipient --device-key device.pem --encrypt-to other.pub e.suit y.suit
check_refused 'or the last key set' 2 "$last" create_ota -f keyset -p mps2-an386 --sign ours.pem --key ours.pub --sequence 18446744073709551615 y.suit
check_absent 'nothing is written so' y.suit

# ---- identifiers with the names they are made of (here by Python) ----
read -r vendor class <<<"$(/usr/bin/python3 -c '
import uuid, re, sys
p = open(sys.argv[1]).read()
v = uuid.uuid5(uuid.NAMESPACE_DNS, re.search(r"^  vendor: (\S+)", p, re.M)[1])
print(v, uuid.uuid5(v, "MPS2-AN386"))' "$FK_ROOT/profiles/mps2-an386.yaml")"
check_match 'the class has its name' "^class +$class, MPS2-AN386$" "$(ota-info -p mps2-an386 e.suit)"
check_match 'in JSON as well' "\"vendor\": ?\"$vendor\",.*\"class_name\": ?\"MPS2-AN386\"" "$(ota-info -p mps2-an386 --json e.suit | tr -d '\n')"
check_match 'but not by the profile of another' "^class +$class, not that of profile spwf04s$" "$(ota-info e.suit)"
check_match 'nor in JSON' '"class_name": ?null' "$(ota-info --json e.suit | tr -d '\n')"

# ---- one device ----
id=01234567-89ab-cdef-0123-456789abcdef
check_ok 'for one device only' $make --device-id $id image.bin id.suit
check_match 'which is shown' "device +$id" "$(ota-info id.suit)"
check_ok 'it takes it' $judge --device-id ${id//-/} id.suit
check_refused 'another does not' 1 'image is for another device$' $judge --device-id 00000000-0000-0000-0000-000000000000 id.suit
check_refused 'nor does one without identifier' 1 'image is for another device$' $judge id.suit
check_ok 'one for all is for it, too' $judge --device-id $id e.suit
check_refused 'no identifier' 2 'expected a UUID' $make --device-id 0123 image.bin x.suit
check_refused 'too much of one' 2 'expected a UUID' $make --device-id ${id}0 image.bin x.suit

# ---- inputs are never outputs ----
cp ours.pem keep.pem
check_refused 'infile as outfile' 2 "'image.bin' is infile as well as outfile" $make --force image.bin image.bin
check_refused 'a signing key as outfile' 2 "'keep.pem' is --sign as well as outfile" \
    create_ota -f suit -p mps2-an386 --force --sign keep.pem --sequence 7 image.bin keep.pem
check_refused 'a shared key as the payload' 2 "'kek.bin' is --encrypt-kek as well as --payload" \
    $make --force --encrypt-kek kek.bin --payload kek.bin --uri u image.bin x.suit
check_refused 'by another name' 2 'is infile as well as outfile' $make --force image.bin ./image.bin
check_refused 'payload and envelope in one file' 2 'must be different files' $make --payload x.suit --uri u image.bin x.suit
check_refused 'an envelope that gets a recipient' 2 'is infile as well as outfile' \
    create_ota -q -f suit -p mps2-an386 --force --add-recipient --device-key device.pem --encrypt-kek kek.bin --sign ours.pem e.suit e.suit
check_equal 'all are as before' '16 5000' "$(wc -c <kek.bin) $(wc -c <image.bin)"
check_same_file 'the key, too' ours.pem keep.pem

# ---- what is said ----
check_ok 'a device that overwrites' create_ota -f suit -p spwf04s --sign ours.pem --sequence 1 --input bin image.bin over.suit
check_match 'has no way back' 'create_ota: note: .*overwrite the old image; there is no way back' "$err"
check_match 'what the profile could not verify' 'profile +spwf04s, envelope.* not verified: the module' "$out"
check_ok 'as JSON' create_ota -f suit -p spwf04s --sign ours.pem --sequence 1 --input bin --json --force image.bin over.suit
check_match 'too' '"unverified": ?\[.*"key": ?"envelope' "$(tr -d '\n' <<<"$out")"
check_ok 'which is JSON' /usr/bin/python3 -c 'import json,sys; json.loads(sys.argv[1])' "$out"
head -c 4 image.bin >tiny.bin
check_ok 'one that keeps it' create_ota -f suit -p mps2-an386 --sign ours.pem --sequence 1 --input bin tiny.bin tiny.suit
check_equal 'needs no note' '' "$err"

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Key sets: made by create_ota, judged by the device's code (ota-info --verify), and read by openssl.
source "$FK_ROOT/tests/support/check.sh"

for k in old second new offline stranger; do
    openssl ecparam -name prime256v1 -genkey -noout -out $k.pem
    openssl pkey -in $k.pem -pubout -out $k.pub
done
openssl genpkey -algorithm ed25519 -out ed.pem
openssl pkey -in ed.pem -pubout -out ed.pub
head -c 5000 /dev/urandom >image.bin
make='create_ota -f keyset -p mps2-an386'
judge='ota-info -p mps2-an386 --verify'
image='create_ota -q -f suit -p mps2-an386 --input bin'

# ---- the first set ----
check_ok 'the first set of a device' $make --sequence 1 --key old.pub --sign old.pem first.keys
check_match 'the report shows its keys' 'key +[0-9a-f]{16} may sign images packets key sets' "$out"
check_match 'what is needed' 'needed +1 of 1' "$out"
check_ok 'is taken by a new device' $judge first.keys
check_match 'which is said' 'accepted as the first set of a new device' "$out"
check_ok 'shown without a profile of its own' ota-info first.keys
check_match 'as what it is' 'kind +signed key set' "$out"
check_match 'as JSON' '"kind": ?"key-set".*"verified": ?true' "$(ota-info -p mps2-an386 --verify --json first.keys | tr -d '\n')"

check_ok 'the report as JSON' $make --json --sequence 1 --key old.pub --key second.pub=keys --key new.pub=image,keys --threshold 2 --sign old.pem report.keys
check_equal 'has keys, signers, and what is missing' '1 2 False [(True, True, True), (False, False, True), (True, False, True)] 1' "$(/usr/bin/python3 -c '
import json, sys
j = json.loads(sys.argv[1])
print(j["sequence"], j["threshold"], j["complete"],
      [(k["images"], k["packets"], k["key_sets"]) for k in j["keys"]], len(j["signers"]))' "$out")"
check_refused 'nine keys' 2 'given more than 8 times' $make --sequence 1 $(for i in 1 2 3 4 5 6 7 8 9; do echo --key old.pub; done) --sign old.pem nine.keys
check_refused 'a signature without its key' 2 '--attach-signature needs --signer' create_ota -f keyset --attach-signature sig first.keys x.keys
check_refused 'a signature and new contents' 2 'leaves the key set as it is' \
    create_ota -f keyset --attach-signature sig --signer old.pub --sequence 2 first.keys x.keys
check_absent 'nothing is written' x.keys

# ---- exchange and revocation ----
check_ok 'the next set' $make -q --sequence 2 --key new.pub --key second.pub=keys --sign old.pem --sign new.pem next.keys
check_ok 'is taken in exchange' $judge --trust-set first.keys next.keys
check_match 'which is said, too' 'accepted in exchange' "$out"
check_ok 'also when the old keys are given one by one' $judge --trust old.pub --counter 1 next.keys
check_refused 'not again' 1 "sequence 2 is not above 2, that of the set in use" $judge --trust-set next.keys next.keys
check_refused 'and not the old one' 1 "too few valid|no signature is by a trusted key" $judge --trust-set next.keys first.keys
$image --sequence 5 --sign old.pem image.bin by-old.suit
$image --sequence 6 --sign new.pem image.bin by-new.suit
$image --sequence 6 --sign second.pem image.bin by-second.suit
check_ok 'an image by the old key, before' $judge --trust-set first.keys by-old.suit
check_refused 'is refused after the exchange' 1 "no signature is by a trusted key, 0 of 1; signed by [0-9a-f]{16}" \
    $judge --trust-set next.keys by-old.suit
check_ok 'one by the new key is taken' $judge --trust-set next.keys by-new.suit
check_refused 'one by a key for key sets only is not' 1 'signer may not sign for this component' \
    $judge --trust-set next.keys by-second.suit

# ---- who has to sign ----
$make -q --sequence 3 --key new.pub --sign new.pem alone.keys
check_refused 'a set that the old keys have not signed' 1 \
    "'alone.keys': no signature is by a trusted key of the keys in use, 0 of 1; signed by [0-9a-f]{16} .*; trusted: [0-9a-f]{16}$" \
    $judge --trust-set first.keys alone.keys
$make -q --sequence 3 --key new.pub --sign old.pem half.keys
check_match 'a set that its own keys have not signed is said to be unfinished' 'no device takes it yet' \
    "$($make --force --sequence 3 --key new.pub --sign old.pem half.keys)"
check_refused 'and no device takes it' 1 "of the set's own keys, 0 of 1" $judge --trust-set first.keys half.keys
$make -q --sequence 4 --threshold 2 --key old.pub --key second.pub --sign old.pem --sign second.pem two.keys
$make -q --sequence 5 --key new.pub --sign old.pem --sign new.pem one-of-two.keys
check_refused 'one of two is too few' 1 'too few valid signatures of the keys in use, 1 of 2' \
    $judge --trust-set two.keys one-of-two.keys
$make -q --sequence 5 --key new.pub --sign old.pem --sign second.pem --sign new.pem both.keys
check_ok 'two of two' $judge --trust-set two.keys both.keys
$make -q --sequence 6 --key new.pub --key second.pub=image --sign new.pem images.keys
$make -q --sequence 7 --key offline.pub --sign second.pem --sign offline.pem by-image-key.keys
check_refused 'a key for images alone exchanges no set' 1 \
    "'by-image-key.keys': too few of the keys in use that signed it may sign key sets$" $judge --trust-set images.keys by-image-key.keys
sed 's/signatures: 1/signatures: 2/' "$FK_ROOT/profiles/mps2-an386.yaml" >mps2-an386.yaml
check_refused 'a set that a device with two signatures could not use' 1 \
    "'first.keys': the set protects nothing: 1 keys, threshold 1, " ota-info -p ./mps2-an386.yaml --verify first.keys
cp first.keys bad.keys
flip_bit bad.keys 70
check_refused 'a turned bit' 1 "'bad.keys': " $judge bad.keys

# ---- keys that are elsewhere ----
check_ok 'the bytes to sign' $make -q --sequence 6 --key offline.pub --emit-tbs tbs --sign old.pem off.keys
openssl dgst -sha256 -sign offline.pem -out sig tbs
openssl dgst -sha256 -sign stranger.pem -out sig.bad tbs
check_ok 'openssl reads what it signed' openssl dgst -sha256 -verify offline.pub -signature sig tbs
check_refused 'a wrong signature is not attached' 1 'does not verify with this key' \
    create_ota -f keyset --attach-signature sig.bad --signer offline.pub off.keys done.keys
check_absent 'and nothing is written' done.keys
check_ok 'the right one is' create_ota -f keyset --attach-signature sig --signer offline.pub off.keys done.keys
check_ok 'and makes it whole' $judge --trust-set first.keys done.keys
check_refused 'not twice' 1 'signed by this key already' \
    create_ota -f keyset --attach-signature sig --signer offline.pub done.keys twice.keys
$image --sequence 6 --emit-tbs tbs.suit image.bin unsigned.suit
openssl dgst -sha256 -sign offline.pem -out sig.suit tbs.suit
check_refused 'a signature of an envelope is none of a key set' 1 'does not verify' \
    create_ota -f keyset --attach-signature sig.suit --signer offline.pub off.keys x.keys
$make -q --sequence 6 --key offline.pub --emit-tbs tbs2 --sign old.pem again.keys
check_same_file 'the same set, the same bytes to sign' tbs tbs2

# ---- sets that would lock devices out, and wrong wishes ----
bad() { check_refused "$1" "$2" "$3" $make "${@:4}" x.keys; }
bad 'threshold above the keys' 1 '2 signatures are needed \(threshold 2, profile mps2-an386 asks for 1\), and the set has 1 key$' --sequence 1 --threshold 2 --key old.pub --sign old.pem
bad 'nobody could replace it' 1 'nobody could replace this set' --sequence 1 --key old.pub=image --sign old.pem
bad 'nobody could update' 1 'nobody could update a device' --sequence 1 --key old.pub=keys --sign old.pem
bad 'a key twice' 2 'key 1 and 2 of the set are the same' --sequence 1 --key old.pub --key old.pem=image --sign old.pem
bad 'an unknown word' 2 "expected image, packet, keys, esp256 or es256, found 'imge'" --sequence 1 --key old.pub=imge,keys --sign old.pem
bad 'a key that may nothing' 2 'may sign nothing' --sequence 1 --key old.pub=esp256 --sign old.pem
bad 'Ed25519' 1 'devices do not verify' --sequence 1 --key ed.pub --sign old.pem
bad 'no key' 2 'the keys are missing' --sequence 1 --sign old.pem
bad 'no sequence' 2 'sequence N is missing' --key old.pub --sign old.pem
bad 'sequence 0' 2 'begins at 1' --sequence 0 --key old.pub --sign old.pem
bad 'nobody signs' 2 'nobody signs' --sequence 1 --key old.pub
bad 'threshold 0' 2 'expected 1 to 8, found 0' --sequence 1 --threshold 0 --key old.pub --sign old.pem
bad 'a missing file' 3 "cannot open 'none.pub'" --sequence 1 --key none.pub --sign old.pem
bad 'an option of envelopes' 2 '\-\-cipher does not belong to --format keyset' --sequence 1 --key old.pub --sign old.pem --cipher a128gcm
bad 'a file too many' 2 'only outfile is needed' --sequence 1 --key old.pub --sign old.pem image.bin
check_absent 'nothing was written' x.keys
check_refused 'output exists' 1 'exists' $make --sequence 1 --key old.pub --sign old.pem first.keys
cp old.pem precious.pem
check_refused 'never the signing key' 2 'is --sign as well as outfile' \
    $make --force --sequence 1 --key old.pub --sign precious.pem precious.pem
check_same_file 'which is still there' old.pem precious.pem
check_refused 'an envelope as a key set' 1 'not a key set that devices read' ota-info --input keyset by-new.suit
check_refused 'a key set as an envelope' 1 'not a signed envelope' ota-info --input suit first.keys
check_refused 'trusted keys and a trusted set' 2 'what the device trusts' \
    $judge --trust old.pub --trust-set first.keys by-old.suit

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Signed envelopes: written by create_ota, judged by the device's verifier (ota-info --verify) and read
# once more by openssl and by Python, which share no code with either.
source "$FK_ROOT/tests/support/check.sh"
python=/usr/bin/python3 # Debian's, which has the packages
other="$python $FK_ROOT/tests/support/suit_check.py"
make_key() { # name
    openssl ecparam -name prime256v1 -genkey -noout -out "$1.pem"
    openssl pkey -in "$1.pem" -pubout -out "$1.pub"
}
for k in ours second device stranger; do make_key $k; done
openssl genpkey -algorithm ed25519 -out ed.pem
openssl pkey -in ed.pem -pubout -out ed.pub
head -c 16 /dev/urandom >kek.bin
head -c 16 /dev/urandom >kek2.bin
head -c 70000 /dev/urandom >image.bin
ours="-f suit -p mps2-an386 --sign ours.pem --sequence 7 --input bin"
device="ota-info -p mps2-an386 --verify --trust ours.pub"

# ---- every combination: signature, cipher, key delivery, where the payload is, what it is ----
check_ok 'an ST packet to wrap' create_ota -q -p mps2-an386 --input bin image.bin packet.ota kek2.bin
for signature in esp256 es256; do
    for cipher in none a128gcm a128ctr; do
        for delivery in a128kw ecdh-es both; do
            [ $cipher != none ] || [ $delivery = both ] || continue
            for place in integrated apart; do
                for kind in image packet; do
                    name="$signature $cipher $delivery $place $kind"
                    make=() show=() read=() infile=image.bin component=4100
                    [ $signature = esp256 ] || make+=(--es256)
                    if [ $cipher != none ]; then
                        make+=(--cipher $cipher)
                        [ $delivery = ecdh-es ] || make+=(--encrypt-kek kek.bin)
                        [ $delivery = a128kw ] || make+=(--encrypt-to device.pub)
                        if [ $delivery = a128kw ]; then
                            show+=(--kek kek.bin) read+=(--kek kek.bin)
                        else
                            show+=(--device-key device.pem) read+=(--device-key device.pem)
                        fi
                    fi
                    if [ $place = apart ]; then
                        make+=(--payload p.bin --uri http://example.com/p.bin)
                        show+=(--payload p.bin) read+=(--payload p.bin)
                    fi
                    if [ $kind = packet ]; then
                        make+=(--wrap-st) infile=packet.ota component=427374
                    fi
                    rm -f e.suit p.bin
                    create_ota -q $ours "${make[@]}" $infile e.suit 2>.make ||
                        { fail "$name: made" "$(cat .make)"; continue; }
                    run $device "${show[@]}" e.suit
                    check_match "$name: accepted by the device" 'exit=0 .*image +passed' \
                        "exit=$rc $(tr '\n' ' ' <<<"$out$err")"
                    alg=-9
                    [ $signature = esp256 ] || alg=-7
                    check_match "$name: read by other code" \
                        "^sequence=7 algorithms=$alg cipher=$cipher component=81$component " \
                        "$($other e.suit --sign ours.pub "${read[@]}" --image $infile 2>&1)"
                done
            done
        done
    done
done

# ---- signatures ----
rm -f e.suit
check_ok 'three signers in one envelope' create_ota -q $ours --sign second.pem --sign ed.pem image.bin e.suit
check_match 'with a warning for the one that no device verifies' 'signature 3 is Ed25519' "$err"
check_match 'all read by other code' 'algorithms=-9,-9,-19' \
    "$($other e.suit --sign ours.pub --sign second.pub --sign ed.pub --image image.bin 2>&1)"
check_ok 'each is enough for the device' ota-info -p mps2-an386 --verify --trust second.pub e.suit
check_refused 'a stranger is not' 1 \
    "^ota-info: 'e.suit': no signature is by a trusted key, 0 of 1; signed by [0-9a-f]{16} \(.*; trusted: [0-9a-f]{16}$" \
    ota-info -p mps2-an386 --verify --trust stranger.pub e.suit
sed 's/signatures: 1/signatures: 2/' "$FK_ROOT/profiles/mps2-an386.yaml" >mps2-an386.yaml
two='ota-info -p ./mps2-an386.yaml --verify'
check_ok 'two of two' $two --trust ours.pub --trust second.pub e.suit
check_refused 'one of two' 1 'too few valid signatures, 1 of 2; signed by ' \
    $two --trust ours.pub --trust stranger.pub e.suit
check_refused 'the same key twice is one' 1 'profile mps2-an386 needs 2 signatures' \
    $two --trust ours.pub --trust ours.pub e.suit

# ---- openssl reads the signature ----
check_ok 'unsigned, for an offline key' \
    create_ota -q -f suit -p mps2-an386 --sequence 8 --input bin --emit-tbs tbs image.bin unsigned.suit
check_equal '55 bytes to sign' 55 "$(wc -c <tbs)"
check_refused 'no device takes it so' 1 'envelope carries no signature' $device unsigned.suit
openssl dgst -sha256 -sign ours.pem -out sig tbs
openssl dgst -sha256 -sign stranger.pem -out sig.bad tbs
check_refused 'a wrong signature is not attached' 1 'does not verify with this key' \
    create_ota -f suit --attach-signature sig.bad --signer ours.pub unsigned.suit signed.suit
check_absent 'and nothing is written' signed.suit
head -c 20 sig >sig.short
check_refused 'nor is half a signature' 1 'expected a signature of 64 bytes or in DER, found 20' \
    create_ota -f suit --attach-signature sig.short --signer ours.pub unsigned.suit signed.suit
check_ok 'the right one is' \
    create_ota -f suit --attach-signature sig --signer ours.pub unsigned.suit signed.suit
check_ok 'and the device accepts it' $device signed.suit
check_refused 'not twice' 1 'signed by this key already' \
    create_ota -f suit --attach-signature sig --signer ours.pub signed.suit twice.suit
openssl dgst -sha256 -sign second.pem -out sig2 tbs
check_ok 'a second key adds its own' \
    create_ota -f suit --attach-signature sig2 --signer second.pub signed.suit both.suit
check_ok 'both count' $two --trust ours.pub --trust second.pub both.suit
create_ota -q -f suit -p mps2-an386 --sequence 8 --input bin --emit-tbs tbs.ed --signer ed.pub image.bin u2.suit
openssl pkeyutl -sign -inkey ed.pem -rawin -in tbs.ed -out sig.ed
check_ok 'Ed25519 by openssl' \
    create_ota -f suit --attach-signature sig.ed --signer ed.pub u2.suit ed.suit
check_match 'is read by other code' 'algorithms=-19' "$($other ed.suit --sign ed.pub 2>&1)"

# ---- same inputs, same bytes ----
create_ota -q -f suit -p mps2-an386 --sequence 8 --input bin --emit-tbs tbs2 image.bin again.suit
check_same_file 'what is not random is the same again' unsigned.suit again.suit
check_same_file 'and so are the bytes to sign' tbs tbs2

# ---- recipients ----
rm -f e.suit p.bin
create_ota -q $ours --encrypt-kek kek.bin --payload p.bin --uri u image.bin e.suit
check_refused 'encrypted for somebody else' 1 'payload is encrypted for other recipients; recipients: [0-9a-f]{16}$' \
    $device --payload p.bin --device-key device.pem e.suit
sha256sum p.bin >p.sum
check_ok 'a recipient is added' \
    create_ota -q -f suit -p mps2-an386 --add-recipient --kek kek.bin --encrypt-to device.pub --sign ours.pem e.suit more.suit
check_ok 'who can read now' $device --payload p.bin --device-key device.pem more.suit
check_ok 'and so can the old one' $device --payload p.bin --kek kek.bin more.suit
check_match 'by other code, too' 'cipher=a128gcm' \
    "$($other more.suit --sign ours.pub --payload p.bin --device-key device.pem --image image.bin 2>&1)"
check_ok 'the payload is the same' sha256sum -c p.sum
check_refused 'not with a key that cannot read it' 1 'encrypted for other recipients' \
    create_ota -f suit -p mps2-an386 --add-recipient --kek kek2.bin --encrypt-to device.pub --sign ours.pem e.suit x.suit
check_refused 'not what a stranger has signed' 1 'is not signed by any of the keys that would sign it anew' \
    create_ota -f suit -p mps2-an386 --add-recipient --kek kek.bin --encrypt-to device.pub --sign stranger.pem e.suit x.suit
check_absent 'nothing is written' x.suit
check_refused 'more recipients than the device reads' 1 \
    'the manifest has [0-9]+ bytes with 40 recipients, profile mps2-an386 reads 4096' \
    bash -c 'for i in $(seq 40); do head -c 16 /dev/urandom >k$i; o="$o --encrypt-kek k$i"; openssl ecparam -name prime256v1 -genkey -noout | openssl ec -pubout -out r$i.pub 2>/dev/null; r="$r --encrypt-to r$i.pub"; done; exec create_ota '"$ours"' $r image.bin x.suit'
check_absent 'nor then' x.suit

# ---- damage ----
damage() { # file, offset from the end
    cp "$1" bad.suit
    flip_bit bad.suit $(($(wc -c <"$1") - $2))
}
rm -f e.suit
create_ota -q $ours image.bin e.suit
damage e.suit 100
check_refused 'damaged payload' 1 "'bad.suit': image digest differs" $device bad.suit
rm -f e.suit
create_ota -q $ours --encrypt-kek kek.bin image.bin e.suit
damage e.suit 100
check_refused 'damaged ciphertext' 1 'digest of the encrypted payload differs' $device --kek kek.bin bad.suit
head -c 60000 e.suit >cut.suit
check_refused 'cut envelope' 1 "'cut.suit': input ends inside a field" $device cut.suit
(cat e.suit; echo) >long.suit
check_refused 'no envelope at all' 1 "'image.bin': not a signed envelope" $device image.bin
check_refused 'no file' 3 "cannot open 'none.suit'" $device none.suit
check_refused 'longer envelope' 1 'bytes left over' $device long.suit
check_refused 'older than the counter' 1 'sequence 7 is lower than the counter 8' $device --counter 8 e.suit
check_ok 'as old as the counter' $device --counter 7 e.suit
check_refused 'another product' 1 \
    'image is for another vendor: expected [0-9a-f-]{36} \(st.com\) by profile spwf04s, found [0-9a-f-]{36}; see --profile' \
    ota-info -p spwf04s --verify --trust ours.pub e.suit
mkdir class
sed 's/class: MPS2-AN386/class: ANOTHER/' "$FK_ROOT/profiles/mps2-an386.yaml" >class/mps2-an386.yaml
check_refused 'another class' 1 'image is for another device class: expected [0-9a-f-]{36} \(ANOTHER\) by profile .*, found [0-9a-f-]{36}' \
    ota-info -p class/mps2-an386.yaml --verify --trust ours.pub e.suit
rm -f e.suit p.bin
create_ota -q $ours --payload p.bin --uri u image.bin e.suit
check_refused 'another file as the payload' 1 "'packet.ota' has 70060 bytes, the envelope asks for 70000" \
    $device --payload packet.ota e.suit
check_match 'that check has failed' 'payload +failed' "$out"
unchecked=$(grep -c 'was not checked' <<<"$out")
check_equal 'and nothing says that it was left out' 0 "$unchecked"
create_ota -q $ours --force --image-version $'1.2 \xc3\xa4' image.bin version.suit
check_match 'the version of the image is shown, what a terminal could act on is masked' '^version   1\.2 \?\?$' "$(ota-info version.suit)"
check_match 'the version of the image in JSON' '"version": "1\.2 \?\?"' "$(ota-info --json version.suit)"
check_match 'a payload that is not at hand is said to be unchecked' 'the payload was not checked' "$($device e.suit)"

# ---- wrong wishes ----
rm -f x.suit
bad() { check_refused "$1" "$2" "$3" create_ota -f suit -p mps2-an386 --input bin "${@:4}" image.bin x.suit; }
bad 'nobody signs' 2 'nobody signs: give --sign KEY' --sequence 1
bad 'no sequence' 2 '\-\-sequence N is missing' --sign ours.pem
bad 'sequence that is none' 2 "\-\-sequence '-1': expected a number" --sign ours.pem --sequence -1
bad 'sequence over 64 bits' 2 'expected a number from 0' --sign ours.pem --sequence 18446744073709551616
bad 'payload without address' 2 'go together' --sign ours.pem --sequence 1 --payload p2
bad 'address with a blank' 2 'printable ASCII' --sign ours.pem --sequence 1 --payload p2 --uri 'a b'
bad 'cipher without recipients' 2 '\-\-cipher needs' --sign ours.pem --sequence 1 --cipher a128gcm
bad 'unknown cipher' 2 "'des' is not known, expected a128gcm or a128ctr" --sign ours.pem --sequence 1 --encrypt-kek kek.bin --cipher des
bad 'the same signer twice' 2 'are the same key' --sign ours.pem --sign ours.pem --sequence 1
bad 'the same recipient twice' 2 'recipient 1 and 2 are the same key' --sign ours.pem --sequence 1 --encrypt-kek kek.bin --encrypt-kek kek.bin
bad 'public key where a private one belongs' 1 "'ours.pub': expected a private key, found a public key" --sign ours.pub --sequence 1
bad 'Ed25519 recipient' 1 'agreed on P-256' --sign ours.pem --sequence 1 --encrypt-to ed.pub
bad 'key of 15 bytes' 1 'has 15 bytes, expected 16' --sign ours.pem --sequence 1 --encrypt-kek <(head -c 15 kek.bin)
bad 'no such key' 3 "cannot open 'none.pem'" --sign none.pem --sequence 1
check_absent 'nothing was written' x.suit
check_absent 'no payload either' p2
check_refused 'envelope options without the format' 2 '\-\-sign needs --format suit or keyset' create_ota --sign ours.pem image.bin x.suit
check_refused 'unknown format' 2 "'cms' is not known, expected st, suit or keyset" create_ota -f cms image.bin x.suit
check_refused 'output exists' 1 "exists" create_ota $ours image.bin e.suit

# ---- pass phrases ----
openssl pkey -in ours.pem -aes256 -passout pass:secret -out locked.pem
rm -f x.suit
bad 'locked key' 1 "'locked.pem' is encrypted; give the pass phrase with --passin env:NAME" --sign locked.pem --sequence 1
export PHRASE=secret WRONG=guess
bad 'wrong pass phrase' 1 'wrong pass phrase' --sign locked.pem --sequence 1 --passin env:WRONG
check_absent 'nothing is written without the key' x.suit
check_ok 'pass phrase from the environment' create_ota -q -f suit -p mps2-an386 --input bin --sign locked.pem --passin env:PHRASE --sequence 9 image.bin x.suit
echo secret >phrase
check_ok 'from a file' create_ota -q --force -f suit -p mps2-an386 --input bin --sign locked.pem --passin file:phrase --sequence 9 image.bin x.suit
check_ok 'from a descriptor' bash -c 'exec create_ota -q --force -f suit -p mps2-an386 --input bin --sign locked.pem --passin fd:5 --sequence 9 image.bin x.suit 5<phrase'
check_ok 'and the result is accepted' $device x.suit

# ---- keys in a token ----
# The engine and its PKCS#11 library keep memory when a key cannot be opened; that is theirs.
export ASAN_OPTIONS=detect_leaks=0
export SOFTHSM2_CONF=$PWD/softhsm2.conf
mkdir tokens
echo "directories.tokendir = $PWD/tokens" >softhsm2.conf
softhsm2-util --init-token --free --label release --pin 1234 --so-pin 5678 >/dev/null 2>&1
softhsm2-util --import <(openssl pkcs8 -topk8 -nocrypt -in ours.pem) --token release --label signer \
    --id 01 --pin 1234 >/dev/null 2>&1 ||
    { openssl pkcs8 -topk8 -nocrypt -in ours.pem -out p8.pem
      softhsm2-util --import p8.pem --token release --label signer --id 01 --pin 1234 >/dev/null; }
uri='pkcs11:token=release;object=signer;type=private'
export PIN=1234 WRONG_PIN=9999
rm -f hsm.suit
hsm='create_ota -q -f suit -p mps2-an386 --input bin --sequence 9'
check_ok 'signed in a token' $hsm --sign "$uri" --passin env:PIN image.bin hsm.suit
check_ok 'and accepted by the device' $device hsm.suit
check_match 'and by other code' 'algorithms=-9' "$($other hsm.suit --sign ours.pub 2>&1)"
check_refused 'wrong PIN' 3 "cannot open the key 'pkcs11:.*' in its token: PIN incorrect$" $hsm --sign "$uri" --passin env:WRONG_PIN image.bin h2.suit
check_refused 'no PIN' 3 "no PIN given, see --passin" $hsm --sign "$uri" image.bin h2.suit
check_refused 'a PIN longer than tokens have' 1 'the PIN has more than 256 bytes' env PIN=$(printf %0300d 1) $hsm --sign "$uri" --passin env:PIN image.bin h2.suit
check_refused 'no such token' 3 "in its token: object not found$" $hsm --sign 'pkcs11:token=none;object=signer' --passin env:PIN image.bin h2.suit
check_refused 'an address that is none' 3 "in its token: invalid id$" $hsm --sign 'pkcs11:token=release;foo' --passin env:PIN image.bin h2.suit
check_equal 'a PKCS#11 library that is missing' 'Unable to load PKCS#11 module' "$(
    PKCS11_MODULE_PATH=/none.so $hsm --sign "$uri" --passin env:PIN image.bin h2.suit 2>&1 | sed -n 's/^create_ota: .*token: //p')"
check_refused 'OpenSSL without the engine' 3 'neither a PKCS#11 provider nor the engine; .*libengine-pkcs11-openssl' \
    env OPENSSL_ENGINES=/none $hsm --sign "$uri" --passin env:PIN image.bin h2.suit
check_refused 'no such key' 3 "in its token: object not found$" $hsm --sign 'pkcs11:token=release;object=none;type=private' --passin env:PIN image.bin h2.suit
check_refused 'a PIN in the address' 2 'may not carry its PIN' $hsm --sign "$uri?pin-value=1234" image.bin h2.suit
check_absent 'nothing is written without the key in the token' h2.suit

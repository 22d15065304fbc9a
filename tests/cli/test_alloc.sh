#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Allocations of create_ota and ota-info fail in turn: exit 3, one clear line, and nothing is written,
# whole or half. The first thirty one by one; then, as the numbers of the crypto library need
# thousands, twenty spread over the rest.
source "$FK_ROOT/tests/support/check.sh"

openssl ecparam -name prime256v1 -genkey -noout -out sign.pem
openssl ecparam -name prime256v1 -genkey -noout -out device.pem
openssl pkey -in sign.pem -pubout -out sign.pub
openssl pkey -in device.pem -pubout -out device.pub
head -c 16 /dev/urandom >key.bin
head -c 3000 /dev/urandom >image.bin
objcopy -I binary -O ihex --change-addresses 0x21010000 image.bin image.hex
echo device.pub >list
create_ota -q -p spwf04s image.hex packet.ota key.bin
create_ota -q -f suit -p mps2-an386 --sign sign.pem --sequence 1 --encrypt-to device.pub image.hex e.suit
create_ota -q -f keyset -p mps2-an386 --sign sign.pem --sequence 1 --key sign.pub first.keys

# each_fails NAME OUTPUTS COMMAND...
each_fails() {
    local name=$1 outputs=$2 count=0 n rc err bad=
    shift 2
    FK_ALLOC_COUNT=$PWD/count "$FK_BUILD/alloc/$1" "${@:2}" >/dev/null 2>.err ||
        { fail "$name: without a failure" "$(cat .err)"; return; }
    read -r count <count
    rm -rf count $outputs
    local before=$(ls -A | sort)
    local step=$(((count - 30) / 20))
    for n in $(seq "$((count < 30 ? count : 30))") $(seq 31 "$((step > 0 ? step : 1))" "$count"); do
        rc=0
        FK_ALLOC_FAIL=$n "$FK_BUILD/alloc/$1" "${@:2}" >.out 2>.err || rc=$?
        err=$(grep -v ': warning: ' .err)
        [ $rc -eq 3 ] || bad+="allocation $n: exit $rc, $err; "
        [[ $err =~ ^$1:\ .*(memory|crypto library) && $(wc -l <<<"$err") -eq 1 ]] || bad+="allocation $n: says '$err'; "
        [ "$(ls -A | sort)" = "$before" ] || bad+="allocation $n: leaves $(ls -A | sort | comm -13 <(echo "$before") - | tr '\n' ' '); "
        rm -rf $outputs
    done
    check_equal "$name: $count allocations" '' "${bad:0:300}"
    check_match "$name: there were some" '^[1-9]' "$count"
}

touch .out .err
each_fails 'plain packet' out.ota create_ota -q -p spwf04s image.hex out.ota
each_fails 'encrypted packet' out.ota create_ota -q -p mps2-an386 --input bin image.bin out.ota key.bin
each_fails 'envelope' out.suit create_ota -q -f suit -p mps2-an386 --sign sign.pem --sequence 1 \
    --image-version 1.0 image.hex out.suit
each_fails 'encrypted envelope, payload apart' 'out.suit p.bin' create_ota -q -f suit -p mps2-an386 \
    --sign sign.pem --sequence 1 --encrypt-to device.pub --encrypt-kek key.bin --payload p.bin --uri u \
    image.hex out.suit
each_fails 'envelopes for a fleet' 'out p.bin' create_ota -q -f suit -p mps2-an386 --sign sign.pem \
    --sequence 1 --encrypt-to-list list --split max --payload p.bin --uri u image.hex out
each_fails 'a recipient more' out.suit create_ota -q -f suit -p mps2-an386 --sign sign.pem \
    --add-recipient --device-key device.pem --encrypt-kek key.bin e.suit out.suit
each_fails 'key set' out.keys create_ota -q -f keyset -p mps2-an386 --sign sign.pem --sequence 1 \
    --key sign.pub out.keys
each_fails 'packet shown and verified' '' ota-info -p spwf04s --verify --keyfile key.bin --input packet packet.ota
each_fails 'envelope shown and verified' '' ota-info -p mps2-an386 --verify --trust sign.pub --device-key device.pem e.suit
each_fails 'key set shown and verified' '' ota-info -p mps2-an386 --verify first.keys
each_fails 'image shown' '' ota-info image.hex

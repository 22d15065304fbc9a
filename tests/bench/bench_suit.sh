#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Signed envelopes: create_ota and ota-info on images of 1, 16 and 64 MiB, and 1, 100 and 10 000
# recipients, against OpenSSL doing the same primitive work in the same round; and the instructions
# that the device core spends for a byte of payload, against mbedTLS alone. The openssl command has
# no GCM, so counter mode stands for encryption.
#
#   BENCH_RUNS   rounds, 5       BENCH_SIZES  in MiB, "1 16 64"       TMPDIR  where files are written
set -euo pipefail
measure=$FK_BUILD/bench/measure
work=$FK_BUILD/bench/suit_work
device=$FK_BUILD/bench/suit_device
runs=${BENCH_RUNS:-5}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

# The reference board with slots of 128 MiB: what must grow moves behind everything else.
sed -e 's/name: mps2-an386/name: bench/' -e 's/^  base: .*/  base: 0x00000000/' \
    -e 's/^  size: .*/  size: 1024M/' -e 's/ any_base: false/ any_base: true/' \
    -e '/^image:/,/^fota:/{/regions:/d;/- {name:/d}' \
    -e 's/ state: {.*}/ state: {offset: 32M, size: 16M}/' \
    -e 's/ primary: {.*}/ primary: {offset: 64M, size: 128M}/' \
    -e 's/ staging: {.*}/ staging: {offset: 256M, size: 132M}/' \
    "$FK_ROOT/profiles/mps2-an386.yaml" >bench.yaml
openssl ecparam -name prime256v1 -genkey -noout -out sign.pem
openssl pkey -in sign.pem -pubout -out sign.pub
openssl rand -out kek.bin 16
aes='openssl enc -aes-128-ctr -K 000102030405060708090a0b0c0d0e0f -iv 00000000000000000000000000000000'

row() { printf '%-16s %-26s %-32s %9s %10s %9s %6s\n' "$@"; }

# compare WHAT HOW NAME COMMAND NAME COMMAND: one round robin; the first is ours
compare() {
    local what=$1 how=$2 names=("$3" "$5") commands=("$4" "$6") i=0 first= ms cpu kib code
    while read -r ms cpu kib code; do
        [ "$code" -eq 0 ] || { echo "this ended with $code: ${commands[i]}"; sh -c "${commands[i]}"; exit 1; }
        first=${first:-$cpu}
        row "$what" "$how" "${names[i]}" "$ms ms" "$cpu ms" "$(awk "BEGIN{printf \"%.1f MiB\", $kib/1024}")" \
            "$([ $i -eq 0 ] || awk "BEGIN{printf \"%.2f\", $first/($cpu > 0 ? $cpu : 0.1)}")"
        i=$((i + 1))
    done < <("$measure" "$rounds" sh -c "exec ${commands[0]}" -- sh -c "${commands[1]}")
}

echo "signed envelopes: median of $runs rounds; the ratio is of processor time, below 1: ours is faster"
row what how program wall processor peak ratio
ours="$FK_BIN/create_ota -q --force -f suit -p ./bench.yaml --sign sign.pem --sequence 1 --input bin"
judge="$FK_BIN/ota-info -p ./bench.yaml --verify --trust sign.pub"
for mib in ${BENCH_SIZES:-1 16 64}; do
    rounds=$runs
    openssl rand $((mib << 20)) >image.bin
    compare "$mib MiB" 'create, signed' create_ota "$ours image.bin plain.suit" \
        'openssl dgst -sign' 'openssl dgst -sha256 -sign sign.pem -out sig image.bin'
    compare "$mib MiB" 'create, signed, encrypted' create_ota "$ours --encrypt-kek kek.bin image.bin enc.suit" \
        'openssl dgst + enc + dgst -sign' "openssl dgst -sha256 image.bin; $aes -in image.bin -out out.enc; openssl dgst -sha256 -sign sign.pem -out sig out.enc"
    compare "$mib MiB" 'verify, signed' 'ota-info (mbedTLS)' "$judge plain.suit" \
        'openssl dgst -verify' 'openssl dgst -sha256 -verify sign.pub -signature sig out.enc'
    compare "$mib MiB" 'verify, signed, encrypted' 'ota-info (mbedTLS)' "$judge --kek kek.bin enc.suit" \
        'openssl dgst + enc + dgst' "openssl dgst -sha256 enc.suit; $aes -d -in out.enc -out out.bin; openssl dgst -sha256 out.bin"
done

head -c 65536 image.bin >small.bin
for n in 1 100 10000; do
    rounds=$([ $n -lt 10000 ] && echo "$runs" || echo $((runs < 3 ? runs : 3)))
    mkdir -p fleet$n
    "$work" keys $n fleet$n
    compare "$n recipient$([ $n -eq 1 ] || echo s)" 'create --split max' create_ota \
        "sh -c 'rm -rf made; exec $ours --encrypt-to-list fleet$n/list --payload p.bin --uri u --split max small.bin made'" \
        'ECDH, HKDF, wrap by OpenSSL' "$work recipients $n"
    echo "  $(($(find made -name '*.suit' | wc -l))) envelopes, $(cat made/*.suit | wc -c) bytes, payload $(wc -c <p.bin) bytes"
done

if ! command -v valgrind >/dev/null; then
    echo 'no valgrind here: instructions of the device core are not counted'
    exit 0
fi
count() { # who, what, bytes
    local function=fk_suit_check_payload
    [ "$1" = core ] || function=bare_work
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "--toggle-collect=$function" \
        "$device" "$1" "$2" "$3" 2>&1 | sed -n 's/.*Collected : //p'
}
for what in plain gcm; do
    for who in core bare; do
        a=$(count $who $what 32768) b=$(count $who $what 98304)
        declare "$who=$(awk "BEGIN{printf \"%.3f\", ($b - $a) / 65536}")"
        declare "${who}_once=$(awk "BEGIN{printf \"%d\", $a - 32768 * ($b - $a) / 65536}")"
    done
    # shellcheck disable=SC2154
    echo "payload, $what: device core $core instructions a byte and $core_once once, mbedTLS alone $bare and $bare_once: $(awk "BEGIN{printf \"%.4f\", $core / $bare}") a byte"
done

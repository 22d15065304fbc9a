#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Bundles per second in batch mode, against a shell loop of openssl that makes the same files for the
# same devices: key to PKCS#1, certificate and root with CR LF, key identifier of the root in binary,
# the numbers of the key checked (which takes most of the time), and that it belongs to the
# certificate. The loop makes no manifest and judges nothing else. Usage: bench_cert_bundle.sh BUILD-FOLDER
set -euo pipefail
tool=$(cd "$1" && pwd)/bin/cert-bundle
devices=400
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=root -days 3650 2>/dev/null
mkdir in
echo id,cert,key >in/devices.csv
printf 'extendedKeyUsage=clientAuth\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n' >ext
for ((i = 0; i < 20; i++)); do # a key takes long to make: 20 of them serve all devices
    openssl req -newkey rsa:2048 -nodes -keyout "in/$i.key" -out csr -subj "/CN=dev-$i" 2>/dev/null
    openssl x509 -req -in csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 900 -extfile ext \
        -out "in/$i.pem" 2>/dev/null
done
for ((i = 0; i < devices; i++)); do
    echo "dev-$i,$((i % 20)).pem,$((i % 20)).key" >>in/devices.csv
done

now() { date +%s%N; }
rate() { # count, nanoseconds
    awk -v n="$1" -v t="$2" 'BEGIN { printf "%.1f", n / (t / 1e9) }'
}
batch() { # jobs, folder
    local start
    start=$(now)
    "$tool" -q -p spwf04s --ca ca.pem --batch in/devices.csv --as files -o "$2" --jobs "$1" 2>/dev/null
    rate $devices $(($(now) - start))
}
one=$(batch 1 out1)
all=$(batch "$(nproc)" out2)
start=$(now)
"$tool" -q -p spwf04s --ca ca.pem --batch in/devices.csv --as files -o out2 2>/dev/null
again=$(rate $devices $(($(now) - start)))

start=$(now)
some=$((devices / 8)) # a part is enough to know the rate
mkdir loop
for ((i = 0; i < some; i++)); do
    k=$((i % 20)) to=loop/dev-$i
    mkdir -m 700 "$to"
    [ "$(openssl x509 -in in/$k.pem -noout -pubkey)" = "$(openssl pkey -in in/$k.key -pubout)" ]
    openssl rsa -in in/$k.key -check -noout >/dev/null 2>&1
    (umask 077 && openssl rsa -in in/$k.key -traditional 2>/dev/null | sed 's/$/\r/' >"$to/key.pem")
    openssl x509 -in in/$k.pem | sed 's/$/\r/' >"$to/cert.pem"
    openssl x509 -in ca.pem | sed 's/$/\r/' >"$to/ca.pem"
    openssl x509 -in ca.pem -noout -ext subjectKeyIdentifier | tail -n +2 | tr -d ' :\n' | xxd -r -p >"$to/auth.bin"
done
loop=$(rate $some $(($(now) - start)))
cmp -s loop/dev-3/key.pem out1/dev-3/key.pem && cmp -s loop/dev-3/auth.bin out1/dev-3/auth.bin ||
    { echo 'the loop and cert-bundle made different files' >&2; exit 1; }

printf '%-44s %8s bundles/s\n' "cert-bundle --batch, $devices devices, 1 job" "$one"
printf '%-44s %8s bundles/s\n' "cert-bundle --batch, $(nproc) jobs" "$all"
printf '%-44s %8s bundles/s\n' 'the same again: manifest and files checked' "$again"
printf '%-44s %8s bundles/s\n' 'openssl in a shell loop' "$loop"
awk -v a="$all" -v b="$loop" 'BEGIN { printf "%-44s %8.1f\n", "ratio", a / b }'

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# create_ota on images of 1, 16 and 64 MiB, as raw binary and as Intel HEX, plain and encrypted,
# against programs that do a part of the same work. The openssl command has no GCM, so counter mode
# stands for encryption; it, objcopy and srec_cat do not sync what they write.
#
#   BENCH_RUNS   rounds, 5       BENCH_SIZES  in MiB, "1 16 64"       TMPDIR  where files are written
set -euo pipefail
measure=$FK_BUILD/bench/measure
create_ota=$FK_BIN/create_ota
runs=${BENCH_RUNS:-5}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

# The default profile with a slot of 128 MiB: what must grow moves behind everything else.
sed -e 's/name: spwf04s/name: bench/' -e 's/^  size: 2M/  size: 1024M/' \
    -e 's/ state: {.*}/ state: {offset: 32M, size: 16M}/' \
    -e 's/ primary: {.*}/ primary: {offset: 64M, size: 128M}/' \
    -e 's/ staging: {.*}/ staging: {offset: 256M, size: 128M}/' "$FK_ROOT/profiles/spwf04s.yaml" >bench.yaml
openssl rand -out key.bin 16
aes='openssl enc -aes-128-ctr -K 000102030405060708090a0b0c0d0e0f -iv 00000000000000000000000000000000'

row() { printf '%-7s %-5s %-10s %-27s %9s %10s %9s %6s\n' "$@"; }

# compare SIZE INPUT PACKET WHAT PEER...: one round robin, a row each. The commands stand in
# commands[], create_ota first; names[] says what they are.
compare() {
    local args=() i=0 first= ms cpu kib code
    for i in "${!commands[@]}"; do
        [ "$i" -eq 0 ] || args+=(--)
        read -ra words <<<"${commands[i]}"
        [ "${names[i]}" != 'openssl dgst + enc' ] || words=(sh -c "${commands[i]}")
        args+=("${words[@]}")
    done
    i=0
    while read -r ms cpu kib code; do
        [ "$code" -eq 0 ] || { echo "this ended with $code: ${commands[i]}"; ${commands[i]} || exit 1; }
        first=${first:-$ms}
        row "$1" "$2" "$3" "${names[i]}" "$ms ms" "$cpu ms" "$(awk "BEGIN{printf \"%.1f MiB\", $kib/1024}")" \
            "$([ $i -eq 0 ] || awk "BEGIN{printf \"%.2f\", $first/$ms}")"
        [ $i -gt 0 ] || echo "$1 $2 $3 $ms $kib $cpu" >>figures
        [ "${names[i]}" != 'openssl dgst + enc' ] || echo "$1 $2 $3-peer $ms $kib $cpu" >>figures
        i=$((i + 1))
    done < <("$measure" "$rounds" "${args[@]}")
}

echo "create_ota against peers: median of $runs rounds; wall time ratio below 1: create_ota is faster"
row size input packet program wall processor peak ratio
: >figures
for mib in ${BENCH_SIZES:-1 16 64}; do
    openssl rand $((mib << 20)) >image.bin
    printf '\377' | dd of=image.bin conv=notrunc status=none
    objcopy -I binary -O ihex --change-addresses 0x08000000 image.bin image.hex
    ours="$create_ota -q --force -p ./bench.yaml"
    rounds=$runs
    names=(create_ota 'openssl dgst -sha256')
    commands=("$ours image.bin out.ota" 'openssl dgst -sha256 image.bin')
    compare "$mib MiB" bin plain
    names=(create_ota 'openssl dgst + enc')
    commands=("$ours image.bin out.ota key.bin" "openssl dgst -sha256 image.bin; $aes -in image.bin -out out.enc")
    compare "$mib MiB" bin encrypted
    [ "$mib" -lt 64 ] || rounds=$((runs < 3 ? runs : 3)) # srec_cat takes its time
    names=(create_ota 'objcopy -I ihex -O binary' 'srec_cat -intel to -binary')
    peers=('objcopy -I ihex -O binary image.hex out.bin'
        'srec_cat image.hex -intel -offset -0x08000000 -o out.bin -binary')
    commands=("$ours image.hex out.ota" "${peers[@]}")
    compare "$mib MiB" hex plain
    commands=("$ours image.hex out.ota key.bin" "${peers[@]}")
    compare "$mib MiB" hex encrypted
done

# The figures to reach.
awk '
$1 == 16 && $3 == "hex" && $4 == "encrypted" {
    printf "16 MiB HEX, encrypted: %.3f s wall, %.3f s processor (0.1 s wanted), %.1f MiB (16 MiB wanted): %s%s\n",
        $5 / 1000, $7 / 1000, $6 / 1024, $5 <= 100 && $6 <= 16384 ? "reached" : "missed",
        $5 > 1.4 * $7 ? " (the machine was busy or its disk slow: wall is far above processor time)" : "" }
$1 == 16 && $3 == "bin" && $4 == "encrypted" { ours = $5 }
$1 == 16 && $3 == "bin" && $4 == "encrypted-peer" {
    printf "16 MiB binary, encrypted: %.2f of openssl dgst + enc (1.2 wanted): %s\n", ours / $5,
        ours <= 1.2 * $5 ? "reached" : "missed" }' figures

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the verifier of signed envelopes costs on a Cortex-M4 at -Os, without the crypto library: code
# and constants of what the linker keeps, static RAM, and the deepest frames. Exit 1 above a ceiling,
# which is what was reached, so that it cannot grow back unseen.
# Usage: verifier-size.sh
set -euo pipefail
cd "$(dirname "$0")/.."
cc=arm-none-eabi-gcc
command -v $cc >/dev/null || {
    echo "verifier-size: no $cc; on Debian install gcc-arm-none-eabi and libnewlib-arm-none-eabi" >&2
    exit 3
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for f in firmware/wire/{reader,writer,cbor,cose,cose_encrypt,suit,suit_run}.c \
    firmware/core/{verify,suit_verify,suit_sign,suit_payload,suit_policy}.c; do
    $cc -std=c11 -Os -mcpu=cortex-m4 -mthumb -ffunction-sections -fdata-sections -fcallgraph-info=su \
        -Ifirmware/include -Ifirmware -DFK_SHA256_CONTEXT=104 -DFK_GCM_CONTEXT=520 -c "$f" -o "$work/$(basename "$f" .c).o"
done
# Crypto and C library stay unresolved: only our own code is counted.
failed=0
measure() { # name, ceiling of text, entry points
    local name=$1 ceiling=$2 text roots=()
    shift 2
    for r in "$@"; do roots+=(-u "$r"); done
    arm-none-eabi-ld --gc-sections -e "$1" "${roots[@]}" --unresolved-symbols=ignore-all \
        -o "$work/out" "$work"/*.o 2>/dev/null
    arm-none-eabi-size "$work/out" |
        awk -v n="$name" -v c="$ceiling" \
            'NR == 2 {printf "%-44s text %6d of %d   static RAM %d\n", n, $1, c, $2 + $3}'
    text=$(arm-none-eabi-size "$work/out" | awk 'NR == 2 {print $1}')
    if [ "$text" -gt "$ceiling" ]; then
        echo "verifier-size: '$name' is above its ceiling: $text bytes of $ceiling" >&2
        failed=1
    fi
}
measure 'judge an envelope' 8704 fk_suit_judge
measure 'judge, unwrap, check and read the payload' 10752 fk_suit_judge fk_suit_unwrap \
    fk_suit_check_payload fk_suit_read_image fk_suit_policy_make
# The longest way down from an entry point, by the compiler's call graph. The crypto library is not
# in it; skip() calls itself once for each level of nesting.
/usr/bin/python3 - "$work" <<'END'
import glob, re, sys
frame, calls = {}, {}
for path in glob.glob(sys.argv[1] + "/*.ci"):
    text = open(path).read()
    for title, size in re.findall(r'node: \{ title: "([^"]+)" label: "[^"]*?(\d+) bytes', text):
        frame[title] = int(size)
    for a, b in re.findall(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"', text):
        calls.setdefault(a, set()).add(b)
DEPTH = 4
def deepest(f, above=()):
    own = frame.get(f, 0) * (DEPTH if f in calls.get(f, ()) else 1)
    below = [deepest(g, above + (f,)) for g in calls.get(f, ()) if g not in above + (f,)]
    size, way = max(below, default=(0, []))
    return own + size, [f] + way
failed = 0
print("stack, without that of the crypto library:")
for entry in ("fk_suit_judge", "fk_suit_unwrap", "fk_suit_check_payload"):
    size, way = deepest(entry)
    names = [f.split(":")[-1] for f in way if f in frame]
    print("  %5d %s: %s" % (size, entry, " > ".join(names[1:])))
    if size > 1600:
        print("verifier-size: %s takes %d bytes of stack, more than 1600" % (entry, size), file=sys.stderr)
        failed = 1
sys.exit(failed)
END
exit $failed

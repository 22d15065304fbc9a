# SPDX-License-Identifier: Apache-2.0
# The image readers against independent ones: srec_cat and objcopy on the micro:bit firmware and on
# generated Intel HEX files, ld and objcopy on ELF.
source "$FK_ROOT/tests/support/check.sh"
microbit=/usr/share/firmware-microbit-micropython/firmware.hex

# image FILE OPTION...: the image as a plain packet holds it, in image.out
image() {
    local file=$1
    shift
    rm -f image.out
    run create_ota --force --json --pad "$@" "$file" packet.ota
    if [ "$rc" -ne 0 ]; then fail "create_ota $file" "$err"; fi
    tail -c +61 packet.ota >image.out
}
# cut_to LENGTH: without the padding
cut_to() { truncate -s "$1" image.out; }

## the real file
objcopy -I ihex -O binary --remove-section .sec5 $microbit objcopy.bin
srec_cat $microbit -intel -crop 0 0x3b88c -fill 0xff 0 0x3b88c -o srec.bin -binary
image $microbit --only-region 0x0-0x3b88c
check_same_file 'micro:bit firmware: srec_cat reads the same' srec.bin image.out
check_same_file 'micro:bit firmware: objcopy reads the same' objcopy.bin image.out
image $microbit --only-region 0x10000000-0x10002000
srec_cat $microbit -intel -crop 0x10000000 0x10002000 -offset -0x100010c0 -o srec.bin -binary
check_same_file 'micro:bit firmware: and the other region' srec.bin image.out

## generated files: generate SEED writes in.hex and want.bin and prints base and size
generate() {
    python3 - "$1" <<'PYTHON'
import random, sys

seed = int(sys.argv[1])
r = random.Random(seed)
nl = [b"\n", b"\r\n"][seed % 2]
segmented = seed % 3 == 0      # type 02, below 1 MiB; otherwise type 04
shuffled = seed % 4 == 1
lower = seed % 5 == 2
repeated = seed % 4 == 2       # needs memory for the image, as shuffling does
lengths = [16, 32, None, 255, 1][seed % 5]
base = r.randrange(0, 0x80000) if segmented else r.randrange(0, 0xfff00000)
size = r.randrange(3000, 200000 if lengths != 1 else 4000)
image = bytearray(b"\xff" * size)
at, high, records = 0, None, []

def record(kind, offset, data=b""):
    b = bytes([len(data)]) + offset.to_bytes(2, "big") + bytes([kind]) + data
    text = (b + bytes([-sum(b) & 255])).hex()
    return (":" + (text if lower else text.upper())).encode()

def address(addr):
    if segmented:
        return 2, (addr >> 16 << 12).to_bytes(2, "big")
    return 4, (addr >> 16).to_bytes(2, "big")

while at < size:
    n = min(lengths or r.randrange(0, 256), size - at, 0x10000 - ((base + at) & 0xffff))
    if 0 < at and r.random() < 0.05 and at + n < size:
        at += n                # a gap
        continue
    data = bytes(r.randrange(256) for _ in range(n))
    image[at:at + n] = data
    group = []
    if shuffled or (base + at) >> 16 != high:
        high = (base + at) >> 16
        group.append(record(*[address(base + at)[0], 0, address(base + at)[1]]))
    group.append(record(0, (base + at) & 0xffff, data))
    if repeated and r.random() < 0.03:
        group.append(record(0, (base + at) & 0xffff, data))   # the same bytes once more
    records.append(group)
    at += n
first, last = records[0], records[-1]   # the ends are data, so base and size are known
if shuffled:
    r.shuffle(records)
records.insert(r.randrange(len(records)), [record(3, 0, b"\0\0\1\0")])
records.append([record(5, 0, b"\x08\0\1\1"), record(1, 0)])
open("in.hex", "wb").write(nl.join(x for g in records for x in g) + nl)
open("want.bin", "wb").write(image)
print(base, size)
PYTHON
}

for seed in $(seq 1 20); do
    read -r base size < <(generate "$seed")
    image in.hex
    check_equal "generated $seed: base and size" "$base $(((size + 3) / 4 * 4))" \
        "$(python3 -c 'import json; i = json.load(open(".stdout"))["image"]; print(i["base"], i["size"])')"
    cut_to "$size"
    check_same_file "generated $seed: python reads the same" want.bin image.out
    srec_cat -redundant-bytes=ignore -disable-sequence-warning in.hex -intel -offset -"$base" \
        -fill 0xff 0 "$size" -o srec.bin -binary 2>srec.log || cat srec.log
    check_same_file "generated $seed: srec_cat reads the same" srec.bin image.out
    objcopy -I ihex -O binary --gap-fill 0xff in.hex objcopy.bin
    check_same_file "generated $seed: objcopy reads the same" objcopy.bin image.out
    run bash -c 'cat in.hex | create_ota --force -q --pad /dev/stdin pipe.ota'
    check_same_file "generated $seed: the same from a pipe" packet.ota pipe.ota
done

# A segmented record that wraps: the end of its segment and the start, 64 KiB apart.
printf ':020000021000EC\n:04FFFE00A1A2B1B259\n:00000001FF\n' >wrap.hex
image wrap.hex
srec_cat -disable-sequence-warning wrap.hex -intel -offset -0x10000 -fill 0xff 0 0x10000 -o srec.bin -binary 2>/dev/null
check_same_file 'segment wrap: srec_cat reads the same' srec.bin image.out

# What other programs write.
{ printf '\377'; head -c 99999 /dev/urandom; } >any.bin
objcopy -I binary -O ihex --change-addresses 0x0801fff4 any.bin objcopy.hex
srec_cat any.bin -binary -offset 0x0801fff4 -o srec.hex -intel
srec_cat any.bin -binary -offset 0x3fff4 -o srec16.hex -intel -address-length=3 # type 02
check_match 'srec_cat writes type 02' '^:02000002' "$(head -c 200 srec16.hex)"
for f in objcopy.hex srec.hex srec16.hex; do
    image $f
    check_same_file "$f: as it was" any.bin image.out
done

## ELF: linked by ld, flattened by objcopy
head -c 5000 any.bin >text.raw
head -c 300 any.bin >data.raw
objcopy -I binary -O elf32-i386 -B i386 --rename-section .data=.text,alloc,load,code text.raw text.o
objcopy -I binary -O elf32-i386 -B i386 data.raw data.o
cat >script.ld <<'LD'
SECTIONS {
    .text 0x08004000 : { *(.text) }
    .data 0x20000000 : AT(0x08005400) { *(.data) }
    .bss : { . += 4096; }
}
LD
ld -m elf_i386 --nmagic -T script.ld -o flat.elf text.o data.o 2>/dev/null
objcopy -O binary --gap-fill 0xff flat.elf objcopy.bin
image flat.elf
cut_to "$(stat -c %s objcopy.bin)"
check_same_file 'ELF: objcopy reads the same' objcopy.bin image.out
check_equal 'ELF: base' 134234112 "$(python3 -c 'import json; print(json.load(open(".stdout"))["image"]["base"])')"

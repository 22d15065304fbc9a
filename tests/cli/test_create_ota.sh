# SPDX-License-Identifier: Apache-2.0
# create_ota: every option, every refusal, every exit code. After a refusal the output is absent, or
# untouched when it was there.
source "$FK_ROOT/tests/support/check.sh"
umask 022
microbit=/usr/share/firmware-microbit-micropython/firmware.hex

rec() { # type, offset, data as hexadecimal: one Intel HEX record
    local body=$(printf '%02X%s%s%s' $((${#3} / 2)) "$2" "$1" "$3") sum=0 i
    for ((i = 0; i < ${#body}; i += 2)); do sum=$((sum + 0x${body:i:2})); done
    printf ':%s%02X\n' "$body" $((-sum & 255))
}
end=:00000001FF

head -c 16 /dev/urandom >key.bin
chmod 600 key.bin
head -c 4096 /dev/urandom >image.bin
printf '\377' | dd of=image.bin conv=notrunc status=none # not text
objcopy -I binary -O ihex --change-addresses 0x08000000 image.bin image.hex

# refused NAME CODE TEXT ARGUMENT...: and neither output nor temporary file is there
refused() {
    local name=$1
    rm -f out.ota
    check_refused "$@"
    if [ -e out.ota ] || compgen -G '.fotakit-*' >/dev/null; then fail "$name: nothing is left"; fi
    if [ -n "$out" ]; then fail "$name: stdout is empty" "$out"; fi
}
# refused_in NAME CODE TEXT FILE: the same for one input file
refused_in() { refused "$1" "$2" "$3" create_ota "$4" out.ota key.bin; }

## what is made
check_ok 'encrypted packet from HEX' create_ota image.hex out.ota key.bin
check_equal 'encrypted packet: no warning, but what the device does not keep' \
    'create_ota: note: devices of profile spwf04s overwrite the old image; there is no way back to it' "$err"
check_match 'report: image' '^image   Intel HEX, 0x08000000-0x08001000, 4096 bytes$' "$out"
check_match 'report: digest' "^sha256  $(sha256sum image.bin | cut -d' ' -f1)$" "$out"
check_match 'report: packet' '^packet  out.ota, 4156 bytes: header 60, body 4096, encrypted' "$out"
check_match 'report: unverified facts' '^profile spwf04s, fota.header not verified: ' "$out"
check_match 'report: key command' '^next    AT\+S.SCFG=aes128_key,<hex>   \(once; the 16 bytes of key.bin\)$' "$out"
check_match 'report: update command' '^        AT\+S.FWUPDATE=e,<host>,<path>,' "$out"
check_equal 'report: the key is not in it' 0 "$(grep -ci "$(xxd -p key.bin)" <<<"$out")"
check_equal 'packet: mode' 644 "$(stat -c %a out.ota)"

# The body is AES in counter mode, which GCM starts at block 2: the openssl command decrypts it.
tail -c +61 out.ota | openssl enc -d -aes-128-ctr -K "$(xxd -p key.bin)" \
    -iv "$(head -c 12 out.ota | xxd -p)00000002" >body.bin
check_same_file 'packet: the openssl command decrypts the body' image.bin body.bin
check_equal 'packet: digest in the header' "$(sha256sum image.bin | cut -d' ' -f1)" \
    "$(head -c 60 out.ota | tail -c 32 | xxd -p -c 64)"
check_ok 'packet: the device accepts it' ota-info --verify --keyfile key.bin out.ota

create_ota -q image.bin bin.ota 2>/dev/null
create_ota -q image.hex hex.ota 2>/dev/null
check_same_file 'binary and HEX give the same plain packet' bin.ota hex.ota
check_equal 'plain packet: nonce and tag are zero' 00000000000000000000000000000000000000000000000000000000 \
    "$(head -c 28 hex.ota | xxd -p -c 64)"
check_ok 'plain packet' create_ota --force image.hex out.ota
check_match 'plain packet: warning' '^create_ota: warning: the packet is plain: nothing authenticates it' "$err"
check_equal 'plain packet: a warning and that note on stderr' 2 "$(wc -l <.stderr)"
check_equal 'plain packet: no key command' 0 "$(grep -c aes128_key <<<"$out")"
rm -f out.ota
check_ok 'profile that refuses plain packets' create_ota -p mps2-an386 image.bin out.ota
check_match 'profile that refuses plain packets: warning' "anyone can change it; the profile's device refuses it" "$err"
check_match 'raw binary stands at the application region' '^image   raw binary, 0x21010000-0x21011000,' "$out"

## options
check_ok '--force replaces' create_ota --force image.hex out.ota key.bin
check_equal '--force: replaced by the new one' 4156 "$(stat -c %s out.ota)"
check_ok '--quiet' create_ota --quiet --force image.hex out.ota key.bin
check_equal '--quiet: says nothing' '' "$out$err"
check_ok '--json' create_ota --json --force image.hex out.ota key.bin
cp .stdout report.json
check_ok '--json: is JSON' python3 -m json.tool report.json
check_equal '--json: fields' 'hex 134217728 4096 0 4156 True spwf04s 2' "$(python3 -c '
import json
j = json.load(open("report.json"))
print(j["image"]["format"], j["image"]["base"], j["image"]["size"], j["image"]["padded"], j["packet"]["size"],
      j["packet"]["encrypted"], j["profile"], len(j["device_commands"]))')"
check_match '--version' '^create_ota \(fotakit\) [0-9]' "$(create_ota --version)"
check_match '--help' '^usage: create_ota \[options\] infile outfile \[keyfile\]$' "$(create_ota --help)"
manual=$(sed 's/\\-/-/g' "$FK_ROOT/tools/create_ota.1")
for o in profile pad only-region input force json quiet help version; do
    check_match "--help names --$o" "--$o" "$(create_ota --help)"
    check_match "manual page names --$o" "^.*--$o" "$(grep -e "--$o" <<<"$manual")"
done

head -c 4095 image.bin >odd.bin
refused 'length' 1 "odd.bin.: the image has 4095 bytes, 3 more than a multiple of 4; add 1 byte of 0xff with --pad" \
    create_ota odd.bin out.ota key.bin
check_ok '--pad' create_ota --pad odd.bin out.ota key.bin
check_match '--pad: reported' '4096 bytes, 1 of them padding$' "$out"
check_ok '--pad: the device accepts it' ota-info --verify --keyfile key.bin out.ota

rm -f out.ota
check_ok '--input bin takes anything' create_ota --input bin image.hex out.ota key.bin --pad
check_match '--input bin: as it stands' "^image   raw binary, $(($(stat -c %s image.hex) + 3 & ~3)) bytes" "$out"
refused '--input hex on binary' 1 "image.bin' line 1: starts with byte 0xff, expected ':'" create_ota --input hex image.bin out.ota
refused '--input elf on binary' 1 "image.bin' is not an ELF file" create_ota --input elf image.bin out.ota
refused '--input unknown' 2 "input format 'ihex' is not known" create_ota --input ihex image.bin out.ota

check_ok 'the real file with --only-region' create_ota --only-region 0x0-0x3b88c $microbit real.ota key.bin
check_match 'the real file with --only-region: its first part' '0x00000000-0x0003b88c, 243852 bytes$' "$out"
check_ok 'the real file: the device accepts it' ota-info --verify -k key.bin real.ota
refused 'the real file' 1 "firmware.hex' spans 268439772 bytes, the slot holds 524288: the data lies in 0x00000000-0x0003b88c and 0x100010c0-0x100010dc with a gap of 268195892 bytes between them; keep the first with --only-region 0x0-0x3b88c" \
    create_ota $microbit out.ota key.bin
case $FK_BUILD in
*asan*) ;; # needs terabytes of address space
*)
    refused 'the real file never becomes an image of 256 MiB' 1 'with a gap of' \
        bash -c "ulimit -v 131072; exec create_ota $microbit out.ota key.bin"
    refused 'the real file through a pipe neither' 1 'with a gap of' \
        bash -c "ulimit -v 131072; cat $microbit | create_ota /dev/stdin out.ota key.bin"
    ;;
esac
rm -f out.ota
check_ok 'through a pipe' bash -c "cat $microbit | create_ota --only-region 0-243852 /dev/stdin out.ota"
create_ota -q --force --only-region 0x0-0x3b88c $microbit real.ota 2>/dev/null
check_same_file 'through a pipe: the same packet' real.ota out.ota
mkfifo named
timeout 20 bash -c 'sleep 0.3; cat image.hex >named' &
check_ok 'through a named pipe whose writer comes later' timeout 20 create_ota -q --force named out.ota key.bin
wait
refused '--only-region that is no range' 2 "--only-region 'app': expected START-END .*; the profile names no regions" \
    create_ota --only-region app image.hex out.ota
refused '--only-region without data' 1 "image.hex' holds nothing inside --only-region 0-16; its data lies at 0x08000000-0x08001000" \
    create_ota --only-region 0-16 image.hex out.ota
refused 'data outside the region of the board' 1 "image.hex' line [0-9]+: data at 0x08000000-0x08000010 lies outside region 'application' 0x21010000-0x21090000" \
    create_ota -p mps2-an386 image.hex out.ota key.bin

## usage
refused 'no arguments' 2 'missing argument' create_ota
refused 'one argument' 2 'missing argument' create_ota image.hex
refused 'four arguments' 2 "unexpected argument 'x'" create_ota image.hex out.ota key.bin x
refused 'unknown option' 2 "unknown option '--nonce'" create_ota --nonce 00 image.hex out.ota
refused 'unknown profile' 3 'nosuch' create_ota -p nosuch image.hex out.ota

printf 'sources:\n  me: "test"\ndevice:\n  source: me\n  name: bare\n  title: Nothing\n  vendor: example.com\n' >bare.yaml
refused 'profile without firmware' 1 'profile bare describes no firmware update; choose another with --profile' \
    create_ota -p ./bare.yaml image.hex out.ota

## keys
: >key0
head -c 15 key.bin >key15
cat key.bin key.bin | head -c 17 >key17
xxd -p key.bin >key.hex
for n in 0 15 17; do
    refused "key of $n bytes" 1 "key file 'key$n' has $n bytes, expected 16" create_ota image.hex out.ota key$n
done
refused 'hexadecimal key' 1 "key file 'key.hex' holds 32 hexadecimal digits, expected 16 binary bytes; convert it with: " \
    create_ota image.hex out.ota key.hex
check_equal 'hexadecimal key: the key is not in the message' 0 "$(grep -c "$(cat key.hex)" .stderr)"
bash -c "${err##*convert it with: }"
check_same_file 'hexadecimal key: the command in the message converts it' key.bin key.hex.bin
check_equal 'hexadecimal key: and protects it' 600 "$(stat -c %a key.hex.bin)"
refused 'missing key' 3 "key file: cannot open 'nokey': No such file" create_ota image.hex out.ota nokey
refused 'key is a directory' 1 "key file: '/' is a directory" create_ota image.hex out.ota /
chmod 644 key.bin
check_ok 'exposed key' create_ota image.hex out.ota key.bin
check_match 'exposed key: warning' "warning: key file 'key.bin' can be read by others; protect it with: chmod 600 'key.bin'" "$err"
chmod 600 key.bin

## input files
: >empty
refused_in 'empty file' 1 "'empty' is empty" empty
refused_in 'missing file' 3 "cannot open 'nofile': No such file or directory" nofile
mkdir -p folder
refused_in 'directory' 1 "'folder' is a directory, expected a regular file" folder
refused_in 'device' 1 "'/dev/zero' is not a file, expected a regular file" /dev/zero
cp image.hex locked.hex
chmod 000 locked.hex
drop=() # root reads everything unless it gives that up
[ "$(id -u)" -ne 0 ] || drop=(setpriv --bounding-set=-dac_override,-dac_read_search)
refused 'unreadable file' 3 "cannot open 'locked.hex': Permission denied" "${drop[@]}" create_ota locked.hex out.ota key.bin
truncate -s 2G two-gib.bin
refused_in '2 GiB' 1 "'two-gib.bin': the image 0x00000000-0x80000000 has 2147483648 bytes, the slot holds 524288" two-gib.bin
truncate -s 1T one-tib.bin # minutes, were it read
refused_in '1 TiB' 1 "'one-tib.bin' has more than 524288 bytes" one-tib.bin
rm -f two-gib.bin one-tib.bin

sed '5s/:\(....\)../:\1FF/' image.hex >broken.hex
refused_in 'bad checksum' 1 "'broken.hex' line 5: checksum is .., expected ..; the record is damaged" broken.hex
grep -v $end image.hex >cut.hex
refused_in 'no end-of-file record' 1 "'cut.hex' line [0-9]+: the file ends without an end-of-file record" cut.hex
{ cat image.hex; rec 00 0000 00; } >more.hex
refused_in 'data behind the end' 1 "'more.hex' line [0-9]+: data behind the end-of-file record" more.hex
{ rec 04 0000 FFFF; rec 00 FFFE 010203; echo $end; } >wrap.hex
refused_in '4 GiB wrap' 1 "'wrap.hex' line 2: record at 0xfffffffe with 3 bytes goes beyond the 4 GiB" wrap.hex
{ rec 00 0000 01020304; rec 00 0003 05; echo $end; } >overlap.hex
refused_in 'overlap' 1 "'overlap.hex' line 2: address 0x00000003 gets 0x05, an earlier record gave it 0x04" overlap.hex
echo 'hello' >text
refused_in 'text' 1 "'text' looks like text, but not like Intel HEX" text
cp "$(command -v bash)" program
refused_in 'program of this computer' 1 "'program': ELF of class 2 with byte order 1, expected 32-bit" program
head -c 524292 /dev/zero | tr '\0' '\377' >big.bin
refused_in 'four bytes more than the slot' 1 "has 524292 bytes, the slot holds 524288" big.bin
head -c 524288 big.bin >full.bin
check_ok 'exactly the slot' create_ota full.bin out.ota key.bin

## output files
echo precious >out.ota
check_refused 'existing output' 1 "'out.ota' exists; use --force to replace it" create_ota image.hex out.ota key.bin
check_equal 'existing output: untouched' precious "$(cat out.ota)"
for file in key.bin image.hex; do
    cp $file kept
    ln -f $file other.name
    for name in $file ./$file other.name; do
        check_refused "--force does not replace $file as $name" 2 "'$file' is .+ as well as outfile" \
            create_ota --force image.hex $name key.bin
        check_same_file "--force does not replace $file as $name: untouched" kept $file
    done
done
check_refused 'bad input with --force' 1 'line 5' create_ota --force broken.hex out.ota key.bin
check_equal 'bad input with --force: output untouched' precious "$(cat out.ota)"
check_refused 'output is a directory' 1 "cannot write 'folder': it is a directory" create_ota --force image.hex folder key.bin
refused 'output in a missing folder' 3 "cannot write 'nowhere/out.ota': No such file" create_ota image.hex nowhere/out.ota key.bin
# A coverage build writes its counters when it ends: elsewhere, as the limit holds for them, too.
refused 'file size limit' 3 "cannot write 'out.ota': File too large" \
    env GCOV_PREFIX="$PWD/counters" GCOV_ERROR_FILE=/dev/null \
    bash -c "trap '' XFSZ; ulimit -f 2; exec create_ota image.hex out.ota key.bin"
if [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null; then
    refused 'full disk' 3 "cannot write 'small/out.ota': No space left on device" unshare -m bash -c "
        mkdir -p small && mount -t tmpfs -o size=16k none small || exit 9
        head -c 12000 /dev/zero >small/ballast
        create_ota image.hex small/out.ota key.bin; rc=\$?
        [ \"\$(ls -A small)\" = ballast ] || echo 'something is left' >&2
        exit \$rc"
fi
run bash -c 'create_ota --force image.hex out.ota key.bin >/dev/full'
check_equal 'report cannot be written: exit code' 3 "$rc"
check_match 'report cannot be written: message' 'cannot write to standard output' "$err"

## progress: only on a terminal, only in long runs
slow() { head -c 2000 image.hex; sleep 1; tail -c +2001 image.hex; }
script -qec 'create_ota --force /dev/fd/3 out.ota key.bin' /dev/null 3< <(slow) >tty.log </dev/null
check_match 'progress on a terminal' 'create_ota: reading' "$(cat tty.log)"
script -qec 'create_ota --force image.hex out.ota key.bin' /dev/null >tty.log </dev/null
check_equal 'no progress in a short run' 0 "$(grep -c 'reading\|writing,' tty.log)"
run bash -c 'create_ota --force /dev/stdin out.ota key.bin < <(head -c 2000 image.hex; sleep 1; tail -c +2001 image.hex)'
check_equal 'no progress without a terminal' '' "$(grep -v ' note: ' <<<"$err")"

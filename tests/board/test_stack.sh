# SPDX-License-Identifier: Apache-2.0
# The deepest use of both stacks, painted at start, in each kind of work that reaches far down, against
# what DESIGN.md says it is at most ("Memory"). TLS is measured where it is tested: test_https.sh.
source "$FK_ROOT/tests/board/board.sh"
source "$FK_ROOT/examples/release/nginx.sh"
source "$FK_ROOT/tests/support/pki.sh"
trap nginx_stop EXIT
plugin=$FK_BUILD/board/stores.so
mkdir -p srv/www
nginx_start "$PWD/srv" || exit 1
new_device fresh.flash "$FK_BOARD/application-1.hex"
create_ota -q -p mps2-an386 -f suit --sequence 5 --sign signer.pem --encrypt-to device.pub \
    "$FK_BOARD/application-2.hex" srv/www/update || fail 'update'

# as_documented IMAGE WHAT PATTERN: the line of the console that matches PATTERN ends in the depth
as_documented() {
    local bound depth
    bound=$(sed -n "s/^| $1 | \([0-9]*\) | [0-9]*:.*/\1/p" "$FK_ROOT/firmware/DESIGN.md")
    depth=$(sed -nE "s/$3.* stack ([0-9]+)$/\1/p" <<<"$out" | sort -n | tail -n 1)
    check_ok "$1, $2: $depth bytes, at most $bound" test "${depth:-99999}" -le "${bound:-0}" -a \
        "${depth:-0}" -gt 0
}
boot_stage() { as_documented 'boot stage' "$@"; }
application() { as_documented application "$1" '^application:'; }
start='expect:^application: idle'
leave=('send:AT+S.RESET\r' 'expect:^application: stack [0-9]+\r\n')
fetch() { echo "send:AT+S.FWUPDATE=e,10.0.2.2,/$1,$nginx_port,0,,\r"; }

## an update: fetched, installed, cut and resumed, confirmed
cp fresh.flash staged.flash
check_board 'an envelope is fetched' staged.flash "$start" "$(fetch update)" 'expect:^AT-S.OK' \
    "${leave[@]}"
application 'download and judgement of an envelope'
cp fresh.flash staged.flash
board staged.flash "$start" "$(fetch update)" 'expect:^AT-S.OK'
cp staged.flash trial.flash
check_board 'and installed' --plugin "$plugin,trace=trace,flash=trial.flash" trial.flash \
    'expect:^boot: found staged, installed; trial.*\n'
boot_stage 'install' '^boot: found staged, installed'
cp staged.flash cut.flash
board --plugin "$plugin,cut=$(($(wc -c <trace) / 16))" cut.flash 'exit:77'
check_board 'an install is cut, and resumed' cut.flash \
    'expect:^boot: found installing, resumed at step [0-9]+, installed; trial.*\n'
boot_stage 'install, resumed' '^boot: found installing'

## back: not confirmed, then damaged; and cut
steps=()
for _ in 1 2; do steps+=('expect:^application: trial' 'send:AT+S.RESET\r'); done
cp trial.flash back.flash
check_board 'not confirmed' back.flash "${steps[@]}" 'expect:, reverted; idle.*\n'
boot_stage 'going back' '^boot: found trial, reverted'
cp trial.flash damaged.flash
board damaged.flash 'expect:^application: trial' 'send:AT+S.CONFIRM\r' 'expect:^AT-S.OK'
flip_bit damaged.flash $((64 * 1024 + 5000))
cp damaged.flash again.flash
check_board 'damaged' --plugin "$plugin,trace=trace,flash=damaged.flash" damaged.flash \
    'expect:, reverted; idle.*\n'
boot_stage 'recovery' '^boot: found idle, reverted'
board --plugin "$plugin,cut=$(($(wc -c <trace) / 16))" again.flash 'exit:77'
check_board 'recovery is cut, and resumed' again.flash \
    'expect:^boot: found reverting, resumed at step [0-9]+, reverted; idle.*\n'
boot_stage 'recovery, resumed' '^boot: found reverting'
head -c 65536 /dev/zero | dd of=damaged.flash bs=64K seek=1 conv=notrunc status=none
check_board 'nothing to start' damaged.flash 'expect:^boot: nothing to start'
boot_stage 'nothing to start' '^boot: found idle'

## key sets: exchanged, and an update under the largest
names=()
for i in 1 2 3 4 5 6 7; do new_key "k$i" && names+=("k$i.pem"); done
/usr/bin/python3 "$FK_ROOT/tests/support/keyset.py" srv/www/large.keys 2 1 signer.pem "${names[@]}"
cp fresh.flash keys.flash
check_board 'a key set is exchanged' keys.flash "$start" "$(fetch large.keys)" 'expect:^AT-S.OK' \
    "${leave[@]}" "$start"
application 'exchange of a key set'
check_match 'it counts' '^keys  *set 2: 8 trusted' "$(sim keys.flash status)"
check_board 'an update under a set of eight' keys.flash "$start" "$(fetch update)" 'expect:^AT-S.OK' \
    "${leave[@]}" 'expect:^boot: found staged, installed; trial.*\n'
said=$out
boot_stage 'install under the large set' '^boot: found staged, installed'
out=$said application 'judgement under the large set'

## the certificate store: written, listed, wiped
pki_root plant ec:P-256 && pki_root old rsa:4096 && pki_leaf unit ec:P-256 plant dev-1 client || fail 'PKI'
for f in plant old unit; do openssl x509 -in $f.pem -outform DER -out $f.der; done
openssl ec -in unit.key -outform DER -out unit.key.der 2>/dev/null
steps=("$start")
for x in ca:plant.der cert:unit.der key:unit.key.der; do
    steps+=("send:AT+S.TLSCERT=${x%:*},$(stat -c %s "${x#*:}")\r" "file:${x#*:}" 'expect:^AT-S.OK')
done
for f in old plant; do
    steps+=("send:AT+S.FSC=$(ski-name $f.der),$(stat -c %s $f.der)\r" "file:$f.der" 'expect:^AT-S.OK')
done
steps+=('send:AT+S.FSL\r' 'expect:^AT-S.OK' 'send:AT+S.TLSCERT=content,2\r' 'expect:^AT-S.OK')
cp fresh.flash store.flash
check_board 'certificates and a key go in, and out' store.flash "${steps[@]}" "${leave[@]}"
application 'certificate store'

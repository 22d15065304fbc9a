# SPDX-License-Identifier: Apache-2.0
# Signed updates from a real server to the simulated device: create_ota writes, nginx serves, the
# device judges the envelope before it fetches the payload, and after a reset again.
source "$FK_ROOT/tests/support/check.sh"
source "$FK_ROOT/examples/release/nginx.sh"
trap nginx_stop EXIT
umask 077

new_key() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.pem" 2>genpkey.err &&
        openssl pkey -in "$1.pem" -pubout -out "$1.pub"
}
for key in signer second stranger device; do new_key $key; done
openssl rand -out kek.bin 16
openssl rand -out other.kek 16
openssl rand -out key.bin 16
echo 01234567-89ab-cdef-0123-456789abcdef >device.id
/usr/bin/python3 "$FK_ROOT/tests/support/keyset.py" one.keys 1 1 signer.pem second.pem
/usr/bin/python3 "$FK_ROOT/tests/support/keyset.py" two.keys 1 2 signer.pem second.pem
head -c 16000 /dev/urandom >old.bin
head -c 24000 /dev/urandom >new.bin
head -c 20000 /dev/urandom >newer.bin
sha() { sha256sum "$1" | cut -d' ' -f1; }
old=$(sha old.bin) new=$(sha new.bin) newer=$(sha newer.bin)

# envelope NAME OPTION...: an envelope srv/www/fw/NAME.suit for the board, sequence 5 unless told
envelope() {
    local name=$1 sequence=${sequence:-5}
    shift
    create_ota -q -f suit -p "${profile:-mps2-an386}" --sequence "$sequence" --input bin \
        "$@" "${image:-new.bin}" "srv/www/fw/$name.suit" || fail "envelope $name"
}
mkdir -p srv/www/fw/apart srv/www/elsewhere
envelope plain --sign signer.pem
envelope ecdh --sign signer.pem --encrypt-to device.pub
envelope kek --sign second.pem --encrypt-kek kek.bin --cipher a128ctr
envelope both --sign signer.pem --sign second.pem --encrypt-kek kek.bin
envelope relative --sign signer.pem --encrypt-to device.pub --payload srv/www/fw/apart/p.bin --uri apart/p.bin
envelope upward --sign signer.pem --payload srv/www/elsewhere/p.bin --uri '../elsewhere/./p.bin'
envelope missing --sign signer.pem --payload gone.bin --uri gone.bin
envelope moved --sign signer.pem --payload moved.bin --uri /moved/p.bin
envelope short --sign signer.pem --payload srv/www/fw/short.bin --uri short.bin
truncate -s -1 srv/www/fw/short.bin
envelope https --sign signer.pem --payload https.bin --uri https://127.0.0.1/p.bin
envelope stranger --sign stranger.pem --payload srv/www/fw/stranger.bin --uri stranger.bin
envelope recipient --sign signer.pem --encrypt-kek other.kek --payload srv/www/fw/recipient.bin --uri recipient.bin
profile=spwf04s envelope vendor --sign signer.pem --payload srv/www/fw/vendor.bin --uri vendor.bin
mkdir other
sed 's/class: MPS2-AN386/class: MPS2-AN500/' "$FK_ROOT/profiles/mps2-an386.yaml" >other/mps2-an386.yaml
profile=other/mps2-an386.yaml envelope class --sign signer.pem --payload srv/www/fw/class.bin --uri class.bin
image=newer.bin sequence=6 envelope newer --sign signer.pem
sequence=4 envelope older --sign signer.pem --payload srv/www/fw/older.bin --uri older.bin
cp srv/www/fw/plain.suit srv/www/fw/tampered.suit
flip_bit srv/www/fw/tampered.suit 12345
cp srv/www/fw/ecdh.suit srv/www/fw/manifest.suit
flip_bit srv/www/fw/manifest.suit 300
head -c 300 srv/www/fw/plain.suit >srv/www/fw/cut.suit
{ cat srv/www/fw/upward.suit; echo; } >srv/www/fw/more.suit
create_ota -q -p mps2-an386 --input bin new.bin srv/www/fw/bare.ota key.bin 2>bare.err
create_ota -q --input bin new.bin st.ota key.bin
create_ota -q -f suit -p spwf04s --wrap-st --sign signer.pem --sequence 5 st.ota srv/www/fw/st.suit
nginx_start "$PWD/srv" 'location /moved/ { return 301 http://127.0.0.1/p.bin; }' || exit 1
envelope absolute --sign signer.pem --encrypt-to device.pub --payload srv/www/elsewhere/abs.bin \
    --uri "http://localhost:$nginx_port/elsewhere/abs.bin"

board=(-p mps2-an386 --flash board.flash)
fota-sim init -p mps2-an386 --flash fresh.flash --image old.bin --input bin --key key.bin \
    --key-set one.keys --kek kek.bin --device-key device.pem --device-id device.id >init.log ||
    fail 'init' "$(cat init.log)"
new_board() { cp "${1:-fresh.flash}" board.flash && : >srv/access.log; }
fetch() { printf 'AT+S.FWUPDATE=e,127.0.0.1,/fw/%s,%s,0,,\r' "$1" "$nginx_port"; }
console() { fota-sim console "${board[@]}"; }
do_fetch() { run bash -c "printf '%s' '$(fetch "$1")' | fota-sim console ${board[*]} ${2:-}"; }
value() { sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",{]*\).*/\1/p" | head -n 1; }
boots() { fota-sim boot --json "${board[@]}" | value sha256; }
# The requests that nginx saw. It logs one when it is done with it, which may be after the device is.
requests() { # EXPECTED
    local want i got=
    want=$(tr -cd , <<<"$1" | wc -c)
    for ((i = 0; i < 100; i++)); do
        got=$(sed -n 's/.*"GET \([^ ]*\) HTTP[^"]*" \([0-9]*\) .*/\1 \2/p' srv/access.log | paste -sd, -)
        [ -n "$got" ] && [ "$(tr -cd , <<<"$got" | wc -c)" -ge "$want" ] && break
        sleep 0.02
    done
    echo "$got"
}

## what is taken
while read -r name requests; do
    new_board
    do_fetch "$name"
    check_equal "$name: accepted" 0 "$(grep -c 'AT-S.ERROR' <<<"$out")"
    check_equal "$name: requests" "$requests" "$(requests "$requests")"
    check_equal "$name: the new image runs" "$new" "$(boots)"
    check_match "$name: signed" '^origin    signed envelope, sequence 5$' "$(fota-sim status "${board[@]}")"
done <<'END'
plain.suit /fw/plain.suit 200
ecdh.suit /fw/ecdh.suit 200
kek.suit /fw/kek.suit 200
both.suit /fw/both.suit 200
relative.suit /fw/relative.suit 200,/fw/apart/p.bin 200
upward.suit /fw/upward.suit 200,/elsewhere/p.bin 200
absolute.suit /fw/absolute.suit 200,/elsewhere/abs.bin 200
END

board=(-p spwf04s --flash board.flash)
fota-sim init -f "${board[@]}" --image old.bin --input bin --key key.bin --key-set one.keys >init.log
do_fetch st.suit
check_equal 'packet in an envelope: accepted' 0 "$(grep -c 'AT-S.ERROR' <<<"$out")"
check_equal 'packet in an envelope: the new image runs' "$new" "$(boots)"
check_match 'packet in an envelope: signed' '^origin    signed envelope, sequence 5$' "$(fota-sim status "${board[@]}")"
board=(-p mps2-an386 --flash board.flash)

## what is refused: before the payload is asked for, and with a reason that stays
while read -r name number requests; do
    new_board
    do_fetch "$name"
    check_match "$name: reason" "^AT-S.Reason:$number:" "$out"
    check_match "$name: error" '^AT-S.ERROR:111:' "$out"
    check_equal "$name: requests" "$requests" "$(requests "$requests")"
    run bash -c "printf 'AT+S.STS=last_status\r' | fota-sim console ${board[*]}"
    check_match "$name: kept" "^AT-S.Var:last_status=$number" "$out"
    check_equal "$name: the old image runs" "$old" "$(boots)"
    fota-sim flash dump "${board[@]}" --region staging -o staging.dump --force
    check_equal "$name: staging is as it was" 0 "$(tr -d '\377' <staging.dump | wc -c)"
done <<'END'
stranger.suit 166 /fw/stranger.suit 200
recipient.suit 185 /fw/recipient.suit 200
vendor.suit 175 /fw/vendor.suit 200
class.suit 176 /fw/class.suit 200
manifest.suit 164 /fw/manifest.suit 200
cut.suit 10 /fw/cut.suit 200
more.suit 11 /fw/more.suit 200
https.suit 189 /fw/https.suit 200
missing.suit 61 /fw/missing.suit 200,/fw/gone.bin 404
moved.suit 62 /fw/moved.suit 200,/moved/p.bin 301
bare.ota 44 /fw/bare.ota 200
short.suit 45 /fw/short.suit 200,/fw/short.bin 200
END
new_board
do_fetch tampered.suit
requests /fw/tampered.suit >/dev/null
check_equal 'tampered payload: boots' "$old" "$(boots)"
check_match 'tampered payload: reason' '^last      image digest differs \(41,' "$(fota-sim status "${board[@]}")"

new_board
{ fetch newer.suit; printf 'AT+S.RESET\rAT+S.CONFIRM\r'; fetch older.suit; fetch plain.suit; } | console >console.out
check_equal 'older than what was confirmed: reasons' '83 83' "$(sed -n 's/^AT-S.Reason:\([0-9]*\):.*/\1/p' console.out | paste -sd' ')"
requests=/fw/newer.suit\ 200,/fw/older.suit\ 200,/fw/plain.suit\ 200
check_equal 'older than what was confirmed: requests' "$requests" "$(requests "$requests")"
check_equal 'older than what was confirmed: the newer one runs' "$newer" "$(boots)"

fota-sim init -p mps2-an386 --flash two.flash --image old.bin --input bin --key-set two.keys --kek kek.bin >init.log
new_board two.flash
do_fetch plain.suit
check_match 'one signature of two: reason' '^AT-S.Reason:168:too few valid signatures' "$out"
do_fetch both.suit
check_equal 'two signatures of two: the new image runs' "$new" "$(boots)"

fota-sim init -p mps2-an386 --flash none.flash --image old.bin --input bin >init.log
new_board none.flash
do_fetch plain.suit
check_match 'device without keys: reason' '^AT-S.Reason:85:' "$out"

## no image runs: the console is there, and another image can be fetched
cp fresh.flash damaged.flash
flip_bit damaged.flash $((64 * 1024 + 5000))
fota-sim init -p mps2-an386 --flash empty.flash --key-set one.keys >init.log
for flash in damaged empty; do
    new_board $flash.flash
    run bash -c "printf 'AT+S.STS=last_status\r' | fota-sim console ${board[*]}"
    check_equal "$flash: exit" 1 "$rc"
    check_match "$flash: recovery" '^console: recovery, no image runs$' "$out"
    check_match "$flash: answers" '^AT-S.Var:last_status=' "$out"
    do_fetch stranger.suit
    check_match "$flash: policy holds" '^AT-S.Reason:166' "$out"
    do_fetch plain.suit
    check_equal "$flash: recovered" "$new" "$(boots)"
done

## the power goes, and the payload goes on where it was
while read -r name requests; do
    new_board
    do_fetch "$name" '--power-cut 25'
    check_equal "$name: cut" 3 "$rc"
    check_match "$name: half a download" '^phase     receiving$' "$(fota-sim status "${board[@]}")"
    do_fetch "$name"
    check_equal "$name: the rest is fetched" "$requests" "$(requests "$requests")"
    check_equal "$name: the new image runs" "$new" "$(boots)"
done <<'END'
ecdh.suit /fw/ecdh.suit 200,/fw/ecdh.suit 206
relative.suit /fw/relative.suit 200,/fw/apart/p.bin 200,/fw/relative.suit 200,/fw/apart/p.bin 206
END

## the envelope changes between the two halves: nothing of the old payload is used
for name in ecdh relative; do
    new_board
    do_fetch $name.suit '--power-cut 25'
    requests "/fw/$name.suit" >/dev/null
    cp -p srv/www/fw/$name.suit kept.suit
    rm srv/www/fw/$name.suit
    if [ $name = relative ]; then
        image=newer.bin sequence=6 envelope relative --sign signer.pem --encrypt-to device.pub \
            --payload srv/www/fw/apart/q.bin --uri apart/q.bin
    else
        image=newer.bin sequence=6 envelope $name --sign signer.pem --encrypt-to device.pub
    fi
    : >srv/access.log
    do_fetch $name.suit
    check_equal "$name changed: nothing is put together" 0 "$(grep -c '" 206 ' srv/access.log)"
    check_equal "$name changed: the newer image runs" "$newer" "$(boots)"
done

## the keys are exchanged in the field, and the old ones count no more
sequence() { fota-sim status --json "${board[@]}" | value set_sequence; }
/usr/bin/python3 "$FK_ROOT/tests/support/keyset.py" srv/www/fw/next.keys 2 1 second.pem -- signer.pem
/usr/bin/python3 "$FK_ROOT/tests/support/keyset.py" srv/www/fw/stranger.keys 3 1 stranger.pem
new_board
do_fetch stranger.keys
check_match 'keys by a stranger: reason' '^AT-S.Reason:16[56]:' "$out"
check_equal 'keys by a stranger: the old ones stay' 1 "$(sequence)"
run bash -c "printf '%s' '$(fetch next.keys)' 'AT+S.STS=trusted_keys'$'\r' '$(fetch plain.suit)' | fota-sim console ${board[*]}"
check_match 'new keys: in use at once' '^AT-S.Var:trusted_keys=1' "$out"
check_match 'new keys: what the old one signed is refused' '^AT-S.Reason:166:' "$out"
check_equal 'new keys: kept' 2 "$(sequence)"
do_fetch kek.suit
check_equal 'new keys: what the new one signed runs' "$new" "$(boots)"
do_fetch next.keys
check_match 'new keys on trial: not now' '^AT-S.Reason:82:' "$out"
printf 'AT+S.CONFIRM\r' | console >console.out
do_fetch next.keys
check_match 'new keys again: reason' '^AT-S.Reason:83:' "$out"
/usr/bin/python3 "$FK_ROOT/tests/support/keyset.py" srv/www/fw/last.keys 3 1 signer.pem -- second.pem
do_fetch last.keys
check_match 'keys exchanged while a signed image runs' '^AT-S.OK' "$out"
check_equal 'keys exchanged while a signed image runs: kept' 3 "$(sequence)"
check_equal 'keys exchanged while a signed image runs: it still boots' "$new" "$(boots)"

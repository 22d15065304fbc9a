# SPDX-License-Identifier: Apache-2.0
# Updates over HTTPS on the emulated board: certificates and key go in through its console, nginx
# serves, and what is not to be trusted is refused with the documented number. The flash of the board
# and that of the simulator are the same.
source "$FK_ROOT/tests/board/board.sh"
source "$FK_ROOT/examples/release/nginx.sh"
source "$FK_ROOT/tests/support/pki.sh"
trap nginx_stop EXIT

## a PKI, an update, and one nginx with a port for each kind of server
pki_root plant ec:P-256 && pki_root stranger ec:P-256 && pki_root old rsa:2048 &&
    pki_root big rsa:4096 || fail 'PKI'
pki_leaf good ec:P-256 plant 10.0.2.2 server
pki_leaf near ec:P-256 plant 127.0.0.1 server
pki_leaf named ec:P-256 plant 10.0.2.9 server
pki_leaf alien ec:P-256 stranger 10.0.2.2 server
pki_leaf rsa rsa:2048 old 10.0.2.2 server
pki_leaf heavy rsa:4096 big 10.0.2.2 server
pki_leaf unit ec:P-256 plant dev-0001 client
pki_leaf bulky rsa:2048 big dev-0002 client
pki_leaf twin ec:P-256 plant dev-0001 client
for f in plant old stranger unit big bulky; do openssl x509 -in $f.pem -outform DER -out $f.der; done
for f in unit twin; do openssl ec -in $f.key -outform DER -out $f.key.der 2>/dev/null; done
openssl rsa -in bulky.key -traditional -outform DER -out bulky.key.der 2>/dev/null

new_device fresh.flash "$FK_BOARD/application-1.hex"
mkdir -p srv/www
envelope() { # NAME SEQUENCE
    create_ota -q -p mps2-an386 -f suit --sequence "$2" --sign signer.pem --encrypt-to device.pub \
        "$FK_BOARD/application-2.hex" "srv/www/$1" || fail "envelope $1"
}
envelope v2.suit 5
envelope v3.suit 6
kinds=(good mutual near nearby named alien rsa heavy)
declare -A port
servers=
for kind in "${kinds[@]}"; do
    port[$kind]=$(nginx_free_port)
    cert=$kind
    verify=
    case $kind in
    mutual) cert=good verify=plant ;;
    nearby) cert=near verify=plant ;;
    heavy) verify=big ;;
    esac
    servers+="} server { listen 127.0.0.1:${port[$kind]} ssl; root $PWD/srv/www;
        ssl_certificate $PWD/$cert.pem; ssl_certificate_key $PWD/$cert.key;
        access_log $PWD/srv/$kind.log; "
    [ -z "$verify" ] || servers+="ssl_client_certificate $PWD/$verify.pem; ssl_verify_client on; "
done
nginx_start "$PWD/srv" "$servers" || fail 'nginx starts'

now=$(date +%s)
start='expect:^application: idle'
at() { steps+=("send:$1\r" "expect:${2:-^AT-S.OK}"); }
at_time() { at "AT+S.TIME=${1:-$now}"; }
slot() { # SLOT FILE
    steps+=("send:AT+S.TLSCERT=$1,$(stat -c %s "$2")\r" "file:$2" 'expect:^AT-S.OK')
}
ca_file() { # FILE: under the name of its key identifier, beside others
    steps+=("send:AT+S.FSC=$(ski-name "$1"),$(stat -c %s "$1")\r" "file:$1" 'expect:^AT-S.OK')
}
update() { echo "AT+S.FWUPDATE=e,${host:-10.0.2.2},/${file:-v2.suit},${port[$1]:-$1},${mode:-1},,"; }
fetch() { at "$(update "$1")"; }
refused() { # PORT STATUS
    at "$(update "$1")" "^AT-S.Reason:$2:"
    steps+=('expect:^AT-S.ERROR:74:Failed to open socket')
}
talk() { # NAME FLASH [OPTION...]
    check_board "$1" "${@:3}" "$2" "${steps[@]}"
    steps=()
}
steps=()

## what the board says of its random numbers
check_equal 'the boot stage has no entropy in it' 0 "$(nm "$FK_BOARD_BOOT" | grep -ciE 'entropy|drbg')"
steps=('expect:^application: entropy: STAND-IN' "$start")
talk 'the board says that its entropy is a stand-in' fresh.flash

## whom it does not trust
cp fresh.flash a.flash
steps=("$start")
refused good 87
at_time
refused good 144
slot ca plant.der
ca_file old.der
at AT+S.FSL '^AT-S.OK'
at "$(update mutual)" '^AT-S.Reason:61:.*400' # nginx, without a certificate
refused named 145
refused alien 144
refused "$nginx_port" 152
at_time $((now + 86400 * 1200))
refused good 146
at_time $((now - 86400 * 30))
refused good 147
at_time
talk 'clock, root, name, dates: each is refused with its number' a.flash
check_equal 'nothing of this was staged' idle "$(phase a.flash)"
check_equal 'and nobody but the mutual server was asked' '' \
    "$(cat srv/{good,named,alien}.log srv/access.log | grep GET)"

## through: one-way, with an RSA server, then installed, on trial, confirmed
cp a.flash c.flash
steps=("$start")
at_time
fetch good
at AT+S.RESET '^application: TLS pool [0-9]+'
steps+=('expect:^boot: found staged, installed; trial' 'expect:^application: version 2' \
    'expect:^application: trial')
at AT+S.CONFIRM
at AT+S.RESET '^boot: found idle; idle'
steps+=("$start")
at_time
file=v3.suit fetch rsa
at AT+S.RESET '^boot: found staged, installed; trial'
talk 'one-way: fetched, installed, confirmed; then again from a server with RSA' c.flash
check_equal 'one request each' '1 1' "$(grep -c GET srv/good.log) $(grep -c GET srv/rsa.log)"
one_way=$out

## mutual
cp a.flash m.flash
steps=("$start")
slot cert unit.der
slot key twin.key.der
at_time
refused mutual 124
slot key unit.key.der
mode=2 fetch mutual
at AT+S.RESET '^boot: found staged, installed; trial'
talk 'mutual, with a key of another certificate before' m.flash
check_match 'nginx knows the unit' '" 200 ' "$(cat srv/mutual.log)"

mutual=$out

## the largest keys that the profile takes, on both sides
cp a.flash r.flash
steps=("$start")
at_time
slot ca big.der
slot cert bulky.der
slot key bulky.key.der
mode=2 fetch heavy
at AT+S.RESET '^boot: found staged, installed; trial'
talk 'mutual with RSA: 4096 bits of the server, 2048 of the unit' r.flash

## stack and pool
documented() { sed -n "s/^| $1 | \([0-9]*\) | [0-9]*:.*/\1/p" "$FK_ROOT/firmware/DESIGN.md"; }
said=$one_way$'\n'$mutual$'\n'$out # check_ok has an $out of its own
most() { sed -n "s/^application: $1 //p" <<<"$said" | tr -d '\r' | sort -n | tail -n 1; }
check_ok "$(most stack) bytes of stack, as documented" test "$(most stack)" -le "$(documented 'application')"
check_ok "$(most 'TLS pool') bytes of the pool, as documented" \
    test "$(most 'TLS pool')" -le "$(documented 'TLS pool')"

## the flash that the board was provisioned on, in the simulator
cp a.flash s.flash
{ printf 'AT+S.TIME=%s\r' "$now" && host=127.0.0.1 update near && printf '\r'; } | sim s.flash console >sim.log
check_equal 'the simulator trusts whom the board was told to trust' staged "$(phase s.flash)"
steps=("$start")
cp a.flash u.flash
slot cert unit.der
slot key unit.key.der
talk 'certificate and key go into the board' u.flash
{ printf 'AT+S.TIME=%s\r' "$now" && host=127.0.0.1 mode=2 update nearby && printf '\r'; } |
    sim u.flash console >sim.log
check_equal 'and the simulator shows them to a server that asks' staged "$(phase u.flash)"
steps=('expect:^boot: found staged, installed; trial' 'expect:^application: version 2')
talk 'and the board installs it' s.flash

## and the other way round
cp fresh.flash o.flash
{
    for x in ca:plant.der cert:unit.der key:unit.key.der; do
        printf 'AT+S.TLSCERT=%s,%d\r' "${x%:*}" "$(stat -c %s "${x#*:}")" && cat "${x#*:}"
    done
} | sim o.flash console >sim.log
steps=("$start")
at_time
mode=2 fetch mutual
at AT+S.RESET '^boot: found staged, installed; trial'
talk 'provisioned by the simulator, the board updates itself' o.flash

## an image of the store, written in the factory beside the firmware
cert-bundle -q -p mps2-an386 --ca plant.pem --cert unit.pem --key unit.key -o emitted --as store-image ||
    fail 'an image of the store'
sim p.flash --image "$FK_BOARD/application-1.hex" --key-set set.keys --device-key device.pem \
    --store "$(find emitted -name store.bin)" init >init.log || fail 'init' "$(cat init.log)"
steps=("$start")
at AT+S.TLSCERT=content,2 '^AT-S.OK'
at_time
mode=2 fetch mutual
at AT+S.RESET '^boot: found staged, installed; trial'
talk 'fota-sim init --store: the board trusts and shows who it is' p.flash

## a damaged store stops nothing
cp a.flash d.flash
store=$((20 * 1024)) # the head of the first record, see FORMAT.md
head=$(tail -c +$((store + 1)) d.flash | head -c 4096 | LC_ALL=C grep -obUaP 'FC\x01\x01' | head -n 1)
flip_bit d.flash $((store + ${head%%:*} + 8))
steps=('expect:^application: certificate store, status [0-9]+' "$start")
at AT
at AT+S.TLSCERT=content,2
slot ca plant.der
at_time
fetch good
talk 'a damaged store: told, wiped through the console, filled anew' d.flash

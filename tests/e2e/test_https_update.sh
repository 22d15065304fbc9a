# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Updates over HTTPS with mutual authentication: credentials go in through the console, nginx serves,
# and the download is interrupted in every way there is. Every refusal is tried as well.
. "$FK_ROOT/tests/support/check.sh"
. "$FK_ROOT/examples/release/nginx.sh"

cutter_pid=
cleanup() {
    [ -z "$cutter_pid" ] || kill "$cutter_pid" 2>/dev/null
    nginx_stop
}
trap cleanup EXIT

# ---- a PKI as the module wants it: key identifiers, DER, the host as common name ----
days=(-days 365)
root() { # name
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.pem" \
        -subj "/CN=$1" "${days[@]}" -addext keyUsage=critical,keyCertSign 2>>openssl.log &&
        openssl x509 -in "$1.pem" -outform DER -out "$1.der"
}
leaf() { # name, issuer, common name
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" \
        -subj "/CN=$3" 2>>openssl.log &&
        openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -out "$1.pem" "${days[@]}" \
            -extfile <(printf 'subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\nbasicConstraints=CA:FALSE\n') \
            2>>openssl.log &&
        openssl x509 -in "$1.pem" -outform DER -out "$1.der" &&
        openssl ec -in "$1.key" -outform DER -out "$1.key.der" 2>>openssl.log
}
root plant && root stranger && leaf server plant localhost && leaf device plant dev-0001 &&
    leaf other stranger dev-0001 || fail 'PKI' "$(tail -n 3 openssl.log)"

# ---- an update ----
openssl rand -out key.bin 16 && chmod 600 key.bin
head -c 40000 /dev/urandom >old.bin
head -c 60000 /dev/urandom >new.bin
check_ok 'packet' create_ota --input bin new.bin new.ota key.bin
check_ok 'device' fota-sim --flash d.flash init --image old.bin --input bin --key key.bin
cp d.flash fresh.flash

tls_port=$(nginx_free_port)
printf 'user:%s\n' "$(openssl passwd -apr1 pass)" >htpasswd
nginx_start "$PWD/srv" "listen 127.0.0.1:$tls_port ssl;
    ssl_certificate $PWD/server.pem; ssl_certificate_key $PWD/server.key;
    ssl_client_certificate $PWD/plant.pem; ssl_verify_client on;
    auth_basic plant; auth_basic_user_file $PWD/htpasswd;" || fail 'nginx starts'
cp new.ota srv/www/

# ---- the console ----
now=$(date +%s)
at_time() { printf 'AT+S.TIME=%s\r' "${1:-$now}"; }
slot() { # set, file
    printf 'AT+S.TLSCERT=%s,%d\r' "$1" "$(stat -c %s "$2")"
    cat "$2"
}
fetch() { printf 'AT+S.FWUPDATE=e,%s,/new.ota,%s,%s,user,pass\r' "${host:-localhost}" "$1" "${mode:-2}"; }
console() { # commands on standard input
    fota-sim --flash d.flash "$@" console >console.out 2>console.err
}
answer() { tr -d '\r' <console.out | grep -aE '^AT-S\.(OK|ERROR|Reason)' | tail -n "${1:-1}" | paste -sd'|' -; }
running() {
    printf 'AT+S.STS=image_sha256\r' | fota-sim --flash d.flash console 2>/dev/null | tr -d '\r' |
        sed -n 's/^AT-S.Var:image_sha256=//p'
}
provision() { slot ca plant.der; slot cert device.der; slot key device.key.der; }

{ at_time; fetch "$tls_port"; } | console
check_match 'without a root nobody is trusted' '^AT-S.Reason:144:.*\|AT-S.ERROR:74:' "$(answer 2)"

provision | console
check_equal 'credentials go in through the console' 'AT-S.OK|AT-S.OK|AT-S.OK' "$(answer 9)"
cp d.flash ready.flash

refused() { # name, status
    check_match "$1" "^AT-S.Reason:$2:.*\|AT-S.ERROR:74:Failed to open socket" "$(answer 2)"
}
fetch "$tls_port" | console
refused 'clock unset' 87
{ at_time $((now - 86400 * 400)); fetch "$tls_port"; } | console
refused 'not yet valid' 147
{ at_time $((now + 86400 * 400)); fetch "$tls_port"; } | console
refused 'expired' 146
{ at_time; host=127.0.0.1 fetch "$tls_port"; } | console
refused 'another name' 145
{ at_time; slot ca stranger.der; fetch "$tls_port"; } | console
refused 'another root' 144
cp ready.flash d.flash
{ slot key other.key.der; at_time; fetch "$tls_port"; } | console
refused 'key of another certificate' 124
cp ready.flash d.flash
{ slot cert other.der; slot key other.key.der; at_time; fetch "$tls_port"; } | console
check_match 'nginx refuses a certificate of another root' '^AT-S.(Reason:151:.*\|AT-S.ERROR:74|Reason:61:.*400)' \
    "$(answer 2)"
cp ready.flash d.flash
{ at_time; fetch "$nginx_port"; } | console
refused 'a server without TLS' 152
check_equal 'none of this has changed the image' "$(sha256sum <old.bin | cut -d' ' -f1)" "$(running)"
check_equal 'nginx has served nothing' 0 "$(grep -c '" 20[06] ' srv/access.log)"

# ---- through ----
: >srv/access.log
new=$(sha256sum <new.bin | cut -d' ' -f1)
{ at_time; fetch "$tls_port"; printf 'AT+S.RESET\r'; } | console
check_equal 'download over TLS' 'AT-S.OK' "$(answer)"
check_equal 'the new image runs' "$new" "$(running)"
check_equal 'nginx saw one whole request' 1 "$(grep -c '"GET /new.ota HTTP/1.1" 200' srv/access.log)"
cp d.flash updated.flash
{ at_time; fetch "$tls_port"; } | console
check_equal 'certificates are still there after the update' 'AT-S.OK' "$(answer)"
cp ready.flash d.flash
{ at_time; mode=1 fetch "$tls_port"; } | console
check_equal 'mode 1 is TLS, too' 'AT-S.OK' "$(answer)"

# ---- the connection is cut, again and again ----
: >srv/access.log
cp ready.flash d.flash
mkfifo hold
python3 "$FK_ROOT/tests/support/cutter.py" "$tls_port" 500 1500 9000 20000 9000 20000 30000 0 <hold >cutter.port &
cutter_pid=$!
exec 4>hold
until [ -s cutter.port ]; do kill -0 "$cutter_pid" || break; done
cut_port=$(cat cutter.port)
for n in 1 2 3 4 5 6 7 8; do
    { at_time; fetch "$cut_port"; } | console
    [ "$(answer)" = AT-S.OK ] && break
done
exec 4>&-
check_match 'seven cuts and then it is there' '^AT-S.OK after [678]$' "$(answer) after $n"
check_match 'it went on where it was' '^[1-9]' "$(grep -c '" 206 ' srv/access.log)"
printf 'AT+S.RESET\r' | console
check_equal 'the image is whole after the cuts' "$new" "$(running)"

# ---- the power is cut while the credentials go in, and while the download runs ----
whole=0 cuts=0 step=17
for ((n = 1; n < 400; n += step)); do
    cp fresh.flash d.flash
    { slot ca plant.der; slot cert device.der; slot key device.key.der; at_time; fetch "$tls_port"; printf 'AT+S.RESET\r'; } |
        console --power-cut "$n"
    grep -q 'power was cut' console.err && cuts=$((cuts + 1))
    { provision; at_time; fetch "$tls_port"; printf 'AT+S.RESET\r'; } | console
    [ "$(running)" = "$new" ] && whole=$((whole + 1)) || fail "power cut at $n" "$(answer 9)" "$(cat console.err)"
done
check_match 'the power was cut in many places' '^[1-9][0-9]' "$cuts"
check_equal 'power cuts: the update comes through after each' "$(((399 + step - 1) / step))" "$whole"

# ---- the server is killed in the middle ----
cp ready.flash d.flash
sed -i 's/auth_basic plant/limit_rate 20k; auth_basic plant/' srv/nginx.conf
nginx_stop
PATH=$PATH:/usr/sbin nginx -e "$PWD/srv/error.log" -p "$PWD/srv" -c "$PWD/srv/nginx.conf" &
nginx_pid=$!
for ((i = 0; i < 200; i++)); do nginx_answers && break; sleep 0.05; done
mkfifo talk
fota-sim --flash d.flash console <talk >console.out 2>console.err &
sim=$!
exec 5>talk
at_time >&5
fetch "$tls_port" >&5
# two sectors are written, then the server is gone
for ((i = 0; i < 400; i++)); do cmp -s -n 8192 -i 655360:655360 d.flash ready.flash || break; sleep 0.05; done
nginx_stop
exec 5>&-
wait "$sim"
check_match 'the server was killed' '^AT-S.Reason:6[58]:' "$(answer 2)"
: >srv/access.log
sed -i 's/limit_rate 20k; //' srv/nginx.conf
PATH=$PATH:/usr/sbin nginx -e "$PWD/srv/error.log" -p "$PWD/srv" -c "$PWD/srv/nginx.conf" &
nginx_pid=$!
for ((i = 0; i < 200; i++)); do nginx_answers && break; sleep 0.05; done
{ at_time; fetch "$tls_port"; printf 'AT+S.RESET\r'; } | console
check_equal 'and the next server goes on' 1 "$(grep -c '" 206 ' srv/access.log)"
check_equal 'to a whole image' "$new" "$(running)"

# ---- a signed update: its payload comes the same way, and never in the clear ----
openssl ecparam -name prime256v1 -genkey -noout -out signer.pem && chmod 600 signer.pem
openssl pkey -in signer.pem -pubout -out signer.pub
check_ok 'key set' create_ota -q -f keyset --sequence 1 --key signer.pub --sign signer.pem signer.keys
envelope() { # NAME URI
    create_ota -q -f suit --input bin --sequence 1 --sign signer.pem --payload "srv/www/$1.bin" --uri "$2" \
        new.bin "srv/www/$1.suit" || fail "envelope $1"
}
envelope beside beside.bin
envelope clear "http://localhost:$nginx_port/clear.bin"
fota-sim --flash d.flash init --force --image old.bin --input bin --key-set signer.keys >init.out
fetch_signed() { printf 'AT+S.FWUPDATE=e,localhost,/%s,%s,2,user,pass\r' "$1" "$tls_port"; }
provision | console
: >srv/access.log
{ at_time; fetch_signed clear.suit; } | console
check_match 'a payload in the clear is refused' '^AT-S.Reason:189:.*\|AT-S.ERROR:111:' "$(answer 2)"
{ at_time; fetch_signed beside.suit; printf 'AT+S.RESET\r'; } | console
check_equal 'envelope and payload over TLS' 'AT-S.OK' "$(answer)"
check_equal 'the signed image runs' "$new" "$(running)"
check_equal 'nginx was asked for the payload by TLS only' '/beside.bin' \
    "$(sed -n 's/.*"GET \(\S*\.bin\) .*/\1/p' srv/access.log | sort -u)"

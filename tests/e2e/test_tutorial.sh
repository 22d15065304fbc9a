# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The tutorial of the SPWF04S's application note on the simulated device: 4.1 to 4.4, TLS sockets
# against openssl s_server and s_client; 4.6, HTTPS against nginx. Every refusal has its code.
source "$FK_ROOT/tests/support/check.sh"
source "$FK_ROOT/tests/support/pki.sh"
source "$FK_ROOT/examples/release/nginx.sh"
trap nginx_stop EXIT

pki_root root ec:P-256 'Plant Root'
pki_root other-root ec:P-256 'Other Root'
pki_leaf server ec:P-256 root localhost server
pki_leaf device rsa:2048 root device-1 both
pki_leaf peer ec:P-256 root peer-1 client
pki_leaf other ec:P-256 other-root device-1 both
pki_leaf stranger ec:P-256 other-root localhost server

# a device whose issuer the server does not know: it shows the chain
pki_key line ec:P-256
openssl req -new -key line.key -subj '/CN=Line 1' -out line.csr 2>openssl.log
printf '%s\n' basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign subjectKeyIdentifier=hash \
    authorityKeyIdentifier=keyid >line.ext
openssl x509 -req -in line.csr -CA root.pem -CAkey root.key -CAcreateserial -days 900 -extfile line.ext \
    -out line.pem 2>>openssl.log || fail 'intermediate' "$(cat openssl.log)"
pki_leaf below ec:P-256 line device-1 client
cat below.pem line.pem >chain.pem

# a root that does not say its key identifier, and a server whose certificate names it all the same
pki_key plain-root ec:P-256
openssl req -x509 -new -key plain-root.key -subj '/CN=Plain Root' -days 3650 -out plain-root.pem \
    -addext subjectKeyIdentifier=none -addext basicConstraints=critical,CA:TRUE 2>>openssl.log
pki_key plain ec:P-256
openssl req -new -key plain.key -subj /CN=localhost -out plain.csr 2>>openssl.log
id=AB:00:0D:0A
printf 'subjectAltName=DNS:localhost\n2.5.29.35=DER:30:16:80:14:%s\n' "$id:$id:$id:$id:$id" >plain.ext
openssl x509 -req -in plain.csr -CA plain-root.pem -CAkey plain-root.key -CAcreateserial -days 900 \
    -extfile plain.ext -out plain.pem 2>>openssl.log || fail 'plain root' "$(cat openssl.log)"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>>openssl.log |
    openssl ec -outform DER -out device.key.der 2>>openssl.log

head -c 4000 /dev/zero | tr '\0' A >old.bin
printf '\377' | dd of=old.bin conv=notrunc status=none # not text
fota-sim init --image old.bin --input bin >init.log
python3 -B "$FK_ROOT/tests/support/at_tutorial.py" || fail 'tutorial 4.1 to 4.4'

# ---- 4.6: HTTPS from nginx, with the certificate and with user and password ----
tls_port=$(nginx_free_port)
printf 'user:%s\n' "$(openssl passwd -apr1 pass)" >htpasswd
nginx_start "$PWD/srv" "listen 127.0.0.1:$tls_port ssl;
    ssl_certificate $PWD/server.pem; ssl_certificate_key $PWD/server.key;
    ssl_client_certificate $PWD/root.pem; ssl_verify_client on;
    location /locked/ { auth_basic plant; auth_basic_user_file $PWD/htpasswd; }
    location /moved { return 302 https://localhost:$tls_port/page; }
    location /again { return 200 \$ssl_session_reused; }
    location /who { return 200 \$ssl_client_s_dn; }" || fail 'nginx starts'
mkdir srv/www/locked
printf 'a page\n' | tee srv/www/page >srv/www/locked/page

slot() { # slot, file
    printf 'AT+S.TLSCERT=%s,%d\r' "$1" "$(stat -c %s "$2")"
    cat "$2"
}
get() { # path and what follows the port
    printf 'AT+S.HTTPGET=%s,%s,%s,%s\r' "${host:-localhost}" "$1" "$tls_port" "${2:-2}"
}
at_time() { printf 'AT+S.TIME=%s\r' $(($(date +%s) + ${1:-0})); }
# said LINES: the last lines of what the console answers to standard input
said() { fota-sim console 2>console.err | tr -d '\r' | grep -av '^$' | tail -n "$1" | paste -sd'|' -; }
# refused NAME STATUS
refused() { check_match "4.6 $1" "^AT-S.Reason:$2:.*\|AT-S.ERROR:74:Failed to open socket$" "$(said 2)"; }

{ slot ca root.pem; slot cert device.pem; slot key device.key; } | fota-sim console >console.out
page='AT-S.Http Server Status Code:200|a page|AT-S.OK'
check_equal '4.6 HTTPGET' "$page" "$({ at_time; get /page; } | said 3)"
check_equal '4.6 TLS 1, the module chooses, is TLS, too' "$page" "$({ at_time; get /page 1; } | said 3)"
check_match '4.6 nginx sees the device' 'Code:200\|CN=device-1\|AT-S.OK' "$({ at_time; get /who; } | said 3)"
check_equal '4.6 the second connection resumes the session' '.|r' \
    "$({ at_time; get /again; get /again; } | fota-sim console 2>console.err | tr -d '\r' | grep -ax '[.r]' | paste -sd'|' -)"
check_equal '4.6 user and password' "$page" "$({ at_time; get /locked/page 2,user,pass; } | said 3)"
check_equal '4.6 wrong password' 'AT-S.Http Server Status Code:401|AT-S.OK' \
    "$({ at_time; get /locked/page 2,user,guess; } | said 2)"
check_equal '4.6 a redirection is not followed' 'AT-S.Http Server Status Code:302|AT-S.OK' \
    "$({ at_time; get /moved; } | said 2)"
check_equal '4.6 plain HTTP to a TLS server' 'AT-S.Http Server Status Code:400|AT-S.OK' "$(get /page 0 | said 2)"
get /page | refused 'clock unset' 87
{ at_time 86400000; get /page; } | refused expired 146
{ at_time -172800; get /page; } | refused 'not yet valid' 147
{ at_time; host=127.0.0.1 get /page; } | refused 'wrong name' 145
cp spwf04s.flash ready.flash
{ slot ca other-root.pem; at_time; get /page; } | refused 'wrong root' 144
cp ready.flash spwf04s.flash
{ slot key other.key; at_time; get /page; } | refused 'key of another certificate' 124
printf 'AT+S.TLSCERT=content,2\r' | fota-sim console >console.out
check_equal '4.6 certificate required and absent: nginx says so' 'AT-S.Http Server Status Code:400|AT-S.OK' \
    "$({ slot ca root.pem; at_time; get /page; } | said 2)"

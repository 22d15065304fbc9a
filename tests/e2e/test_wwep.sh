# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The example examples/wwep-secure: its client and its server on two devices, with credentials from
# their stores; OpenSSL as the other end of the server; and every refusal.
. "$FK_ROOT/tests/support/check.sh"
. "$FK_ROOT/tests/support/pki.sh"
. "$FK_ROOT/examples/release/nginx.sh" # nginx_free_port
PATH=$FK_BUILD/examples:$PATH

server_pid='' liar_pid=''
cleanup() {
    [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null
    [ -z "$liar_pid" ] || kill "$liar_pid" 2>/dev/null
}
trap cleanup EXIT

# ---- two devices: credentials go in through the console ----
pki_root plant ec:P-256 && pki_root stranger ec:P-256 && pki_leaf server ec:P-256 plant localhost server &&
    pki_leaf device ec:P-256 plant dev-0001 client && pki_leaf alien ec:P-256 stranger dev-0001 client || fail 'PKI'
for name in plant stranger server device alien; do openssl x509 -in $name.pem -outform DER -out $name.der; done
for name in server device alien; do openssl pkey -in $name.key -outform DER -out $name.key.der; done
slot() { # set, file
    printf 'AT+S.TLSCERT=%s,%d\r' "$1" "$(stat -c %s "$2")"
    cat "$2"
}
head -c 4096 /dev/urandom >app.bin
check_ok 'device' fota-sim --flash new.flash init --image app.bin --input bin
provision() { # flash, root, [own]
    cp new.flash "$1"
    {
        slot ca "$2.der"
        [ $# -lt 3 ] || { slot cert "$3.der" && slot key "$3.key.der"; }
    } | fota-sim --flash "$1" console >console.out
    check_match "$1 has its credentials" '^AT-S.OK' "$(tail -n 1 console.out)"
}
provision server.flash plant server
provision client.flash plant device
provision bare.flash plant
provision wrong.flash stranger
provision alien.flash plant alien

serve() { # options...
    secure=$(nginx_free_port) plain=$(nginx_free_port)
    : >server.log
    wwep-server --flash server.flash --port "$secure" --plain-port "$plain" "$@" >server.log 2>&1 &
    server_pid=$!
    until grep -q '^listening' server.log; do
        kill -0 $server_pid 2>/dev/null || { fail 'server starts' "$(cat server.log)"; exit; }
    done
}
stop() {
    kill "$server_pid"
    wait "$server_pid" 2>/dev/null
    server_pid=
}
ask() { # flash, device, register...
    local flash=$1
    shift
    wwep-client --flash "$flash" --port "$secure" localhost "$@"
}

# ---- TLS, and the open port beside it ----
serve --plain
check_ok 'write over TLS' ask bare.flash -v fac b CAFE
check_equal 'what was written' '0FAC 0B CAFE' "$out"
check_match 'it was TLS' 'wwep-client: TLSv1\.[23], TLS' "$err"
check_ok 'read over TLS' ask client.flash 0FAC 0b
check_equal 'what is read' '0FAC 0B CAFE' "$out"
check_refused 'a register nobody wrote' 1 'server refuses: Not Found' \
    ask bare.flash 0FAC 0C
check_ok 'the open port' wwep-client --plain --port "$plain" localhost 0FAC 0B
check_equal 'has the same registers' '0FAC 0B CAFE' "$out"

openssl_ask() { # question
    printf '%s' "$1" | openssl s_client -quiet -connect "localhost:$secure" -CAfile plant.pem -verify_return_error \
        -verify_hostname localhost 2>/dev/null
}
check_equal 'OpenSSL writes' A0FAC0B0102 "$(openssl_ask W0fac0b0102)"
check_equal 'OpenSSL reads' A0FAC0B0102 "$(openssl_ask R0FAC0B)"
check_equal 'a letter for a zero' 'X illegal character' "$(openssl_ask R0FACOB)"
check_equal 'HTTP' 'X illegal command' "$(openssl_ask 'GET / HTTP/1.1')"

# ---- refusals ----
year=$((86400 * 365)) now=$(date +%s)
check_refused 'another root' 1 'no trusted root' ask wrong.flash 0FAC 0B
check_refused 'another name' 1 'another name' wwep-client --flash bare.flash --port "$secure" --name elsewhere localhost 0FAC 0B
check_refused 'expired' 1 'expired' wwep-client --flash bare.flash --time $((now + 3 * year)) --port "$secure" localhost 0FAC 0B
check_refused 'not yet valid' 1 'not valid yet' wwep-client --flash bare.flash --time $((now - year)) --port "$secure" localhost 0FAC 0B
check_refused 'TLS to the open port' 1 'breaks the TLS protocol' wwep-client --flash bare.flash --port "$plain" localhost 0FAC 0B
check_match 'no TLS to the secure port' '^[13]$' \
    "$(wwep-client --plain --port "$secure" localhost 0FAC 0B >/dev/null 2>&1; echo $?)"
check_refused 'neither TLS nor the open port' 2 'expected --flash or --plain' wwep-client localhost 0FAC 0B
check_refused 'a register with a letter' 2 'REGISTER: expected' wwep-client --plain localhost 0FAC OB
check_refused 'a port' 2 '^wwep-client: --port: expected a number from 1 to 65535' wwep-client --plain --port 65536 localhost 0FAC 0B
check_refused 'no flash' 3 "nothing.flash" wwep-client --flash nothing.flash localhost 0FAC 0B
check_ok 'the server has survived all of it' ask bare.flash 0FAC 0B
check_match 'and says what it saw' ' tls peer breaks the TLS protocol' "$(cat server.log)"
stop

# ---- mutual ----
serve --mutual
check_ok 'a client with a certificate' ask client.flash 0FAC 0B 1
check_match 'a client without one is refused' '^[13]$' "$(ask bare.flash 0FAC 0B 2 >/dev/null 2>&1; echo $?)"
check_match 'a client with a certificate of another root is refused' '^[13]$' \
    "$(ask alien.flash 0FAC 0B 3 >/dev/null 2>&1; echo $?)"
check_ok 'neither has written anything' ask client.flash 0FAC 0B
check_equal 'as the register shows' '0FAC 0B 0001' "$out"
check_match 'the server says why' 'tls peer shows no certificate' "$(cat server.log)"
check_match 'of both' 'tls .*no trusted root' "$(cat server.log)"
check_refused 'its port is taken' 3 "^wwep-server: port $secure is in use by another program" \
    wwep-server --flash client.flash --port "$secure"
check_refused 'its flash is taken' 1 "^wwep-server: flash file 'server.flash' is in use by another program" \
    wwep-server --flash server.flash
check_refused 'the flash of another device' 1 "'client.flash' is not a flash of mps2-an386" \
    wwep-server -p mps2-an386 --flash client.flash
check_match 'the ports of the note are the default' '40508' "$(wwep-server --help)"
check_match 'the ports of the note are the default: plain' '27708' "$(wwep-client --help)"
check_equal 'the open port is closed' 3 "$(wwep-client --plain --port "$plain" localhost 0FAC 0B >/dev/null 2>&1; echo $?)"
stop

# ---- a server that lies ----
lie() { # name, exit code, text, answer
    : >liar.port
    python3 -c 'import socket, sys
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
c = s.accept()[0]
c.recv(64)
c.sendall(sys.argv[1].encode())' "$4" >liar.port &
    liar_pid=$!
    until [ -s liar.port ]; do kill -0 $liar_pid || return; done
    check_refused "$1" "$2" "$3" wwep-client --plain --port "$(cat liar.port)" 127.0.0.1 0FAC 0B 1
    wait $liar_pid
    liar_pid=
}
lie 'another register' 1 'another question' A0FAC0C0001
lie 'another value' 1 'another question' A0FAC0B0002
lie 'half an answer' 1 'ends inside a field' A0FAC0
lie 'too long an answer' 1 'limit is exceeded' "X$(printf '%099d' 0)"
lie 'a terminal sequence' 1 'malformed' "$(printf 'X\033[2J')"

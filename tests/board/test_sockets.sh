# SPDX-License-Identifier: Apache-2.0
# The console's sockets on the emulated board: TCP, UDP, TLS, a server, and the time server.
source "$FK_ROOT/tests/board/board.sh"
source "$FK_ROOT/examples/release/nginx.sh"
source "$FK_ROOT/tests/support/pki.sh"
pki_root plant ec:P-256 && pki_leaf good ec:P-256 plant 10.0.2.2 server || fail 'PKI'
openssl x509 -in plant.pem -outform DER -out plant.der
new_device a.flash "$FK_BOARD/application-1.hex"

now=$(date +%s)
coproc peers { exec /usr/bin/python3 "$FK_ROOT/tests/board/peers.py" "$now"; }
read -r tcp udp ntp <&"${peers[0]}"
mkdir -p srv/www && echo 'over TLS' >srv/www/page
tls=$(nginx_free_port)
trap 'nginx_stop; kill "$peers_PID" 2>/dev/null' EXIT
nginx_start "$PWD/srv" "listen 127.0.0.1:$tls ssl; ssl_certificate $PWD/good.pem;
    ssl_certificate_key $PWD/good.key;" || fail 'nginx starts'
start='expect:^application: idle'
ok='expect:^AT-S.OK'
gone='expect:^\+WIND:58:Socket Closed:0'

echo_steps() { # PORT KIND
    steps=("send:AT+S.SOCKON=10.0.2.2,$1,,$2\r" 'expect:^AT-S.On:.*:0' "$ok"
        'send:AT+S.SOCKW=0,5\r' 'send:hello' "$ok" 'expect:^\+WIND:55:Pending Data::0:5:5'
        'send:AT+S.SOCKR=0,5\r' 'expect:^AT-S.Reading:5:5' 'expect:hello' 'expect:AT-S.OK'
        "send:AT+S.SOCKL\r" "expect:10\.0\.2\.2:$1" "$ok" 'send:AT+S.SOCKC=0\r' "$ok")
}
echo_steps "$tcp" t
check_board 'TCP: there and back' a.flash "$start" "${steps[@]}" "${steps[@]}"
echo_steps "$udp" u
check_board 'UDP: there and back' a.flash "$start" "${steps[@]}"
check_board 'nobody listens' a.flash "$start" 'send:AT+S.SOCKON=10.0.2.2,1,,t\r' 'expect:^AT-S.ERROR:74'

## the clock from the network, and a socket with TLS that needs it
request='GET /page HTTP/1.0\r'
secure="send:AT+S.SOCKON=10.0.2.2,$tls,,s\r"
check_board 'time server, then TLS' a.flash "$start" "$secure" 'expect:^AT-S.Reason:87' \
    'expect:^AT-S.ERROR:74' \
    "send:AT+S.SCFG=time_server,10.0.2.2:$ntp\r" "$ok" 'send:AT+S.NTP\r' "$ok" \
    "$secure" 'expect:^AT-S.Reason:144' 'expect:^AT-S.ERROR:74' \
    "send:AT+S.TLSCERT=ca,$(stat -c %s plant.der)\r" 'file:plant.der' "$ok" \
    "$secure" 'expect:^AT-S.On:.*:0' "$ok" \
    'send:AT+S.SOCKW=0,22\r' "send:$request\n\r\n" "$ok" \
    'expect:^\+WIND:55:Pending Data::0:' "$gone" 'send:AT+S.SOCKR=0\r' 'expect:^over TLS' 'expect:^AT-S.OK' \
    'send:AT+S.SOCKC=0\r' "$ok"
check_match 'the clock shows what the server said' '"GET /page HTTP/1.0" 200' "$(cat srv/access.log)"

## a server of the board's
out_port=$(nginx_free_port)
check_board 'a client of the board: accepted, heard, answered, gone' --forward "$out_port:700" a.flash \
    "$start" 'send:AT+S.SOCKDON=700,t\r' 'expect:^AT-S.On' "$ok" \
    "run:timeout 10 bash -c 'exec 3<>/dev/tcp/127.0.0.1/$out_port; echo ping >&3; head -c 4 <&3 >pong'" \
    'expect:^\+WIND:61:Incoming Socket Client:10\.0\.2\.2:[0-9]+:0:0' \
    'expect:^\+WIND:55:Pending Data:0:0:5:5' 'send:AT+S.SOCKDR=0,0\r' 'expect:ping' 'expect:AT-S.OK' \
    'send:AT+S.SOCKDW=0,0,4\r' 'send:pong' "$ok" 'expect:^\+WIND:62:Socket Client Gone' \
    'send:AT+S.SOCKDC=0\r' "$ok" 'send:AT+S.SOCKDON=700,t\r' 'expect:^AT-S.On' "$ok" \
    'send:AT+S.SOCKDON=701,t\r' 'expect:^AT-S.ERROR'
check_equal 'and the client got the answer' pong "$(cat pong)"
check_board 'servers of UDP are not in this build' a.flash "$start" 'send:AT+S.SOCKDON=700,u\r' 'expect:^AT-S.ERROR'

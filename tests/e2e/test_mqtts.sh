# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# examples/mqtts against mosquitto: credentials go in through the console, a subscriber gets what the
# device publishes, and whoever should not be trusted is not.
source "$FK_ROOT/tests/support/check.sh"
source "$FK_ROOT/tests/support/pki.sh"
source "$FK_ROOT/examples/release/nginx.sh" # for a free port
umask 077
PATH=$PATH:/usr/sbin

broker_pid='' reader_pid='' lines_pid=''
stop() {
    [ -z "$lines_pid" ] || kill "$lines_pid" 2>/dev/null
    [ -z "$reader_pid" ] || kill "$reader_pid" 2>/dev/null
    [ -z "$broker_pid" ] || kill "$broker_pid" 2>/dev/null
    wait
    broker_pid='' reader_pid='' lines_pid=''
}
trap stop EXIT

# ---- a PKI: one root for brokers, one for devices ----
pki_root brokers ec:P-256
pki_root plant ec:P-256
pki_root stranger ec:P-256
pki_leaf broker ec:P-256 brokers localhost server
pki_leaf board ec:P-256 plant board-0001 client
pki_leaf reader ec:P-256 plant reader client
pki_leaf other ec:P-256 stranger board-0001 client
head -c 20000 /dev/urandom >image.bin

# board NAME ROOT LEAF: NAME.flash, a board with these credentials in its store
board() {
    fota-sim init -p mps2-an386 --flash new.flash -f --image image.bin --input bin >/dev/null 2>&1 || : # no keys
    cp new.flash "$1.flash"
    cert-bundle -q -p spwf04s --ca "$2.pem" --cert "$3.pem" --key "$3.key" --as at-script -o "$1" 2>/dev/null &&
        cert-bundle replay -q --exec "fota-sim console -p mps2-an386 --flash $1.flash" "$1/provision.at"
}
check_ok 'a board is provisioned' board good brokers board
check_ok 'one that trusts another root' board astray stranger board
check_ok 'one with a certificate of another root' board alien brokers other
cp new.flash bare.flash
printf 'AT+S.TLSCERT=ca,%d\r' "$(stat -c %s brokers.pem)" | cat - brokers.pem |
    fota-sim console -p mps2-an386 --flash bare.flash >bare.out 2>&1
check_match 'one without a certificate' '^AT-S.OK' "$(tail -n 1 bare.out)"

# ---- mosquitto, on a port that is free ----
# The user is the common name; only the board may write.
printf '%s\n' 'user board-0001' 'topic write plant/board-0001/#' 'user reader' 'topic read plant/#' >acl
configure() { # port
    cat >mosquitto.conf <<END
listener $1 127.0.0.1
cafile $PWD/plant.pem
certfile $PWD/broker.pem
keyfile $PWD/broker.key
require_certificate true
use_identity_as_username true
allow_anonymous false
acl_file $PWD/acl
log_dest stderr
log_type all
user root
END
}
start_broker() {
    mosquitto -c mosquitto.conf 2>mosquitto.log 3>&- & # 3: of the lines, further down
    broker_pid=$!
    until grep -q 'mosquitto version .* running' mosquitto.log; do
        kill -0 $broker_pid 2>/dev/null || return 1
        sleep 0.05
    done
}
for _ in 1 2 3 4 5; do
    port=$(nginx_free_port)
    configure "$port"
    start_broker && break
done
publish() { # BOARD TOPIC OPTION...: standard input
    timeout 60 "$FK_BUILD/examples/mqtts-publish" -p mps2-an386 --flash "$1.flash" --host localhost --port "$port" --id "$1" --topic "$2" "${@:3}"
}

# ---- what is published arrives ----
mosquitto_sub -h localhost -p "$port" --cafile brokers.pem --cert reader.pem --key reader.key -d -i reader -q 1 \
    -t 'plant/#' -F '%t %l %x' -C 3 -W 20 >arrived 2>reader.log 3>&- &
reader_pid=$!
until grep -q 'Sending SUBACK to reader' mosquitto.log; do kill -0 $reader_pid 2>/dev/null || break; sleep 0.05; done
printf 'hello' >hello
head -c 30000 /dev/urandom >large
check_ok 'QoS 1' publish good plant/board-0001/state <hello
check_match 'QoS 1: by TLS' '^connected TLSv1\.[23], ' "$out"
check_match 'QoS 1: confirmed' '^confirmed 5 bytes to plant/board-0001/state$' "$out"
check_ok 'QoS 0, empty' publish good plant/board-0001/empty --qos 0 </dev/null
check_match 'QoS 0: sent' '^sent 0 bytes' "$out"
check_ok '30000 bytes' publish good plant/board-0001/large <large
wait "$reader_pid"
check_equal 'the subscriber has its three messages' 0 $?
reader_pid=''
arrived() { grep -a "^plant/board-0001/$1 " arrived | cut -d' ' -f2-; }
check_equal 'the first, byte for byte' "5 $(xxd -p hello)" "$(arrived state)"
check_equal 'the empty one' '0' "$(arrived empty | tr -d ' ')"
check_equal 'the large one, byte for byte' "30000 $(xxd -p -c 0 large | tr -d '\n')" "$(arrived large)"
check_match 'the broker knows the board by its certificate' "as good .*u'board-0001'" "$(cat mosquitto.log)"
check_equal 'the board says when it goes' 3 "$(grep -c 'Received DISCONNECT from good' mosquitto.log)"

# ---- a session that stays ----
# until_logged TEXT TIMES FILE: waits for it, for as long as the publisher lives
until_logged() {
    until [ "$(grep -c "$1" "$3")" -ge "$2" ]; do kill -0 "$lines_pid" 2>/dev/null || return 1; sleep 0.05; done
}
subscribe() { # messages
    mosquitto_sub -h localhost -p "$port" --cafile brokers.pem --cert reader.pem --key reader.key -i reader -q 1 \
        -t 'plant/board-0001/log' -C "$1" -W 30 >arrived 2>reader.log 3>&- &
    reader_pid=$!
    until grep -q 'Sending SUBACK to reader' mosquitto.log; do kill -0 $reader_pid 2>/dev/null || break; sleep 0.05; done
}
: >mosquitto.log
subscribe 2
mkfifo lines
publish good plant/board-0001/log --lines --keep-alive 1 --retries 20 <lines >lines.out 2>lines.err &
lines_pid=$!
exec 3>lines
echo first >&3
until_logged 'Received PINGREQ from good' 3 mosquitto.log
check_equal 'a quiet board asks for a sign of life' 0 $?
check_equal 'and gets it' 0 "$(until_logged 'Sending PINGRESP to good' 3 mosquitto.log; echo $?)"
printf 'second\n' >&3
wait "$reader_pid"
reader_pid=''
check_equal 'both lines arrive' 'first second' "$(paste -sd ' ' arrived)"
check_equal 'over one connection' 1 "$(grep -c 'New client connected .* as good ' mosquitto.log)"
check_equal 'the broker did not miss it' 0 "$(grep -c 'good has exceeded timeout' mosquitto.log)"

# The broker goes and comes back: what is said meanwhile is not lost.
kill "$broker_pid"
wait "$broker_pid" 2>/dev/null
until_logged 'connecting again' 1 lines.err
check_equal 'the board sees that it has gone' 0 $?
check_ok 'the broker comes back' start_broker
until_logged '^connected' 2 lines.out
check_equal 'the board connects again' 0 $?
subscribe 2
printf 'third\nlast' >&3
exec 3>&-
wait "$reader_pid"
reader_pid=''
wait "$lines_pid"
check_equal 'the input ends, and all was confirmed' 0 $?
lines_pid=''
check_equal 'the lines behind the break arrive, the last without a line feed' 'third last' "$(paste -sd ' ' arrived)"
check_match 'the board says when it goes' 'Received DISCONNECT from good' "$(cat mosquitto.log)"

# ---- who is not trusted ----
refused() { # NAME CODE TEXT COMMAND...
    check_refused "$1" "$2" "$3" "${@:4}" <hello
}
refused 'a broker below a root that is not in the store' 1 'not|trust|anchor' publish astray plant/x
# With TLS 1.2 the broker says no and closes while the board still sends: its word may be lost.
run publish alien plant/x <hello
check_match 'a board below another root' '^(1 .*TLS|3 .*network error)' "$rc $err"
run publish bare plant/x <hello
check_match 'a board without a certificate' '^(1 .*TLS|3 .*network error)' "$rc $err"
refused 'the time is not known' 1 'clock is not set' publish good plant/x --time 0
refused 'the broker has expired' 1 'expired' publish good plant/x --time $(($(date +%s) + 86400 * 1000))
refused 'a wildcard' 1 'publishing to .a/#.: malformed' publish good 'a/#'
refused 'QoS 2' 2 'from 0 to 1' publish good plant/x --qos 2
check_equal 'none of it was published' 0 "$(grep -c 'PUBLISH from .*plant/x' mosquitto.log)"
stop
refused 'no broker' 3 'cannot connect' publish good plant/x
refused 'no broker, and lines' 3 'cannot connect' publish good plant/x --lines

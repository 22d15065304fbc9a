# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A script is played to a small module, over a line that behaves and over lines that do not: what
# the module has in the end is compared byte for byte.
source "$FK_ROOT/tests/support/check.sh"
peer="python3 $FK_ROOT/tests/support/at_peer.py"

openssl req -x509 -newkey rsa:1024 -nodes -keyout key.pem -out ca.pem -subj /CN=root -days 3650 2>/dev/null
head -c 20 /dev/urandom >random.bin
printf '\000\r\n,\033AT-S.OK\000\r\nAT+S.T' >auth.bin # what a text tool would stumble over
step() { # title, command, file
    printf 'step %s\nsend %s,%d\ndata %d\n' "$1" "$2" "$(stat -c %s "$3")" "$(stat -c %s "$3")"
    xxd -p -c 32 "$3" | sed 's/^/  /'
}
{
    printf 'fotakit-at 1\nprofile spwf04s\nok AT-S.OK\nerror AT-S.ERROR:\nprobe AT\nline-end cr\n\n'
    printf 'step delete\nsend AT+S.TLSCERT=content,2\nstep clock\nsend AT+S.TIME=<unix-time>\n'
    step root AT+S.TLSCERT=ca ca.pem
    step key AT+S.TLSCERT=key key.pem
    step identifier AT+S.TLSCERT=auth auth.bin
    printf 'step forget\nsend AT+S.NONE\nmay-fail\nstep restart\nsend AT+S.RESET\nrestarts\n'
} >script.at
chmod 600 script.at

# play NAME EXIT PEER-OPTIONS -- REPLAY-OPTIONS: with what the module must have afterwards
play() {
    local name=$1 code=$2 options=()
    shift 2
    while [ "${1:---}" != -- ]; do options+=("$1"); shift; done
    shift
    rm -rf dev
    run cert-bundle replay --exec "$peer dev ${options[*]}" "$@" script.at
    check_equal "$name: exit code" "$code" "$rc"
    [ "$code" -ne 0 ] || check_equal "$name: every byte is there" 'same same same' "$(
        cmp -s ca.pem dev/tls.ca && printf 'same '
        cmp -s key.pem dev/tls.key && printf 'same '
        cmp -s auth.bin dev/tls.auth && printf same)"
}
quick=(--timeout 250)

play 'a module' 0 -- --time 1700000000
check_match 'progress names each step' '^\[3/7\] root  ok' "$err"
check_equal 'the time is the one that was asked for' 'AT+S.TIME=1700000000' "$(grep TIME dev/log)"
check_equal 'the module was restarted last' AT+S.RESET "$(grep -v '^AT$' dev/log | tail -n 1)"
play 'echo' 0 --echo -- -q
check_equal 'quiet is quiet' '' "$err"
play 'echo with LF behind CR' 0 --echo --lf -- -q
play 'noise and events' 0 --garbage --echo -- -q
play 'answers byte by byte' 0 --split -- -q
play 'paced' 0 -- -q --pace 20000
play 'left in the middle of data by somebody else' 0 --waiting 700 -- -q "${quick[@]}"

said=
# the 3rd byte of a probe, a command, its size, data, the last byte, twice
for lost in '3' '9' '70' '400' '1200' '2050' '100 --lose 2900'; do
    # shellcheck disable=SC2086 # two options
    play "byte $lost is lost" 0 --lose $lost -- -q "${quick[@]}"
    said+=$err # where a module is slow, one that is lost may be one of many probes
done
check_match 'a loss is said' 'warning: .*bringing the module back' "$said"
play 'a byte is lost with echo on' 0 --echo --lose 1300 -- -v "${quick[@]}"
check_equal 'no piece of the key is shown' 0 \
    "$(grep -cF -f <(sed -n '2,$p' key.pem | fold -w 20 | grep -E '.{20}') <<<"$err")"

play 'an error that is meant' 1 --error "32:'Argument exceeds allowed size'" -- "${quick[@]}"
check_match 'an error names step, answer and what to ask' \
    "step 3 of 7 \(root\): the module answered 'AT-S.ERROR:32:Argument exceeds allowed size' \(see cert-bundle explain -p spwf04s\)" "$err"
check_absent 'and no data was sent after it' dev/tls.ca
play 'an error once' 0 --error 7:once --refuse-once -- -q "${quick[@]}"
play 'an error, without another try' 1 --error 7:once --refuse-once -- --retries 0 "${quick[@]}"
play 'a silent module' 3 --silent -- --timeout 100
check_match 'a silent module: what to look at' "does not answer 'AT'; check power, wiring, baud rate" "$err"
play 'a module that hangs up' 3 --die 700 -- "${quick[@]}"
check_match 'a module that hangs up: where' 'step 3 of 7 \(root\): the line to the module ended' "$err"
run cert-bundle replay --exec 'exit 7' script.at
check_equal 'a command that ends at once' 3 "$rc"

# what the module must say
sed '/^send AT+S.TLSCERT=ca/a expect AT-S.SubjectKeyId:00' script.at >expect.at && chmod 600 expect.at
check_refused 'another root than the one that was sent' 1 "did not say 'AT-S.SubjectKeyId:00'" \
    cert-bundle replay -q --exec "$peer dev2" expect.at

# ---- a terminal, a connection -------------------------------------------------------------------
start_peer() { # options; sets where, which it prints when it is there, and peer_pid
    rm -rf dev
    exec {from_peer}< <(exec $peer dev "$@")
    peer_pid=$!
    read -r -t 30 -u "$from_peer" where
}
stop_peer() {
    kill "$peer_pid" 2>/dev/null
    wait "$peer_pid" 2>/dev/null
    exec {from_peer}<&-
}
start_peer --pty --echo
check_ok 'a serial port' cert-bundle replay -q --port "$where" --baud 9600 script.at
check_same_file 'a serial port: every byte' auth.bin dev/tls.auth
stop_peer
start_peer --tcp
check_ok 'a terminal server' cert-bundle replay -q --tcp "127.0.0.1:$where" script.at
check_same_file 'a terminal server: every byte' key.pem dev/tls.key
stop_peer
check_refused 'nobody there' 3 'cannot connect' cert-bundle replay --tcp "127.0.0.1:$where" script.at
check_refused 'no serial port' 3 "cannot open '/dev/none'" cert-bundle replay --port /dev/none script.at
check_refused 'a file is no port' 1 'is not a serial port' cert-bundle replay --port random.bin script.at

# ---- without a module -----------------------------------------------------------------------------
check_ok 'list' cert-bundle replay --list script.at
check_match 'list: steps with their sizes' '^  5  identifier  \(21 bytes\)' "$out"
check_ok 'stream' cert-bundle replay --stream raw --time 5 script.at
{
    printf 'AT+S.TLSCERT=content,2\rAT+S.TIME=5\rAT+S.TLSCERT=ca,%d\r' "$(stat -c %s ca.pem)"
    cat ca.pem
    printf 'AT+S.TLSCERT=key,%d\r' "$(stat -c %s key.pem)"
    cat key.pem
    printf 'AT+S.TLSCERT=auth,21\r'
    cat auth.bin
    printf 'AT+S.NONE\rAT+S.RESET\r'
} >expected
check_same_file 'stream: the very bytes' expected raw
check_equal 'stream: nobody else can read it' 600 "$(stat -c %a raw)"
check_refused 'stream: an existing file stays' 1 "'raw' exists" cert-bundle replay --stream raw --time 5 script.at
check_refused 'stream without time' 2 'needs --time' cert-bundle replay --stream x script.at
check_refused 'no target' 2 'expected one of --port' cert-bundle replay script.at
check_refused 'two targets' 2 'expected one of --port' cert-bundle replay --exec true --list script.at
check_refused 'a rate that no port has' 2 'baud rate 12345' cert-bundle replay --port /dev/null --baud 12345 script.at
check_refused 'no script' 1 "not a script: the first line must be 'fotakit-at 1'" cert-bundle replay --list ca.pem
chmod 644 script.at
check_match 'others can read a script' 'warning: .*chmod 600' "$(cert-bundle replay --list script.at 2>&1 >/dev/null)"

# SPDX-License-Identifier: Apache-2.0
# The simulated device downloads from real peers: nginx, and a server that misbehaves in every way.
source "$FK_ROOT/tests/support/check.sh"
source "$FK_ROOT/examples/release/nginx.sh"
hostile_pid=
stop_all() {
    nginx_stop
    if [ -n "$hostile_pid" ]; then kill "$hostile_pid" 2>/dev/null; fi
}
trap stop_all EXIT

head -c 16 /dev/urandom >key.bin
chmod 600 key.bin
head -c 8000 /dev/urandom >old.bin
head -c 20000 /dev/urandom >new.bin
old=$(sha256sum old.bin | cut -d' ' -f1) new=$(sha256sum new.bin | cut -d' ' -f1)
create_ota --input bin -q new.bin new.ota key.bin
create_ota --input bin -q new.bin plain.ota 2>/dev/null
fota-sim init --flash fresh.flash --image old.bin --input bin --key key.bin >init.log

say() { printf '%s\r' "$@"; }              # lines for the console
console() { say "$@" | fota-sim console --flash dev.flash; }
new_device() { cp fresh.flash dev.flash; }
# value KEY: the first one in a JSON document of ours
value() { sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",{]*\).*/\1/p" | head -n 1; }
# phase, number of the last verdict, digest of the image
last() {
    fota-sim status --json --flash dev.flash >status.json
    local number
    number=$(value number <status.json)
    echo "$(value phase <status.json) ${number:-0} $(value sha256 <status.json)"
}
# the digest of what boots after a reset
runs() { fota-sim boot --json --flash dev.flash | value sha256; }

# takes NAME COMMAND...: the update is fetched, and after a reset the new image runs
takes() {
    local name=$1
    shift
    run console "$@"
    check_equal "$name: accepted" 0 "$(grep -c 'AT-S.ERROR' <<<"$out")"
    check_equal "$name: staged" "staged 0 $old" "$(last)"
    check_equal "$name: installed" "$new" "$(runs)"
}

# refuses NAME NUMBER COMMAND...: with this reason, which stays readable; the old image runs
refuses() {
    local name=$1 number=$2
    shift 2
    run console "$@"
    check_match "$name: reason" "^AT-S.Reason:$number:" "$out"
    check_match "$name: error" '^AT-S.ERROR:(111|7):' "$out"
    check_equal "$name: recorded, and the old image is the one" "idle $number $old" "$(last)"
    check_equal "$name: the old image runs" "$old" "$(runs)"
}

## nginx
printf 'user:{PLAIN}pass\n' >users
mkdir -p srv/www/{private,gzip,once,never,chunked}
for d in . private gzip once never chunked; do cp new.ota plain.ota "srv/www/$d/"; done
# Last-Modified alone is a validator only when it is older than the answer (RFC 9110 8.8.2.2).
touch -d '1 hour ago' srv/www/new.ota
head -c 524349 /dev/zero >srv/www/big.ota # one byte above header and slot
: >srv/www/empty.ota
if ! nginx_start "$PWD/srv" "
    location /private/ { auth_basic firmware; auth_basic_user_file $PWD/users; }
    location /gzip/ { gzip on; gzip_min_length 1; gzip_types *; gzip_http_version 1.0; }
    location /moved/ { return 301 http://127.0.0.1/new.ota; }
    location /never/ { max_ranges 0; }
    location /chunked/ { ssi on; ssi_types *; }
    location /notag/ { alias $PWD/srv/www/; etag off; }
    location /broken/ { return 503; }"; then
    fail 'nginx starts' "$(cat srv/error.log)"
    exit 1
fi
fetch() { echo "AT+S.FWUPDATE=e,127.0.0.1,$1,$nginx_port,0,${2:-}"; }

new_device
takes 'nginx, encrypted' "$(fetch /new.ota)"
new_device
takes 'nginx, plain packet' "$(fetch /plain.ota)"
new_device
takes 'nginx by name' "AT+S.FWUPDATE=e,localhost,/new.ota,$nginx_port"
new_device
takes 'nginx that would compress' "$(fetch /gzip/new.ota)"
new_device
takes 'nginx in chunks' "$(fetch /chunked/new.ota)"
check_match 'nginx in chunks: it was' '^Transfer-Encoding: chunked' \
    "$(curl -sD - -o curl.out "http://127.0.0.1:$nginx_port/chunked/new.ota")"
new_device
takes 'nginx with user and password' "$(fetch /private/new.ota user,pass)"
new_device
refuses 'nginx with a wrong password' 61 "$(fetch /private/new.ota user,wrong)"
check_match 'nginx with a wrong password: 401' '^AT-S.Reason:61:.*\(401\)' "$out"
new_device
refuses 'nginx without a password' 61 "$(fetch /private/new.ota)"
new_device
refuses 'file that is not there' 61 "$(fetch /none.ota)"
check_match 'file that is not there: 404' '\(404\)' "$out"
new_device
refuses 'server that is busy' 61 "$(fetch /broken/new.ota)"
new_device
refuses 'redirect' 62 "$(fetch /moved/new.ota)"
new_device
refuses 'file above the slot' 63 "$(fetch /big.ota)"
check_equal 'file above the slot: nothing of it was fetched' 0 \
    "$(fota-sim flash dump --flash dev.flash --region staging -o big.dump; tr -d '\377' <big.dump | wc -c)"
new_device
refuses 'empty file' 10 "$(fetch /empty.ota)"
new_device
run console "AT+S.FWUPDATE=e,127.0.0.1,/new.ota,1"
check_match 'nobody listens' '^AT-S.Reason:66:cannot connect' "$out"
check_match 'nobody listens: error' '^AT-S.ERROR:74:Failed to open socket' "$out"
check_equal 'nobody listens: nothing recorded' "idle 0 $old" "$(last)"
run console $'AT+S.FWUPDATE=e,127.0.0.1,/a b,80'
check_match 'path with a space' '^AT-S.ERROR:7:' "$out"
check_equal 'nginx saw no such request' 0 "$(grep -c '/a b' srv/access.log)"

## interrupted by a power cut, and resumed from nginx
for place in '' never/ notag/; do
    new_device
    : >srv/access.log
    run bash -c "printf '%s\r' '$(fetch "/${place}new.ota")' |
        fota-sim console --flash dev.flash --power-cut 20"
    check_equal "cut at /$place: exit code" 3 "$rc"
    check_match "cut at /$place: message" 'the power was cut at flash operation 20, half-way' "$err"
    check_match "cut at /$place: half a download" '^receiving 0' "$(last)"
    takes "after the cut, /$place" "$(fetch "/${place}new.ota")"
    case $place in
    '') codes='200 206' ;;
    notag/) codes='200 206' ;; # by Last-Modified
    *) codes='200 200' ;;
    esac
    check_equal "after the cut, /$place: requests" "$codes" \
        "$(grep -o '" 20[06] ' srv/access.log | tr -dc '0-9\n' | paste -sd' ')"
done

## the file changes between the two halves
new_device
run bash -c "printf '%s\r' '$(fetch /once/new.ota)' | fota-sim console --flash dev.flash --power-cut 20"
head -c 16000 /dev/urandom >newer.bin
create_ota --input bin -q newer.bin newer.ota key.bin
mv newer.ota srv/www/once/new.ota
run console "$(fetch /once/new.ota)"
check_equal 'changed file: begins anew' "$(sha256sum newer.bin | cut -d' ' -f1)" "$(runs)"

## a server that misbehaves
coproc hostile { exec python3 "$FK_ROOT/tests/support/hostile_http.py" new.ota hostile.log; }
# shellcheck disable=SC2154 # set by coproc
hostile_pid=$hostile_PID
read -r hostile_port <&"${hostile[0]}"
evil() { echo "AT+S.FWUPDATE=e,127.0.0.1,$1,$hostile_port"; }

for path in /good /chunked /close /interim; do
    new_device
    takes "hostile$path" "$(evil $path)"
done
while read -r path number; do
    new_device
    refuses "hostile$path" "$number" "$(evil "$path")"
done <<'END'
/endless 63
/endless-chunks 63
/endless-head 70
/endless-line 70
/endless-interim 70
/huge 63
/too-big 63
/two-lengths 60
/length-and-chunks 60
/negative 60
/folded 60
/bare-lf 60
/nul 60
/gzip 71
/junk 60
/unasked-range 72
/redirect 62
/teapot 61
END
for path in /nothing /half-head; do
    new_device
    run console "$(evil $path)"
    check_match "hostile$path: reason" '^AT-S.Reason:65:' "$out"
    check_equal "hostile$path: nothing recorded" "idle 0 $old" "$(last)"
    check_equal "hostile$path: the old image runs" "$old" "$(runs)"
done
new_device
run console "$(evil /short-chunks)"
check_match 'hostile/short-chunks: reason' '^AT-S.Reason:65:' "$out"
check_equal 'hostile/short-chunks: the old image runs' "$old" "$(runs)"

new_device
run console "$(evil /endless-trailer)"
check_match 'hostile/endless-trailer: reason' '^AT-S.Reason:70:' "$out"
check_equal 'hostile/endless-trailer: the old image runs' "$old" "$(runs)"

# Half of what is left each time, as long as that makes a sector more.
new_device
for _ in 1 2 3 4; do run console "$(evil /short)"; done
check_equal 'hostile/short: still receiving' "receiving 0 $old" "$(last)"
check_equal 'hostile/short: each request goes on further' '- 8252 12348 12348' \
    "$(grep '^/short ' hostile.log | cut -d' ' -f2 | paste -sd' ')"

# The first answer is cut off; the second is not the rest of it.
while read -r path number; do
    new_device
    run console "$(evil "$path")"
    check_equal "hostile$path: half a download" "receiving 0 $old" "$(last)"
    refuses "hostile$path" "$number" "$(evil "$path")"
done <<'END'
/range-shifted 72
/range-partial 72
/range-changed 64
END
for path in /range-ignored /range-416; do
    new_device
    run console "$(evil $path)"
    check_equal "hostile$path: half a download" "receiving 0 $old" "$(last)"
    takes "hostile$path" "$(evil $path)"
done
check_equal 'hostile/range-416: asked for the whole file afterwards' '- 8252 -' \
    "$(grep '^/range-416 ' hostile.log | cut -d' ' -f2 | paste -sd' ')"

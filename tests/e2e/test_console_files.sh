# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Files of the simulated device's console that HTTP commands send and bring, against nginx: what it
# receives and what the device then has, byte for byte.
source "$FK_ROOT/tests/support/check.sh"
source "$FK_ROOT/tests/support/pki.sh"
source "$FK_ROOT/examples/release/nginx.sh"
trap nginx_stop EXIT

pki_root root ec:P-256 'Plant Root'
pki_leaf server ec:P-256 root localhost server
head -c 4000 /dev/zero | tr '\0' A >old.bin
printf '\377' | dd of=old.bin conv=notrunc status=none # not text
fota-sim init --image old.bin --input bin >init.log

# nginx keeps the body of a request to /task in a file, and hands the request on to one of its own
tls_port=$(nginx_free_port)
nginx_start "$PWD/srv" "listen 127.0.0.1:$tls_port ssl;
    ssl_certificate $PWD/server.pem; ssl_certificate_key $PWD/server.key;
    location = /task { client_body_in_file_only on; client_body_temp_path $PWD/bodies;
        proxy_set_header X-Length \$content_length; proxy_pass http://unix:$PWD/inner.sock:/done; }
    }
    server { listen unix:$PWD/inner.sock;
    location = /done { return 200 'length \$http_x_length'; }" || fail 'nginx starts'
head -c 2560 /dev/urandom >body.bin
printf '%s\r\n' '{"temperature":' '21}' >body.json
head -c 4096 /dev/urandom >srv/www/full.bin
head -c 4097 /dev/zero >srv/www/over.bin

file() { # name, file with its contents
    printf 'AT+S.FSC=%s,%d\r' "$1" "$(stat -c %s "$2")"
    cat "$2"
}
http() { printf 'AT+S.HTTP%s\r' "$1"; }
# said LINES: the last lines of what the console answers to standard input
said() { fota-sim console 2>console.err | tr -d '\r' | grep -av '^$' | tail -n "$1" | paste -sd'|' -; }
# last_body: the body that nginx has kept, which is removed
last_body() {
    find bodies -type f -exec cat {} + >received
    find bodies -type f -delete
}

check_equal 'POST of a file' 'AT-S.Http Server Status Code:200|length 2560|AT-S.OK' \
    "$({ file /b body.bin; http "POST=127.0.0.1,/task,$nginx_port,0,,,,b"; } | said 3)"
last_body
check_same_file 'POST of a file: nginx has every byte' body.bin received
check_equal 'POST of a file to a file' 'AT-S.Http Server Status Code:200|AT-S.OK|AT-S.Reading:9:9|length 22AT-S.OK' \
    "$({ file body.json body.json; http "POST=127.0.0.1,/task,$nginx_port,,,,answer.txt,body.json"
        printf 'AT+S.FSP=answer.txt\r'; } | said 4)"
last_body
check_same_file 'POST of a file to a file: nginx has every byte' body.json received
check_equal 'POST without a body' 'AT-S.Http Server Status Code:200|length 0|AT-S.OK' \
    "$(http "POST=127.0.0.1,/task,$nginx_port" | said 3)"
check_equal 'POST over TLS' 'AT-S.Http Server Status Code:200|length 22|AT-S.OK' \
    "$({ file /j body.json; printf 'AT+S.TIME=%s\r' "$(date +%s)"
        printf 'AT+S.TLSCERT=ca,%d\r' "$(stat -c %s root.pem)"; cat root.pem
        http "POST=localhost,/task,$tls_port,2,,,,j"; } | said 3)"
last_body
check_same_file 'POST over TLS: nginx has every byte' body.json received
check_equal 'POST of a file that is not there sends nothing' \
    'AT-S.Reason:201:no such file|AT-S.ERROR:51:Unable to open file' \
    "$(http "POST=127.0.0.1,/task,$nginx_port,,,,,none" | said 2)"

{ http "GET=127.0.0.1,/full.bin,$nginx_port,,,,page.bin,"; printf 'AT+S.FSP=page.bin,0,9999\r'; } |
    fota-sim console >got 2>console.err
python3 -B - got srv/www/full.bin <<'E2' && pass 'GET to a file: the device has every byte' || fail 'GET to a file'
import sys
got, want = (open(name, "rb").read() for name in sys.argv[1:])
sys.exit(not got.endswith(b"AT-S.Reading:4096:4096\r\n" + want + b"AT-S.OK\r\n"))
E2
check_equal 'GET of more than a file holds leaves none' \
    'AT-S.Http Server Status Code:200|AT-S.Reason:13:a limit is exceeded|AT-S.ERROR:79:Write failed|AT-S.OK' \
    "$({ http "GET=127.0.0.1,/over.bin,$nginx_port,,,,page.bin"; printf 'AT+S.FSL\r'; } | said 4)"
check_equal 'GET to the name of a key' \
    'AT-S.Reason:143:file name is not that of a certificate or key|AT-S.ERROR:51:Unable to open file' \
    "$(http "GET=127.0.0.1,/full.bin,$nginx_port,,,,tls.key" | said 2)"
check_equal 'a reset forgets files' 'AT-S.OK' \
    "$({ file gone.txt body.json; printf 'AT+S.RESET\rAT+S.FSL\r'; } | said 1)"

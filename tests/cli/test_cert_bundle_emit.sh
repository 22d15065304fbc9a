# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What cert-bundle writes for each device, read by what reads it on the way: the module's byte
# counts, Lua 5.1, a C compiler, and a reader of NodeMCU's flash page written from its source.
source "$FK_ROOT/tests/support/check.sh"
source "$FK_ROOT/tests/support/pki.sh"
peer="python3 $FK_ROOT/tests/support/at_peer.py"
umask 022

pki_root ca rsa:2048 'Test Root'
pki_leaf dev rsa:2048 ca dev-0001 client
pki_key ec ec:P-256
pki_leaf ec ec:P-256 ca dev-ec client
openssl x509 -in ca.pem -outform DER -out ca.der
openssl x509 -in dev.pem -outform DER -out dev.der
openssl rsa -in dev.key -traditional -outform DER -out dev.pkcs1.der 2>/dev/null
ski=$(openssl x509 -in ca.pem -noout -ext subjectKeyIdentifier | tail -1 | tr -d ' :')
all=(--ca ca.pem --cert dev.pem --key dev.key)
crlf() { sed 's/$/\r/' "$1"; }
pkcs1() { openssl rsa -in "$1" -traditional 2>/dev/null; }

## SPWF04S: a script
check_ok 'spwf04s: emit' cert-bundle -p spwf04s "${all[@]}" -o st
check_match 'every change is said' "changed  'dev.key': PKCS#8, PEM became PKCS#1, PEM, CRLF" "$out"
check_equal 'the script is secret, and so is its folder' '600 700' "$(stat -c %a st/provision.at) $(stat -c %a st)"
check_ok 'the script plays' cert-bundle replay -q --exec "$peer module" st/provision.at
check_same_file 'the module has the root' <(crlf ca.pem) module/tls.ca
check_same_file 'the module has the certificate' <(crlf dev.pem) module/tls.cert
check_same_file 'the module has the key' <(pkcs1 dev.key | sed 's/$/\r/') module/tls.key
check_same_file 'auth is the key identifier in binary' <(xxd -r -p <<<"$ski") module/tls.auth
check_equal 'deleted first, then the clock, then the slots in the order of the note, then a list' \
    'AT tls content 2 AT+S.TIME tls ca tls cert tls key tls auth tls content 1 ' \
    "$(sed 's/=.*//' module/log | cut -d' ' -f1-3 | sed -E 's/^(tls (ca|cert|key|auth)) .*/\1/' | uniq | tr '\n' ' ')"
cert-bundle -q -p spwf04s "${all[@]}" -o st2
check_same_file 'same inputs, same bytes' st/provision.at st2/provision.at

cert-bundle -q -p spwf04s --ca ca.pem --cert ec.pem --key ec.key -o stec
check_ok 'an EC key plays' cert-bundle replay -q --exec "$peer module-ec" stec/provision.at
check_equal 'an EC key has its parameters in front' '-----BEGIN EC PARAMETERS-----' \
    "$(head -n 1 module-ec/tls.key | tr -d '\r')"
check_ok 'openssl reads it' openssl ec -in module-ec/tls.key -noout

check_match 'what is not verified is said' 'facts about the TLS store of the SPWF04S are not verified' \
    "$(cert-bundle -p spwf04s "${all[@]}" -o st3 2>&1 >/dev/null)"

## SPWF04S: files
check_ok 'spwf04s: files' cert-bundle -q -p spwf04s --store files --as files "${all[@]}" -o files
check_equal 'names on the device' "$(ski-name ca.pem) tls.cert tls.key" "$(cd files && echo *)"
check_equal 'only the key is closed' '644 644 600' "$(cd files && stat -c %a ./* | tr '\n' ' ' | sed 's/ $//')"
check_ok 'as a script' cert-bundle -q -p spwf04s --store files --as at-script "${all[@]}" -o files-at
check_ok 'the script plays' cert-bundle replay -q --exec "$peer module-fs" files-at/provision.at
check_same_file 'as a file of the module' "files/$(ski-name ca.pem)" "module-fs/file.$(ski-name ca.pem)"
check_refused 'a store that is not there' 1 "has no store 'disk'; it has: command, files" \
    cert-bundle -p spwf04s --store disk "${all[@]}" -o x
check_refused 'an output that is not its' 1 "has no output 'wiced-dct'; it has files, at-script, c-array, store-image" \
    cert-bundle -p spwf04s --as wiced-dct "${all[@]}" -o x

## what is there stays
before=$(sha256sum st/*)
check_refused 'an existing file is refused' 1 "'st/provision.at' exists; use --force" \
    cert-bundle -p spwf04s --ca ca.pem -o st
check_refused 'and then no other is written' 1 "'st/provision.at' exists" \
    cert-bundle -p spwf04s --ca ca.pem --as files --as at-script -o st
check_equal 'nothing changed' "$before" "$(sha256sum st/*)"
check_ok 'with --force' cert-bundle -q -f -p spwf04s --ca ca.pem -o st
check_refused 'a key of another certificate' 1 "is not the one of the certificate" \
    cert-bundle -p spwf04s --ca ca.pem --cert dev.pem --key ec.key -o refused
check_absent 'leaves nothing behind' refused
check_equal 'nor a hidden folder' 0 "$(find . -name '.fotakit*' | wc -l)"
check_refused 'a folder in a folder that is not there' 3 'No such file' \
    cert-bundle -p spwf04s --ca ca.pem -o no/where
check_refused 'a file in place of the folder' 1 "is not a folder" cert-bundle -p spwf04s --ca ca.pem -o ca.der
check_refused 'nothing to write' 1 'not enough for anything' cert-bundle -p spwf04s -o x
check_refused 'no folder' 2 'missing option: --output' cert-bundle -p spwf04s --ca ca.pem
check_refused 'an unknown form' 2 '[-]-as takes files, at-script, c-array' cert-bundle -p spwf04s --as pdf --ca ca.pem -o x

## SPWF04S: WPA2-Enterprise
eap=(-p spwf04s --purpose wpa-enterprise --sequence)
export WIFI='pass word"%'
check_ok 'eap-peap' cert-bundle -q "${eap[@]}" eap-peap-mschapv2 --ca ca.pem --set ssid=Plant \
    --set identity=dev-1 --set anonymous=anon --secret password=env:WIFI -o peap
check_ok 'it plays' cert-bundle replay --exec "$peer wpa" peap/provision.at
check_equal 'the password is not shown' 0 "$(grep -c 'pass word' .stdout .stderr | awk -F: '{n += $2} END {print n}')"
check_equal 'the sequence of the note' "AT+S.WIFI=0
AT+S.SCFG=wifi_mode,1
AT+S.SCFG=wifi_priv_mode,3
AT+S.SCFG=wifi_eap_type,4
AT+S.SSIDTXT=Plant
AT+S.SCFG=wifi_eap_identity,dev-1
AT+S.SCFG=wifi_eap_anon_identity,anon
AT+S.SCFG=wifi_eap_passwd,pass word\"%
AT+S.WIFI=1
AT+S.WCFG
AT+S.RESET" "$(grep -A 99 -x 'AT+S.WIFI=0' wpa/log | grep -vxE 'AT|AT\+S.TIME=.*')"
check_match 'the clock is set again after the reset' 'AT\+S.TIME' "$(tail -n 1 wpa/log)"
check_same_file 'the root is there' <(crlf ca.pem) wpa/wpa.ca
peap=("${eap[@]}" eap-peap-mschapv2 --ca ca.pem --set ssid=Plant --set identity=u --set anonymous=a)
WIFI='a,b' check_refused 'a comma in a password' 1 "<password> holds ','" \
    cert-bundle "${peap[@]}" --secret password=env:WIFI -o x
WIFI=$'a\nAT+S.RESET' check_ok 'only the first line of a secret counts' \
    cert-bundle -q "${peap[@]}" --secret password=env:WIFI -o x-line
check_equal 'no command is smuggled in' 1 "$(grep -c '^send AT+S.RESET' x-line/provision.at)"
check_refused 'a control character in a name' 1 'control character' \
    cert-bundle "${peap[@]}" --set ssid=$'a\tb' --secret password=env:WIFI -o x
check_refused 'a value is missing' 2 'no value for <password> of .*--secret password=SOURCE' \
    cert-bundle "${peap[@]}" -o x
check_refused 'a value that nothing uses' 2 "no command of the output has a place for 'sid'" \
    cert-bundle "${peap[@]}" --set sid=1 --secret password=env:WIFI -o x
check_refused 'a password in argv' 2 "'password' is a secret: others could see it" \
    cert-bundle "${peap[@]}" --set password=hunter2 -o x
check_equal 'and it is not repeated' 0 "$(grep -c hunter2 .stderr)"
check_refused 'a sequence that is not there' 1 "has no sequence 'eap'; there is eap-tls, " \
    cert-bundle "${eap[@]}" eap --ca ca.pem -o x

## NodeMCU
check_ok 'nodemcu: pages' cert-bundle -p nodemcu "${all[@]}" -o mcu
check_match 'the report tells where each belongs' \
    'server-page.bin .* of 4096 bytes used, for the address of tls_server_cert_area ' "$out"
check_match 'the other one, too' 'client-page.bin .* for the address of tls_client_cert_area ' "$out"
cat >page.py <<'END'
import struct, sys
page = open(sys.argv[1], "rb").read()
assert len(page) == 4096
at, found = 0, []
while True:
    name, size = struct.unpack_from("<32sH", page, at)
    if size == 0xFFFF:
        break
    found.append((name.rstrip(b"\0").decode(), page[at + 34:at + 34 + size]))
    at += 34 + size
assert set(page[at:]) == {0xFF}
for (name, der), (wanted, path) in zip(found, [a.split("=") for a in sys.argv[2:]], strict=True):
    assert name == wanted and der == open(path, "rb").read(), (name, wanted)
END
check_ok 'the server page has the root' python3 page.py mcu/server-page.bin certificate=ca.der
check_ok 'the client page has certificate and key' python3 page.py mcu/client-page.bin \
    certificate=dev.der private_key=dev.pkcs1.der
check_equal 'only the page with the key is closed' '600 644' "$(cd mcu && stat -c %a ./* | tr '\n' ' ' | sed 's/ $//')"
check_ok 'a file for the build' cert-bundle -q -p nodemcu --store build --as files --ca ca.pem -o mcu-build
check_same_file 'under its name, as PEM' ca.pem mcu-build/server-ca.crt

check_ok 'lua strings' cert-bundle -q -p nodemcu --as lua-strings "${all[@]}" -o lua
check_ok 'Lua 5.1 compiles it' luac5.1 -p lua/tls-credentials.lua
cat >strings.lua <<'END'
local function dump(name) return function(...)
  for i, text in ipairs({...}) do
    local f = assert(io.open(name .. i, "wb")); f:write(text); f:close()
  end
end end
tls = { cert = { verify = dump("got.verify"), auth = dump("got.auth") } }
dofile("lua/tls-credentials.lua")
END
check_ok 'Lua 5.1 runs it' lua5.1 strings.lua
check_same_file 'verify gets the root' ca.pem got.verify1
check_same_file 'auth gets the certificate' dev.pem got.auth1
check_same_file 'auth gets the key' <(pkcs1 dev.key) got.auth2
check_absent 'verify gets one root: more are not taken' got.verify2

check_ok 'lua callback' cert-bundle -q -p nodemcu --use tls-callback --ca ca.pem --cert ec.pem --key ec.key -o luacb
check_ok 'Lua 5.1 compiles it' luac5.1 -p luacb/tls-credentials.lua
cat >callback.lua <<'END'
file = { getcontents = function(n) local f = assert(io.open("luacb/" .. n, "rb")); return f:read("*a") end }
local ca, own
tls = { cert = { verify = function(f) ca = f end, auth = function(f) own = f end } }
dofile("luacb/tls-credentials.lua")
local function save(n, text) local f = io.open(n, "wb"); f:write(text); f:close() end
save("cb.ca", ca(1)); save("cb.key", own(0)); save("cb.cert", own(1))
assert(not ca(2) and not own(2))
END
check_ok 'Lua 5.1 runs it' lua5.1 callback.lua
check_same_file 'k = 1 is the root' ca.pem cb.ca
check_same_file 'k = 0 is the key' <(openssl ec -in ec.key 2>/dev/null) cb.key
check_same_file 'k = 1 is the certificate' ec.pem cb.cert

## ZentriOS
check_ok 'zentrios: files' cert-bundle -q -p zentrios --as files "${all[@]}" -o zen
check_equal 'lines end in LF' 0 "$(grep -c $'\r' zen/*.pem | awk -F: '{n += $2} END {print n}')"
check_match 'commands have exact sizes' "^file_create key.pem $(stat -c %s zen/key.pem)\$" "$(cat zen/commands.txt)"
check_match 'and set the variables' '^set network.tls.ca_cert ca.pem$' "$(cat zen/commands.txt)"
check_equal 'and save at the end, then list' 'save ls ' "$(grep -v '^#' zen/commands.txt | tail -n 2 | tr '\n' ' ')"

# its HTTPS server
pki_leaf zsrv rsa:2048 ca device.plant server
https=(cert-bundle -p zentrios --use https-server --as files --cert zsrv.pem --key zsrv.key)
check_ok 'zentrios: https server' "${https[@]}" -q --serve /index.html --serve '/www/*' -o https
check_equal 'a path a line' '/index.html
/www/*' "$(cat https/http_whitelist.csv)"
check_equal 'its file, the credentials and the variables' "file_create cert.pem $(stat -c %s https/cert.pem)
set http.server.tls_cert cert.pem
file_create key.pem $(stat -c %s https/key.pem)
set http.server.tls_key key.pem
file_create http_whitelist.csv 19
save
ls" "$(grep -v '^#' https/commands.txt)"
check_refused 'the key would be served' 1 "'/k\*' would serve 'key.pem', a private key" "${https[@]}" --serve '/k*' -o x
check_refused 'everything would be served' 1 "would serve everything" "${https[@]}" --serve '/*' -o x
check_refused 'a * in the middle' 1 'only be the last character' "${https[@]}" --serve '/*/a' -o x
check_refused 'a path that is no path' 1 "begins with '/'" "${https[@]}" --serve 'index.html' -o x
check_refused 'a path that holds a comma' 1 'character 3 cannot stand in a whitelist' "${https[@]}" --serve '/a,b' -o x
check_refused 'a path that another covers' 1 'one covers the other' "${https[@]}" --serve '/a*' --serve /ab -o x
check_refused 'a path that climbs' 1 "without '..'" "${https[@]}" --serve '/www/../key.pem' -o x
check_refused 'a device that serves nothing' 1 'has no list of the files that it serves' \
    cert-bundle -p wiced --as files "${all[@]}" --serve /a -o x

## WICED
check_ok 'wiced: header' cert-bundle -q -p wiced "${all[@]}" -o wiced
cat >dct.c <<'END'
#include <stdio.h>
#include <string.h>
#include "wiced/generated_security_dct.h"
static const struct { char private_key[2048]; char certificate[4096]; } dct =
    {.private_key = PRIVATE_KEY_STRING, .certificate = CERTIFICATE_STRING};
int main(int argc, char **argv)
{
    const char *text = argc > 1 && argv[1][0] == 'k' ? dct.private_key : dct.certificate;
    return fwrite(text, 1, strlen(text), stdout) != strlen(text);
}
END
check_ok 'gcc -Wall -Werror takes it' gcc -std=gnu99 -Wall -Wextra -Werror -o dct dct.c
check_same_file 'strlen finds the key' <(pkcs1 dev.key | sed 's/$/\r/') <(./dct k)
check_same_file 'strlen finds certificate and root in one string' <(crlf dev.pem; crlf ca.pem) <(./dct c)
pki_leaf big rsa:4096 ca dev-big client
check_refused 'a key that the table would cut' 1 'the key|private key' \
    cert-bundle -p wiced --ca ca.pem --cert big.pem --key big.key -o x
check_ok 'resource files' cert-bundle -q -p wiced --as files "${all[@]}" -o wiced-files
check_equal 'end in one NUL' '0a 00' "$(tail -c 2 wiced-files/key.pem | xxd -p | sed 's/../& /;s/ $//')"

## NetControl
check_ok 'netcontrol: files' cert-bundle -q -p netcontrol "${all[@]}" -o net
check_match 'steps name the fields' "load ca.pem as 'CA certificate'" "$(cat net/steps.txt)"
check_match 'steps switch the check on' "^5. Switch .* off until then: setting 'verify server'" "$(cat net/steps.txt)"
check_match 'steps tell which name counts' '^6. .* exactly as the common name' "$(cat net/steps.txt)"
check_ok 'netcontrol: without a root' cert-bundle -q -p netcontrol --cert dev.pem --key dev.key -o bare
check_equal 'there is nothing to check against' 0 "$(grep -cE 'Switch|common name' bare/steps.txt)"
check_ok 'nodemcu: steps' cert-bundle -q -p nodemcu --as files --ca ca.pem -o mcu-files
check_match 'steps name the call' 'off until then: tls.cert.verify\(true\)' "$(cat mcu-files/steps.txt)"
check_match 'steps say to come back after an update' 'firmware update erases all of this' "$(cat net/steps.txt)"

## C arrays, for any device
check_ok 'arrays' cert-bundle -q -p netcontrol --as c-array "${all[@]}" -o c
cat >arrays.c <<'END'
#include <stdio.h>
#include "c/credentials.h"
int main(void)
{
    return fwrite(credential_key, 1, credential_key_len, stdout) != credential_key_len ||
           credential_key[credential_key_len] != 0;
}
END
check_ok 'gcc -Wall -Werror takes them' gcc -std=c11 -Wall -Wextra -Werror -Ic -o arrays arrays.c c/credentials.c
check_same_file 'the key is in them' <(pkcs1 dev.key) <(./arrays)
check_equal 'the source with the key is closed' 600 "$(stat -c %a c/credentials.c)"

## the device core's certificate store
check_ok 'store image' cert-bundle -q -p spwf04s --as store-image "${all[@]}" -o store
check_ok 'once more' cert-bundle -q -p spwf04s --as store-image "${all[@]}" -o store2
check_same_file 'same inputs, same bytes' store/store.bin store2/store.bin
check_equal 'it is closed' 600 "$(stat -c %a store/store.bin)"

## every place of every device has a form of its own
while read -r profile use store; do
    inputs=("${all[@]}")
    [ "$store" != build ] || inputs=(--ca ca.pem)
    check_ok "$profile, $use, $store" cert-bundle -q -p "$profile" --use "$use" --store "$store" \
        "${inputs[@]}" -o "each-$profile-$use-$store"
done <<END
netcontrol tls pages
nodemcu tls-flash page
nodemcu tls-flash build
nodemcu tls-callback callback
spwf04s tls command
spwf04s tls files
spwf04s wpa-enterprise command
wiced tls dct
wiced resources resources
zentrios tls files
END

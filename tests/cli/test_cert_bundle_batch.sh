# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Many devices from a table: what is made, what is kept, what fails and what that leaves behind.
source "$FK_ROOT/tests/support/check.sh"
source "$FK_ROOT/tests/support/pki.sh"
umask 022

pki_root ca ec:P-256 'Fleet Root'
mkdir fleet
for i in 1 2 3 4 5 6; do
    (cd fleet && cp ../ca.* . && pki_leaf "d$i" ec:P-256 ca "dev-000$i" client)
done
export PW=secret
openssl pkcs12 -export -inkey fleet/d5.key -in fleet/d5.pem -out fleet/d5.p12 -passout env:PW
{
    echo 'id,cert,key,p12,passin'
    for i in 1 2 3 4; do echo "dev-$i,d$i.pem,d$i.key,,"; done
    echo 'dev-5,,,d5.p12,env:PW'
    echo '"dev-6",d6.pem,d6.key,,'
} >fleet/devices.csv
batch=(cert-bundle -p spwf04s --ca ca.pem --batch fleet/devices.csv)
cells() { cut -d, -f"$1" "$2" | tail -n +2; }

check_ok 'six devices' "${batch[@]}" -o out --jobs 3 --json
check_equal 'the result is said' '6 made, 0 kept, 0 failed; see out/manifest.csv' "$out"
check_equal 'a folder each, and the manifests' 'dev-1 dev-2 dev-3 dev-4 dev-5 dev-6 manifest.csv manifest.json' \
    "$(cd out && echo *)"
check_equal 'the manifest is in the order of the table' 'dev-1 dev-2 dev-3 dev-4 dev-5 dev-6' \
    "$(cells 1 out/manifest.csv | tr '\n' ' ' | sed 's/ $//')"
check_ok 'its digests are those of the files' sha256sum -c --quiet <(
    tail -n +2 out/manifest.csv | awk -F, '{print $5 "  out/" $1 "/" $3}')
check_equal 'its fingerprints are those of the certificates' \
    "$(for i in 1 2 3 4 5 6; do openssl x509 -in "fleet/d$i.pem" -outform DER | sha256sum | cut -d' ' -f1; done)" \
    "$(cells 6 out/manifest.csv)"
check_ok 'the other manifest is JSON and says the same' python3 - out <<'END'
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1] + "/manifest.csv")))
devices = json.load(open(sys.argv[1] + "/manifest.json"))["devices"]
assert [(d["id"], f["name"], f["sha256"], str(f["bytes"])) for d in devices for f in d["files"]] == \
    [(r["id"], r["file"], r["sha256"], r["bytes"]) for r in rows]
END
cert-bundle -q -p spwf04s --ca ca.pem --cert fleet/d3.pem --key fleet/d3.key -o one
check_same_file 'a device of a batch is what one alone is' one/provision.at out/dev-3/provision.at
check_equal 'keys are closed' '600 700' "$(stat -c %a out/dev-3/provision.at) $(stat -c %a out/dev-3)"

## again
check_ok 'a second run' "${batch[@]}" -o out
check_equal 'keeps everything' '0 made, 6 kept, 0 failed; see out/manifest.csv' "$out"
rm -r out/dev-2
check_ok 'a folder is gone' "${batch[@]}" -o out
check_equal 'it is made again' '1 made, 5 kept, 0 failed; see out/manifest.csv' "$out"
# A run that was cut: the manifest knows two, the second only in part; the folders are all there.
{ head -n 2 out/manifest.csv; sed -n '3s/,.*//p' out/manifest.csv | tr -d '\n'; } >part && mv part out/manifest.csv
check_ok 'a run that was cut goes on' "${batch[@]}" -o out
check_equal 'what is there is taken over' '5 made, 1 kept, 0 failed; see out/manifest.csv' "$out"
check_equal 'and the manifest is whole' 7 "$(wc -l <out/manifest.csv)"
echo >>out/dev-4/provision.at
run "${batch[@]}" -o out
check_equal 'a file that somebody changed is not replaced' '1 0 made, 5 kept, 1 failed; see out/manifest.csv' "$rc $out"
check_match 'and named' "devices.csv:5: device 'dev-4': 'out/dev-4/provision.at' exists; use --force" "$err"
check_match 'the manifest says why' "^dev-4,0,.*exists; use --force" "$(cat out/manifest.csv)"
check_ok 'with --force it is' "${batch[@]}" -o out --force
check_same_file 'and right again' <(sha256sum out/*/provision.at | cut -c-64) <(cells 5 out/manifest.csv)
(cd fleet && rm d6.key && pki_leaf d6 ec:P-256 ca dev-0006 client)
run "${batch[@]}" -o out
check_match 'a changed input does not replace what was made from the old one' "device 'dev-6': .*--force" "$err"

## killed at any moment, with everything that this can leave
{ echo id,cert,key; for i in $(seq 60); do echo "k-$i,d1.pem,d1.key"; done; } >fleet/kill.csv
kill_batch=(cert-bundle -q -p spwf04s --ca ca.pem --batch fleet/kill.csv -o killed)
for made in 5 15 30 45; do # folders that are there when it dies
    "${kill_batch[@]}" &
    while kill -0 $! 2>/dev/null && [ "$(find killed -mindepth 1 -type d 2>/dev/null | wc -l)" -lt $made ]; do :; done
    kill -9 $! 2>/dev/null
    wait $! 2>/dev/null
done
mkdir killed/.fotakit-new-1-1.tmp && echo secret >killed/.fotakit-new-1-1.tmp/key
check_ok 'a batch that was killed four times goes on' "${kill_batch[@]}"
check_equal 'every device is there once' 60 "$(cells 1 killed/manifest.csv | sort -u | wc -l)"
check_equal 'the manifest has no more than that' 61 "$(wc -l <killed/manifest.csv)"
check_equal 'each is whole' 1 "$(sha256sum killed/*/provision.at | cut -c-64 | sort -u | wc -l)"
check_equal 'and nothing hidden is left' 0 "$(find killed -name '.*' | wc -l)"

## failures do not stop the others
sed -e 's/^dev-2,d2.pem/dev-2,d3.pem/' -e 's/^dev-4,d4.pem/dev-4,none.pem/' fleet/devices.csv >fleet/bad.csv
printf 'dev-7,devices.csv,d1.key,,\n' >>fleet/bad.csv
run cert-bundle -p spwf04s --ca ca.pem --batch fleet/bad.csv -o bad
check_equal 'the others are made' '4 made, 0 kept, 3 failed; see bad/manifest.csv' "$out"
check_equal 'the worst exit code: a file is missing' 3 "$rc"
check_equal 'one line for each that failed' 3 "$(wc -l <.stderr)"
check_match 'with file, line and device' "fleet/bad.csv:3: device 'dev-2': private key 'fleet/d2.key' is not the one" "$err"
check_equal 'nothing is left of them' 'dev-1 dev-3 dev-5 dev-6 manifest.csv' "$(cd bad && echo *)"
sed -i '/dev-4/d; /dev-7/d' fleet/bad.csv
run cert-bundle -q -p spwf04s --ca ca.pem --batch fleet/bad.csv -o bad2
check_equal 'an input that is refused' 1 "$rc"
env -u PW cert-bundle -q -p spwf04s --ca ca.pem --batch fleet/devices.csv -o nopw 2>err
check_match 'a pass phrase that is not there' "device 'dev-5': .*PW" "$(cat err)"

## values for the configuration of each
cat >fleet/wpa.csv <<'END'
id,cert,key,set.identity,secret.password
a,,,user-a,file:fleet/pw
b,,,user-b,
END
echo 'secret of a' >fleet/pw
wpa=(cert-bundle -q -p spwf04s --purpose wpa-enterprise --ca rsa.pem --sequence eap-peap-mschapv2
    --set ssid=Plant --set anonymous=x --batch fleet/wpa.csv)
pki_root rsa rsa:2048 Radius
run "${wpa[@]}" -o wpa
check_match 'a value that is missing for one' "device 'b': no value for <password>" "$err"
check_match 'the row of the other has its own' 'wifi_eap_passwd,secret of a' "$(cat wpa/a/provision.at)"
check_match 'and its identity' 'wifi_eap_identity,user-a' "$(cat wpa/a/provision.at)"
check_equal 'no secret in the manifest' 0 "$(grep -c 'secret of' wpa/manifest.csv)"

## tables that are refused as a whole, before anything is made
bad() { # name, code, message, lines...
    local name=$1 code=$2 text=$3
    shift 3
    printf '%s\n' "$@" >t.csv
    check_refused "$name" "$code" "$text" cert-bundle -p spwf04s --ca ca.pem --batch t.csv -o never
}
bad 'no column id' 1 "t.csv:1: the column 'id' is missing" cert,key a,b
bad 'a column that nobody knows' 1 "t.csv:1: unknown column 'crt'; expected id, cert" id,crt a,b
bad 'a column twice' 1 "t.csv:1: column 2: repeated name 'id'" id,id a,b
bad 'an id twice' 1 "t.csv:3: id 'a' stands in line 2, too" id a a
bad 'an id that leaves the folder' 1 "t.csv:2: id '../a': expected 1 to 100 letters" id ../a
bad 'an id that hides' 1 "t.csv:2: id '.a'" id .a
bad 'an id that is the manifest' 1 "t.csv:2: id 'manifest.csv'" id manifest.csv
bad 'a row that is too short' 1 't.csv:3: expected 2 cells, as in the first row, found 1' id,cert a,b c
bad 'a quote that is not closed' 1 't.csv:2: a quote is not closed' id '"a'
bad 'no device' 1 't.csv names no device' id
bad 'values without --sequence' 2 "column 'set.ssid' goes with --sequence" id,set.ssid a,b
: >t.csv
check_refused 'an empty table' 1 't.csv is empty' cert-bundle -p spwf04s --batch t.csv -o never
check_absent 'nothing was made' never
check_refused 'no table' 3 "cannot open 'none.csv'" cert-bundle -p spwf04s --batch none.csv -o never
check_refused 'a key beside the table' 2 'stand in the table' "${batch[@]}" --key fleet/d1.key -o never
check_refused 'too many jobs' 2 'expected 1 to 64, found 65' "${batch[@]}" --jobs 65 -o never
mkdir foreign && echo 'a,b' >foreign/manifest.csv
check_refused 'a manifest of somebody else' 1 'is not a manifest of cert-bundle' "${batch[@]}" -o foreign
check_equal 'which stays' 'a,b' "$(cat foreign/manifest.csv)"
flock out/manifest.csv "${batch[@]}" -o out 2>err
check_match 'two runs at a time' 'is in use by another run' "$(cat err)"

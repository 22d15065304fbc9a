# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# cert-bundle explain: every code of every device, codes as they stand in logs, and causes that the
# files at hand prove.
. "$FK_ROOT/tests/support/check.sh"

# ---- every code of every table ------------------------------------------------------------------
# One line per code; several at once, as a log may have them, keeps this short.
for p in spwf04s nodemcu netcontrol zentrios wiced; do
    awk '/^errors:/ { on = 1 } /^errata:/ { on = 0 }
         on && /code: / { match($0, /code: [0-9a-fx]+/); print substr($0, RSTART + 6, RLENGTH - 6) }' \
        "$FK_ROOT/profiles/$p.yaml" | sort -u >codes
    bad=
    while read -r code; do
        run cert-bundle explain -p $p "$code"
        [ $rc -eq 0 ] && [ -z "$err" ] && grep -q '^   1\. .\{10\}' .stdout &&
            [ "$(sed -n 2p .stdout | tr -d ' ' | wc -c)" -gt 5 ] || bad="$bad $code"
    done <codes
    check_equal "$p: every one of its $(wc -l <codes) codes has a meaning and a cause" '' "$bad"
done

# ---- forms --------------------------------------------------------------------------------------
run cert-bundle explain 74
check_equal 'the default profile is spwf04s' '74  Failed to open socket' "$(head -1 .stdout)"
check_match 'the source is told' 'X-CUBE-WIFI1.*enum.c' "$out"
check_match 'the clock comes first' "^   1\. the module's clock is not set" "$out"
check_equal 'no blanks at line ends' 0 "$(grep -c ' $' .stdout)"
check_equal 'no line over 100 columns but sources' 0 "$(grep -v '^  (' .stdout | awk 'length > 100' | wc -l)"
cp .stdout plain
while IFS='|' read -r name first; do
    IFS=' ' read -ra words <<<"$first"
    run cert-bundle explain "${words[@]}"
    check_equal "the same: $name" "$(cat plain)" "$out"
done <<'END'
with its word|ERROR:74
a line of the log, unquoted|AT-S.ERROR:74:Failed to open socket
hexadecimal|0x4a
its name|Failed to open socket
option behind it|74 -p spwf04s
END
check_ok 'a negative code is no option' cert-bundle explain -p netcontrol -0x2700
check_match 'a negative code' '^-0x2700  X509_CERT_VERIFY_FAILED' "$out"
check_ok 'a negative decimal, before the options' cert-bundle explain -9984 -p netcontrol
check_match 'a negative decimal' '^-0x2700  X509_CERT_VERIFY_FAILED' "$out"
check_ok 'behind --' cert-bundle explain -p netcontrol -- -0x2700
run cert-bundle explain -p nodemcu -0x2562
check_match 'a sum tells both parts' '^-0x2562  X509_INVALID_EXTENSIONS . ASN1_UNEXPECTED_TAG' "$out"
run cert-bundle explain -p nodemcu -0x2501
check_match 'a part that nobody knows is told' 'a detail, 0x01, that is in no table' "$out"
run cert-bundle explain -p zentrios 'Error with TLS handshake: 5035 (state: 3, code: 5035)'
check_equal 'each code of a line, once' '5035  UNTRUSTED_CERTIFICATE 3  SERVER_CERTIFICATE' \
    "$(grep '^[0-9]' .stdout | paste -sd' ')"

run cert-bundle explain -p netcontrol --json -0x2562
check_equal 'JSON is JSON' 'x509 -0x2562 X509_INVALID_EXTENSIONS ASN1_UNEXPECTED_TAG form True' "$(python3 -c '
import json
(e,) = json.load(open(".stdout"))
c = e["causes"][0]
print(e["table"], e["code"], e["name"], e["detail_name"], c["name"], c["rules"] == ["file-form"] and "evidence" not in c)')"

# ---- refusals -----------------------------------------------------------------------------------
check_refused 'an unknown code, with its neighbours' 1 \
    "profile 'spwf04s' has no code 67 .*between 66 .Cannot update DateTime. and 72 .Closed socket" \
    cert-bundle explain 67
check_refused 'an unknown code behind the table' 1 'behind the last one, 111' cert-bundle explain ERROR:900
check_refused 'hexadecimal without 0x' 1 'did you mean 0x2700\?' cert-bundle explain -p netcontrol 2700
check_refused 'no number' 1 "no error code in 'it does not work'; expected a number such as 74" \
    cert-bundle explain it does not work
check_refused 'a device without codes' 1 "'mps2-an386' says nothing about error codes" \
    cert-bundle explain -p mps2-an386 74
check_refused 'a line that is too long' 1 'longer than 2047 bytes' \
    cert-bundle explain "$(printf '%2100s' x | tr ' ' x)"
check_refused 'no profile of that name' 3 "spwf4s" cert-bundle explain -p spwf4s 74
check_refused 'no code' 2 'missing argument' cert-bundle explain -p spwf04s
check_refused 'options of --bundle alone' 2 'go with --bundle' cert-bundle explain 74 --host x.example
check_match 'help' 'cert-bundle explain .-p PROFILE. CODE' "$(cert-bundle explain --help)"

# ---- lists --------------------------------------------------------------------------------------
for p in spwf04s nodemcu netcontrol zentrios wiced; do
    run cert-bundle explain -p $p --list
    check_equal "$p: the list has every code" "$(sed -n '/^errors:/,/^errata:/p' "$FK_ROOT/profiles/$p.yaml" | grep -c 'code: ')" \
        "$(grep -c '^  [-0-9]' .stdout)"
    run cert-bundle explain -p $p --errata --json
    check_equal "$p: errata" "$(sed -n '/^errata:/,$p' "$FK_ROOT/profiles/$p.yaml" | grep -c '^    says: ')" \
        "$(python3 -c 'import json; print(sum(all(e.values()) for e in json.load(open(".stdout"))))')"
done
check_match 'a misprinted code point is told' 'says: +TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA is C0,27' \
    "$(cert-bundle explain --errata)"
check_equal 'the list in JSON' 'certificate 23' "$(cert-bundle explain --list --json | python3 -c '
import json, sys
e = json.load(sys.stdin)[0]
print(e["table"], e["code"])')"
check_refused 'a list of nothing' 1 'says nothing about error codes' cert-bundle explain -p mps2-an386 --list
check_refused 'no errata' 1 'knows no mistakes' cert-bundle explain -p mps2-an386 --errata
check_refused 'a list and a code' 2 'go alone' cert-bundle explain --list 74

# ---- with the files at hand ---------------------------------------------------------------------
ext() { printf '%s\n' "$@" >ext.cnf; }
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }
issue() { # name, subject, days, extensions...
    local name=$1 subject=$2 days=$3
    shift 3
    ext "$@"
    [ -e "$name.key" ] || key "$name.key"
    openssl req -new -key "$name.key" -subj "$subject" -out "$name.csr" 2>/dev/null
    openssl x509 -req -in "$name.csr" -CA root.pem -CAkey root.key -set_serial "$RANDOM" \
        -days "$days" -extfile ext.cnf -out "$name.pem" 2>/dev/null
}
key root.key
openssl req -x509 -new -key root.key -subj '/CN=Root' -days 3650 -out root.pem \
    -addext 'keyUsage=critical,keyCertSign' 2>/dev/null
issue good /CN=server.example 365 'authorityKeyIdentifier=keyid' 'subjectKeyIdentifier=hash'
issue no-aki /CN=server.example 365 'authorityKeyIdentifier=none' 'subjectKeyIdentifier=hash'
issue device /CN=device 365 'authorityKeyIdentifier=keyid' 'subjectKeyIdentifier=hash'
key other.key
first() { sed -n '/^   1\. /,/^   2\. /p' .stdout; }

mkdir ok bad mixed empty
cp root.pem ok/ && echo 'not a certificate' >ok/readme.txt && : >ok/nothing
run cert-bundle explain 74 --bundle ok --host server.example --server-chain good.pem
check_equal 'a bundle without fault: exit' 0 "$rc"
check_match 'a bundle without fault: what files do not tell comes first' "^   1\. the module's clock" "$out"
check_match 'a bundle without fault: the name is excluded' 'not with these files: the name given to SOCKON' "$out"
check_match 'a bundle without fault: the chain is excluded' 'not with these files: no root that leads' "$out"
run cert-bundle explain 74 --bundle ok --host www.example --server-chain good.pem
check_match 'another name is proven' '1\. proven: the name given to SOCKON' "$(first)"
check_match 'and what shows it is told' ' name: .*server.example' "$(first)"
check_match 'and what to do' '^      -> ' "$(first)"
run cert-bundle explain 74 --bundle ok --host server.example --server-chain no-aki.pem
check_match 'a missing Authority Key Identifier is proven' '[12]\. proven: a certificate of the chain has no Authority Key' "$out"
run cert-bundle explain 23 --bundle ok --server-chain no-aki.pem
check_match '23 of the certificate check, too' '1\. proven: .*Authority Key' "$(first | tr -d '\n')"
cp root.pem device.pem bad/ && cp other.key bad/device.key
run cert-bundle explain 74 --bundle bad
check_match 'key of another certificate is proven' 'proven: certificate and private key do not belong' "$out"
run cert-bundle explain 74 --bundle bad --json
check_equal 'JSON with evidence, proven first' 'proven key-matches True' "$(python3 -c '
import json
(e,) = json.load(open(".stdout"))
rank = ["proven", "suspect", "none", "excluded"]
order = [rank.index(c["evidence"]) for c in e["causes"]]
m = [c for c in e["causes"] if c["name"] == "key-mismatch"][0]
print(m["evidence"], m["rules"][0], order == sorted(order) and bool(m["measured"]))')"
check_refused 'a folder without credentials' 1 "'empty' holds no certificate and no private key" \
    cert-bundle explain 74 --bundle empty
check_refused 'no such folder' 3 "cannot read the folder 'absent': No such file" cert-bundle explain 74 --bundle absent
check_refused 'no folder' 1 "cannot read the folder 'root.pem': Not a directory" cert-bundle explain 74 --bundle root.pem
check_refused 'no such use' 1 "no credentials 'radius'; it has: tls, wpa-enterprise" \
    cert-bundle explain 74 --bundle ok --use radius
cp device.key other.key mixed/
check_refused 'two keys' 1 'holds a private key, and so does' cert-bundle explain 74 --bundle mixed
openssl ec -in device.key -aes128 -passout pass:secret -out mixed/device.key 2>/dev/null && rm mixed/other.key
check_refused 'a key with a password' 1 'pass phrase' cert-bundle explain 74 --bundle mixed

# ---- what could not be verified -------------------------------------------------------------------
run cert-bundle explain -p zentrios 'state: 3'
check_match 'names that the vendor does not publish are marked' '^  unverified: the documentation counts 0 to 15' "$out"
run cert-bundle explain -p zentrios 5035
check_equal 'a published table has no mark' 0 "$(grep -c unverified <<<"$out")"
run cert-bundle explain -p zentrios 'state: 3' --json
check_equal 'JSON: the mark' False "$(python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["verified"])' <<<"$out")"

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The lint, rule by rule: each one with a bundle that it takes and one that it does not.
source "$FK_ROOT/tests/support/check.sh"

at=$(($(date +%s) + 86400)) # the certificates below are issued now

# ---- a small world of certificates --------------------------------------------------------------
new_key() { # name, ec CURVE | rsa BITS | other
    case $2 in
    ec) openssl ecparam -name "$3" -genkey -noout -out "$1.key" ;;
    rsa) openssl genrsa -traditional -out "$1.key" "$3" 2>/dev/null ;;
    *) openssl genpkey -algorithm "$2" -out "$1.key" ;;
    esac
}
# make_cert NAME KEY ISSUER-NAME ISSUER-KEY SUBJECT EXTENSIONS [x509 options]: NAME.pem. "-" for the
# issuer: signed by itself.
make_cert() {
    local name=$1 key=$2 issuer=$3 issuer_key=$4 subject=$5 ext=$6
    shift 6
    printf '%b' "$ext" >ext.cnf
    openssl req -new -key "$key.key" -subj "$subject" -out req.pem 2>/dev/null
    if [ "$issuer" = - ]; then
        openssl x509 -req -in req.pem -signkey "$key.key" -days 3650 -extfile ext.cnf \
            -out "$name.pem" "$@" 2>/dev/null
    else
        openssl x509 -req -in req.pem -CA "$issuer.pem" -CAkey "$issuer_key.key" -CAcreateserial \
            -days 365 -extfile ext.cnf -out "$name.pem" "$@" 2>/dev/null
    fi
}
root_ext='basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n'
ca_ext="${root_ext}authorityKeyIdentifier=keyid\n"
leaf_ext='basicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n'
dev_ext="${leaf_ext}keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n"
srv_ext="${leaf_ext}keyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:srv.example,DNS:*.wild.example,IP:192.0.2.7\n"

new_key root ec prime256v1
new_key other ec prime256v1
new_key ca ec prime256v1
new_key dev ec prime256v1
new_key rsa rsa 2048
make_cert root root - - '/CN=Root' "$root_ext"
make_cert other other - - '/CN=Other' "$root_ext"
make_cert ca ca root root '/CN=Issuing' "$ca_ext"
make_cert dev dev root root '/CN=dev-1' "$dev_ext"
make_cert devca dev ca ca '/CN=dev-2' "$dev_ext"
make_cert srv rsa root root '/CN=srv.example' "$srv_ext"
make_cert srvec dev root root '/CN=srv.example' "$srv_ext"
cat devca.pem ca.pem >chain.pem

# check_bundle PROFILE ARGS...: keeps $rc and the lines, without the numbers of the sources
: >seen
judge() {
    run cert-bundle check --at "$at" -p "$@"
    sed -E 's/ \[[0-9]+\]$//' .stdout >lines
    grep -E '^(ok|n/a|unknown|warning|REFUSED) ' .stdout | awk '{print $1, $2}' >>seen
}
says() { # name, line: the last judge() printed exactly this line
    if grep -qxF -- "$2" lines; then
        pass "$1"
    else
        fail "$1" "expected: $2" "found: $(grep -F " $(awk '{print $2}' <<<"$2") " lines | head -3)" \
            "stderr: $err"
    fi
}
code() { check_equal "$1" "$2" "$rc"; }
# Does OpenSSL judge the chain in the same way? verify NAME yes|no ARGS...
verify() {
    local name=$1 want=$2 got=no
    shift 2
    openssl verify -attime "$at" "$@" >/dev/null 2>&1 && got=yes
    check_equal "openssl verify agrees: $name" "$want" "$got"
}

# ---- a good one ---------------------------------------------------------------------------------
key-convert -p spwf04s dev.key tls.key 2>/dev/null
key-convert -p spwf04s dev.pem tls.cert 2>/dev/null
key-convert -p spwf04s root.pem root.crlf 2>/dev/null
judge spwf04s --ca root.crlf --cert tls.cert --key tls.key --server-chain srv.pem --host srv.example \
    --service-life 90d
code 'a bundle in order is taken' 0
check_equal 'and nothing is refused or warned of' '' "$(grep -E '^(REFUSED|warning)' lines)"
check_match 'the last line sums it up' \
    '^spwf04s tls: the device takes this \(0 refused, 0 warnings, [0-9]+ ok, [0-9]+ unknown\)$' \
    "$(tail -n 1 lines)"
says 'modes' 'ok       parts                 enough for client, mutual-client, server, mutual-server'
says 'form of the key' "ok       key-form              'tls.key': SEC1, PEM with EC PARAMETERS (SEC1, PEM with EC PARAMETERS)"
says 'line ends' 'ok       line-ends             lines end in CR LF'
says 'unverified limits say so' "ok       file-size             private key: $(stat -c %s tls.key) bytes (2500 bytes; unverified)"
says 'curves are not published' "unknown  key-type              'tls.key': EC secp256r1 (P-256) (EC keys; no sizes or curves are published)"
says 'the pair' "ok       key-matches           'tls.key': EC secp256r1 (P-256), the key of the certificate"
says 'the name' "ok       name                  'srv.pem': common name 'srv.example' (the common name alone)"
says 'chain to the root' "ok       chain-complete        'srv.pem': leads to the root 'CN = Root'"
verify 'a good device chain' yes -CAfile root.pem -purpose sslclient dev.pem
verify 'a good server chain' yes -CAfile root.pem -purpose sslserver srv.pem
judge netcontrol --ca root.pem --server-chain srv.pem --host srv.example
says 'usage that the device asks for' "ok       ext-key-usage         there (Key Usage with keyEncipherment)"
check_match 'sources are listed by number' '^\[1\] ST AN4963' \
    "$(cert-bundle check -p spwf04s root.crlf | grep '^\[1\]')"

# ---- files as they come -------------------------------------------------------------------------
judge spwf04s root.crlf tls.cert tls.key
code 'files are told apart by what they hold' 0
says 'their roles' 'ok       parts                 enough for client, mutual-client, server, mutual-server'
mkdir folder && cp root.crlf tls.cert tls.key folder && echo notes >folder/notes.txt
judge spwf04s folder
code 'a folder stands for the credentials in it' 0
says 'their roles, again' 'ok       parts                 enough for client, mutual-client, server, mutual-server'
mkdir empty
check_refused 'an empty folder' 1 "'empty' holds no certificate and no private key" \
    cert-bundle check -p spwf04s empty
openssl pkcs12 -export -inkey dev.key -in chain.pem -certfile root.pem -passout pass:x -out dev.p12
PW=x judge nodemcu --use tls-callback --p12 dev.p12 --passin env:PW --ca root.pem
check_match 'a .p12 is no file for a device' "^REFUSED  key-form              'dev.p12': PKCS#12 " "$out"
check_match 'the command that splits it' 'do: key-convert -p nodemcu --use tls-callback --p12 dev.p12 --out-key' "$out"
PW=x judge spwf04s --purpose wpa-enterprise --p12 dev.p12 --passin env:PW
check_match 'its root is not trusted unasked, but named' "^ +do: give the root with --ca; 'CN = Root' in 'dev.p12' may be it" "$out"
PW=x judge spwf04s --purpose wpa-enterprise --p12 dev.p12 --ca dev.p12 --passin env:PW
says 'and trusted when asked for' 'ok       parts                 enough for eap-tls, eap-ttls, eap-peap'
openssl pkcs12 -export -inkey dev.key -in dev.pem -passout pass:x -out noroot.p12
PW=x check_refused 'a .p12 without a root is no --ca' 1 "'noroot.p12': holds no root" \
    cert-bundle check -p spwf04s --ca noroot.p12 --passin env:PW
PW=x judge nodemcu --use tls-callback --p12 dev.p12 --passin env:PW --ca root.pem
says 'its key belongs to its certificate' "ok       key-matches           'dev.p12': EC secp256r1 (P-256), the key of the certificate"
check_refused 'nothing to check' 2 'nothing to check' cert-bundle check -p spwf04s
check_refused 'no profile' 2 'missing option: --profile' cert-bundle check root.pem
check_refused 'a file of the wrong kind' 1 "'dev.key': holds an EC private key.*, expected certificates" \
    cert-bundle check -p spwf04s --ca dev.key
check_refused 'two keys' 1 "'other.key' holds a private key, and so does 'dev.key'" \
    cert-bundle check -p spwf04s dev.key other.key
check_refused 'a missing file' 3 "private key: .*'none.key'.*No such file" \
    cert-bundle check -p spwf04s --key none.key
check_refused 'a bad time' 2 "--at '2026-02-30': expected" cert-bundle check -p spwf04s --at 2026-02-30 root.pem
check_refused 'a bad life' 2 "--service-life '0y': expected" \
    cert-bundle check -p spwf04s --service-life 0y root.pem
check_refused 'an unknown store' 1 "has no store 'x'; it has: command, files" \
    cert-bundle check -p spwf04s --store x root.pem
check_refused 'an unknown purpose' 2 '--purpose takes' cert-bundle check -p spwf04s --purpose x root.pem
check_refused 'firmware comes over another way' 1 "purpose fota; it has: tls \(--use tls-flash\), tls \(--use tls-callback\)" \
    cert-bundle check -p nodemcu --purpose fota root.pem
run cert-bundle check -p spwf04s --purpose fota --ca root.crlf
check_match 'firmware comes over TLS: those credentials' '^spwf04s tls: ' "$(tail -n 1 .stdout)"
check_refused 'a purpose that the device lacks' 1 "no credentials for the purpose wpa-enterprise" \
    cert-bundle check -p nodemcu --purpose wpa-enterprise root.pem

# ---- one bad bundle for each rule ---------------------------------------------------------------
judge spwf04s --key tls.key
code 'a key alone is refused' 1
says 'parts' 'REFUSED  parts                 a private key without its certificate'
says 'and what to do' '                               do: add the certificate with --cert'

make_cert odd root - - '/CN=Odd' "${root_ext}subjectAltName=DER:30:05:87:03:0a:00:00\n"
judge spwf04s --ca odd.pem
says 'decode' "REFUSED  decode                'odd.pem': the Subject Alternative Name extension is malformed: an IP address of 3 bytes"

{ echo 'Bag Attributes'; cat root.crlf; } >bag.pem
judge spwf04s --ca bag.pem
says 'contents: text' "warning  contents              'bag.pem': has Bag Attributes"
cat root.pem root.key >soup.pem
judge netcontrol --ca soup.pem
says 'contents: a key beside a root' "warning  contents              'soup.pem': a private key stands beside the root"

openssl x509 -in root.pem -outform DER -out root.der
judge netcontrol --ca root.der
code 'DER where PEM is wanted is refused' 1
says 'file-form' "REFUSED  file-form             'root.der': DER (PEM)"
check_equal 'the command that repairs it works' 'root.pem' \
    "$(key-convert -p netcontrol root.der fixed.pem >/dev/null; cmp -s fixed.pem root.pem && echo root.pem)"

openssl pkcs8 -topk8 -nocrypt -in dev.key -out p8.key
judge spwf04s --cert tls.cert --key p8.key --ca root.crlf
says 'key-form' "REFUSED  key-form              'p8.key': PKCS#8, PEM (SEC1, PEM with EC PARAMETERS)"
check_match 'with the command' 'do: key-convert -p spwf04s p8.key OUT' "$out"
judge spwf04s --ca root.pem
says 'line-ends: LF' "REFUSED  line-ends             'root.pem': lines end in LF (CR LF)"
judge zentrios --ca root.crlf
says 'line-ends: CR LF' "REFUSED  line-ends             'root.crlf': lines end in CR LF (LF)"

names=$(seq -f 'DNS:a-rather-long-name-%g.example.com' 1 70 | paste -sd,)
make_cert big root - - '/CN=Big' "${root_ext}subjectAltName=$names\n"
judge spwf04s --ca big.pem
says 'file-size' "REFUSED  file-size             'big.pem': $(stat -c %s big.pem) bytes (2560 bytes; unverified)"
for n in {15..60}; do # the size between what is known to fit and what is known not to
    make_cert gap root - - '/CN=Gap' "${root_ext}subjectAltName=$(seq -f 'DNS:name-%g.example.com' 1 $((n + 10)) | paste -sd,)\n"
    size=$(stat -c %s gap.pem)
    [ "$size" -gt 2500 ] && break
done
judge spwf04s --ca gap.pem
says 'file-size: where nobody knows' "warning  file-size             'gap.pem': $size bytes (2500 bytes are known to fit, more than 2560 not; unverified)"
check_match 'DER is the way out' "do: key-convert -p spwf04s --form der gap.pem OUT" "$out"

new_key big rsa 4096
make_cert bigdev big root root '/CN=dev-3' "$dev_ext"
make_cert bigroot big - - '/CN=Big root' "$root_ext"
make_cert bigca big bigroot big '/CN=Big CA' "$ca_ext"
make_cert bigdev2 big bigca big '/CN=dev-4' "$dev_ext"
cat bigdev2.pem bigca.pem >bigchain.pem
judge nodemcu --cert bigchain.pem --key big.key
check_match 'area-size' '^REFUSED  area-size +client: [0-9]+ bytes in 3 items \(4096 bytes\)' "$out"
judge nodemcu --cert bigdev.pem --key big.key --ca root.pem
check_match 'area-size: one RSA 4096 pair fits' '^ok +area-size +client: 3[0-9]{3} bytes in 2 items' "$out"

cp other.pem two.pem
judge netcontrol --ca root.pem --ca two.pem
says 'slots' 'REFUSED  slots                 2 roots (1)'

make_cert noski root - - '/CN=No id' 'basicConstraints=CA:TRUE\nsubjectKeyIdentifier=none\n'
judge spwf04s --ca noski.pem
says 'root-name' "REFUSED  root-name             'noski.pem': 'CN = No id' has no usable key identifier (the device finds roots by their key identifier)"
says 'ext-subject-key-id' "REFUSED  ext-subject-key-id    'noski.pem': Subject Key Identifier of 'CN = No id' is missing (Subject Key Identifier)"
id=$(ski-name root.pem)
cp root.crlf "0123456789abcdef0123456789abcdef01234567.ca"
judge spwf04s --store files --ca 0123456789abcdef0123456789abcdef01234567.ca
says 'root-name: of another root' "REFUSED  root-name             '0123456789abcdef0123456789abcdef01234567.ca': named '0123456789abcdef0123456789abcdef01234567.ca' ($id)"
cp root.crlf "$id"
judge spwf04s --store files --ca "$id"
says 'root-name: its own' "ok       root-name             '$id': to be stored as $id"

openssl ec -in dev.key -aes128 -passout pass:secret -out locked.key 2>/dev/null
PW=secret judge spwf04s --cert tls.cert --key locked.key --passin env:PW
says 'key-password' "REFUSED  key-password          'locked.key': traditional PEM, AES-128-CBC (the device cannot decrypt its key)"
check_refused 'a locked key needs its pass phrase' 1 "'locked.key': .*encrypted" \
    cert-bundle check -p spwf04s --cert tls.cert --key locked.key

make_cert bigdevtls big root root '/CN=dev-5' "$dev_ext"
judge spwf04s --cert bigdevtls.pem --key big.key
says 'key-type: too long' "REFUSED  key-type              'big.key': RSA 4096 (RSA of 1024 to 2048 bits)"
judge spwf04s --purpose wpa-enterprise --cert bigdevtls.pem --key big.key
says 'key-type: WPA2-Enterprise takes it' "ok       key-type              'big.key': RSA 4096 (RSA of 1024 to 4096 bits; unverified)"
new_key ed ed25519
make_cert eddev ed root root '/CN=dev-6' "$dev_ext"
judge netcontrol --cert eddev.pem --key ed.key
says 'key-type: another type' "REFUSED  key-type              'ed.key': Ed25519 (no Ed25519 keys; unverified)"

openssl ec -in dev.key -outform DER 2>/dev/null | xxd -p | tr -d '\n' |
    sed -E 's/^(.{14})(.{62})../\1\200/' | xxd -r -p >broken.key
judge spwf04s --cert dev.pem --key broken.key
check_match 'key-sound' "^REFUSED  key-sound             'broken.key': " "$out"

judge spwf04s --cert tls.cert --key other.key
code 'key and certificate of different pairs are refused' 1
says 'key-matches' "REFUSED  key-matches           'other.key': EC secp256r1 (P-256) of another pair than the certificate's EC secp256r1 (P-256)"

new_key weak rsa 1024
make_cert weakdev weak root root '/CN=dev-7' "$dev_ext"
judge netcontrol --cert weakdev.pem --key weak.key
says 'weak-keys' "warning  weak-keys             'weakdev.pem': RSA 1024 (RSA of 2048 bits)"
new_key tiny rsa 768
make_cert tinydev tiny root root '/CN=dev-18' "$dev_ext"
judge zentrios --cert tinydev.pem --key tiny.key
says 'weak-keys: broken' "REFUSED  weak-keys             'tinydev.pem': RSA 768, which can be factored (RSA of 2048 bits)"
openssl genrsa -traditional -3 -out e3.key 2048 2>/dev/null
make_cert e3dev e3 root root '/CN=dev-8' "$dev_ext"
judge netcontrol --cert e3dev.pem --key e3.key
says 'weak-keys: exponent' "warning  weak-keys             'e3dev.pem': RSA 2048 with the public exponent 3 (65537 or more)"

make_cert md5 dev bigroot big '/CN=dev-9' "$dev_ext" -md5
make_cert sha1 dev root root '/CN=dev-10' "$dev_ext" -sha1
judge spwf04s --cert md5.pem --key dev.key
says 'digest: MD5' "REFUSED  digest                'md5.pem': signed with MD5 (SHA-256 or longer: MD5 signatures can be forged)"
judge spwf04s --cert sha1.pem --key dev.key
says 'digest: SHA-1' "warning  digest                'sha1.pem': signed with SHA1 (SHA-256 or longer: SHA-1 signatures can be forged)"

make_cert pss dev bigroot big '/CN=dev-17' "$dev_ext" -sigopt rsa_padding_mode:pss
judge spwf04s --cert pss.pem --key dev.key
says 'digest: RSASSA-PSS' "warning  digest                'pss.pem': signed with RSASSA-PSS (many small readers know RSA signatures of PKCS#1 v1.5 only)"
judge spwf04s --ca bigroot.pem
says 'root-key' "REFUSED  root-key              'bigroot.pem': RSA 4096 (RSA of 1024 to 2048 bits, EC)"
new_key p521 ec secp521r1
make_cert p521 p521 - - '/CN=P521' "$root_ext"
judge nodemcu --ca p521.pem
check_match 'root-key: curve' "^REFUSED  root-key              'p521.pem': EC secp521r1 \(P-521\)" "$out"

make_cert noaki dev root root '/CN=dev-11' 'basicConstraints=CA:FALSE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=none\n'
judge spwf04s --cert noaki.pem --key dev.key
says 'ext-authority-key-id' "REFUSED  ext-authority-key-id  'noaki.pem': Authority Key Identifier of 'CN = dev-11' is missing (Authority Key Identifier)"
make_cert nobc root - - '/CN=No constraints' 'subjectKeyIdentifier=hash\n'
judge spwf04s --ca nobc.pem
says 'ext-basic-constraints' "REFUSED  ext-basic-constraints 'nobc.pem': Basic Constraints of 'CN = No constraints' is missing (Basic Constraints with CA:TRUE)"
says 'ca-bits' "REFUSED  ca-bits               'nobc.pem': 'CN = No constraints' is no CA: no Basic Constraints (CA:TRUE)"
make_cert srvsign rsa root root '/CN=srv.example' "${leaf_ext}keyUsage=digitalSignature\n"
judge netcontrol --ca root.pem --server-chain srvsign.pem --host srv.example
says 'ext-key-usage' "REFUSED  ext-key-usage         'srvsign.pem': Key Usage of 'CN = srv.example' has another value (Key Usage with keyEncipherment)"
says 'server-suite: Key Usage' "REFUSED  server-suite          'srvsign.pem': RSA 2048, good for 0 of 10 suites (no suite fits it)"
judge netcontrol --ca root.pem --server-chain srvec.pem --host srv.example
check_match 'server-suite: ECDSA' "^REFUSED  server-suite          'srvec.pem': EC secp256r1 \(P-256\), good for 0 of 10" "$out"
judge netcontrol --ca root.pem --server-chain srv.pem --host srv.example
check_match 'server-suite: RSA' "^ok       server-suite          'srv.pem': RSA 2048, good for 10 of 10 suites" "$out"
make_cert critical dev root root '/CN=dev-12' "${dev_ext}nameConstraints=critical,permitted;DNS:example.com\n"
judge netcontrol --cert critical.pem --key dev.key
says 'critical' "warning  critical              'critical.pem': X509v3 Name Constraints is critical (a reader that does not know it must refuse)"

make_cert short root - - '/CN=Short' 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=keyCertSign\nsubjectKeyIdentifier=hash\n'
make_cert below ca short root '/CN=Below' "$ca_ext"
make_cert belowdev dev below ca '/CN=dev-13' "$dev_ext"
cat belowdev.pem below.pem >belowchain.pem
judge wiced --cert belowchain.pem --key dev.key --ca short.pem
says 'ca-bits: path length' "REFUSED  ca-bits               'short.pem': 1 CAs stand below 'CN = Short' (path length 0)"
verify 'path length' no -CAfile short.pem -untrusted below.pem belowdev.pem
make_cert nosign ca root root '/CN=No sign' 'basicConstraints=CA:TRUE\nkeyUsage=digitalSignature\n'
judge wiced --ca nosign.pem
says 'ca-bits: may not sign' "REFUSED  ca-bits               'nosign.pem': 'CN = No sign' may not sign certificates (keyCertSign)"

make_cert wrong dev root root '/CN=dev-14' "${leaf_ext}extendedKeyUsage=serverAuth\n"
judge netcontrol --cert wrong.pem --key dev.key
says 'purpose' "REFUSED  purpose               'wrong.pem': Extended Key Usage is for something else (clientAuth)"
verify 'purpose' no -CAfile root.pem -purpose sslclient wrong.pem

cat ca.pem devca.pem >swapped.pem
judge wiced --cert swapped.pem --key dev.key --ca root.pem
says 'chain-order' "REFUSED  chain-order           'swapped.pem': not in the order in which they sign each other (own certificate first, then its issuer, and so on)"
judge wiced --cert chain.pem --key dev.key --ca root.pem
says 'chain-order: right' "ok       chain-order           'chain.pem': each stands before its issuer"
says 'chain-signatures: right' "ok       chain-signatures      'chain.pem' line 1: leads to 'CN = Root'"
judge wiced --cert devca.pem --cert ca.pem --key dev.key --ca root.pem
code 'a chain in several files' 0
says 'chain-order: in several files' "ok       chain-order           'devca.pem': each stands before its issuer"
says 'chain-signatures: in several files' "ok       chain-signatures      'devca.pem': leads to 'CN = Root'"
for order in 'devca ca' 'ca devca'; do
    rm -rf one several
    check_ok "as one file ($order)" cert-bundle -q -p wiced --cert chain.pem --key dev.key --ca root.pem --at "$at" --as files -o one
    check_ok "and as two" cert-bundle -q -p wiced --cert ${order/ /.pem --cert }.pem --key dev.key --ca root.pem --at "$at" --as files -o several
    check_equal 'the device gets the same' 'same' "$(diff -r one several >/dev/null 2>&1 && echo same)"
done
check_refused 'usage errors point to the help of the subcommand' 2 \
    '^cert-bundle check: nothing to check: .*\(see cert-bundle check --help\)$' cert-bundle check -p wiced
check_refused 'of replay' 2 '\(see cert-bundle replay --help\)$' cert-bundle replay --baud 9600 x
check_refused 'of explain' 2 '^cert-bundle explain: missing argument: .*\(see cert-bundle explain --help\)$' cert-bundle explain -p wiced
check_refused 'an option that it does not have' 2 '\(see cert-bundle explain --help\)$' cert-bundle explain --force
check_refused 'and of the tool itself' 2 '^cert-bundle: missing option.*\(see cert-bundle --help\)$' cert-bundle -p wiced

verify 'a chain of three' yes -CAfile root.pem -untrusted ca.pem devca.pem
make_cert false other root root '/CN=Issuing' "$ca_ext" # the right name, another key
cat devca.pem false.pem >falsechain.pem
judge wiced --cert falsechain.pem --key dev.key --ca root.pem
says 'chain-signatures' "REFUSED  chain-signatures      'falsechain.pem' line 1: 'CN = Issuing' is there, but its key did not sign this certificate"
verify 'an issuer with another key' no -CAfile root.pem -untrusted false.pem devca.pem
judge wiced --cert devca.pem --key dev.key
says 'chain-signatures: open end' "unknown  chain-signatures      'devca.pem': ends below 'CN = Issuing', which is not here"

issuer=root
for i in 1 2 3 4; do
    make_cert "deep$i" "$([ $((i % 2)) -eq 1 ] && echo ca || echo other)" "$issuer" \
        "$([ "$issuer" = root ] && echo root || { [ $((i % 2)) -eq 1 ] && echo other || echo ca; })" \
        "/CN=Deep $i" "$ca_ext"
    issuer=deep$i
done
make_cert deepdev dev deep4 other '/CN=dev-15' "$dev_ext"
make_cert deepsrv dev deep4 other '/CN=srv.example' "$srv_ext"
cat deepsrv.pem deep4.pem deep3.pem deep2.pem deep1.pem >deep.pem
judge nodemcu --ca root.pem --server-chain deep.pem
says 'chain-length' "REFUSED  chain-length          'deep.pem' line 1: 4 between root and certificate (3)"
verify 'a long chain, which OpenSSL takes' yes -CAfile root.pem -untrusted deep.pem deepsrv.pem

cat dev.pem other.pem >more.pem
judge wiced --cert more.pem --key dev.key
check_match 'unneeded: a stranger' "^warning  unneeded              'more.pem' line [0-9]+: 'CN = Other' did not issue any of the others" "$out"
judge nodemcu --ca root.pem --ca other.pem --server-chain srvec.pem
says 'unneeded: a root' "warning  unneeded              'other.pem': 'CN = Other' is not needed for this server"
judge netcontrol --ca ca.pem
says 'unneeded: an intermediate' "warning  unneeded              'ca.pem': 'CN = Issuing' is no root but an intermediate, which its CA replaces at will"

make_cert renewed root - - '/CN=Root' "$root_ext" -days 5000
judge spwf04s --store files --ca root.crlf --ca renewed.pem
says 'duplicates: one identifier' "REFUSED  duplicates            'renewed.pem': another certificate, the same key identifier as 'root.crlf' (the device finds roots by it)"
judge zentrios --use https-server --cert srv.pem --key rsa.key --host srv.example
says 'name: of a device that is the server' "ok       name                  'srv.pem': 'srv.example' is an alternative name (browsers look at nothing else)"
says 'verification: of its clients' 'ok       verification          clients are not asked for certificates'
judge zentrios --use https-server --cert srv.pem --key rsa.key --host www.example
says 'name: not its own' "warning  name                  'srv.pem': 'www.example' is not among the alternative names (browsers look at nothing else)"
judge spwf04s --purpose wpa-enterprise --cert tls.cert --key tls.key
says 'parts: what a root would add' 'ok       parts                 enough for eap-ttls, eap-peap (eap-tls needs ca too)'
says 'verification: anybody can pass as the RADIUS server' 'warning  verification          it checks nothing without a root: anybody can pass as the server'
judge zentrios --ca root.pem --ca root.der
says 'duplicates: the same' "warning  duplicates            'root.der': the same certificate as 'root.pem'"

# ---- dates --------------------------------------------------------------------------------------
ends=$(openssl x509 -in dev.pem -noout -enddate | cut -d= -f2)
ends_text=$(date -u -d "$ends" +%Y-%m-%dT%H:%M:%SZ)
old_at=$at
at=$(($(date -d "$ends" +%s) + 1))
judge netcontrol --cert dev.pem --key dev.key
says 'validity: a second too late' "REFUSED  validity              'dev.pem': expired on $ends_text ($(date -u -d "@$at" +%Y-%m-%dT%H:%M:%SZ))"
verify 'a second too late' no -CAfile root.pem dev.pem
at=$((at - 1))
judge netcontrol --cert dev.pem --key dev.key
says 'validity: the last second, as RFC 5280 counts' "ok       validity              all are valid, the first one until $ends_text"
at=$((at - 1))
verify 'a second before the last' yes -CAfile root.pem dev.pem
starts=$(openssl x509 -in dev.pem -noout -startdate | cut -d= -f2)
at=$(($(date -d "$starts" +%s) - 1))
judge netcontrol --cert dev.pem --key dev.key
check_match 'validity: a second too early' "^REFUSED  validity              'dev.pem': not valid before " "$out"
verify 'a second too early' no -CAfile root.pem dev.pem
at=$(($(date -d "$ends" +%s) + 86400))
judge nodemcu --ca root.pem --server-chain srvec.pem
check_match 'validity: only a warning where the device checks no dates' \
    "^warning  validity              'srvec.pem': expired on .*; this device checks no dates, others do\)" "$out"
judge spwf04s --purpose wpa-enterprise --ca root.pem --server-chain srvec.pem
check_match 'validity: the switch that the device has' 'the check of all dates goes off with AT\+S.SCFG=wifi_eap_skip_datechecks,1$' "$out"
judge spwf04s --ca root.pem
says 'clock: how it is set and read' 'ok       clock                 it checks dates: set the clock first, after each reset: AT+S.TIME=<seconds>; it is read with AT+S.TIME'
at=0
judge netcontrol --ca root.pem
says 'year-1970: no clock here' 'warning  year-1970             the time of first use is before 1990: a clock that is not set'
at=$old_at
make_cert rsadev rsa root root '/CN=dev-16' "$dev_ext"
judge netcontrol --ca bigroot.pem --cert rsadev.pem --key rsa.key --service-life 10y
check_match 'service-life' "^warning  service-life          'rsadev.pem': ends 20[0-9-]+T[0-9:]+Z, [0-9]+ days too early" "$out"
code 'a warning is no refusal' 0
judge netcontrol --ca bigroot.pem --cert rsadev.pem --key rsa.key --service-life 10y --strict
code 'with --strict it is one' 1
make_cert late root - - '/CN=Late' "$root_ext" -days 9000
judge netcontrol --ca late.pem --ca root.pem
check_match 'year-2038' "^warning  year-2038             'late.pem': valid until 20[45][0-9]-.* \(2038-01-19T03:14:07Z, the last second of a 32-bit clock\)" "$out"
judge nodemcu --ca late.pem
says 'year-2038: not where no dates are checked' 'ok       year-2038             none matters'

# ---- the server ---------------------------------------------------------------------------------
judge nodemcu --cert dev.pem --key dev.key
says 'verification: without a root' 'warning  verification          off until it is switched on: tls.cert.verify(true)'
judge spwf04s --ca other.pem --server-chain srv.pem --host srv.example
says 'chain-complete' "REFUSED  chain-complete        'srv.pem': ends below 'CN = Root', which is not here"
make_cert srvnoaki rsa root root '/CN=srv.example' "${srv_ext/=keyid/=none}"
judge spwf04s --ca root.pem --server-chain srvnoaki.pem --host srv.example
says 'chain-complete: no key identifier to find the root by' "REFUSED  chain-complete        'srvnoaki.pem': the certificate below the root 'CN = Root' names no key identifier (the device finds roots by their key identifier)"
verify 'the root is the right one' yes -CAfile root.pem srvnoaki.pem
judge nodemcu --ca root.pem --server-chain srv.pem --host srv.example
says 'sni: which certificate the server must show' 'ok       sni                   the device sends no name: this must be the certificate that the server shows when it is asked for none'
verify 'another root' no -CAfile other.pem srv.pem
judge spwf04s --ca root.crlf --server-chain srv.pem --host www.example
says 'name: another' "REFUSED  name                  'srv.pem': common name 'srv.example', host 'www.example' (the common name alone)"
judge spwf04s --ca root.crlf --server-chain srv.pem --host a.wild.example
says 'name: alternative only' "REFUSED  name                  'srv.pem': common name 'srv.example', host 'a.wild.example', which is an alternative name only (the common name alone)"
judge spwf04s --ca root.crlf --server-chain srv.pem --host SRV.example
says 'name: case' "warning  name                  'srv.pem': common name 'srv.example', host 'SRV.example' (the common name alone)"
# a name with a NUL inside is another name, whoever stops reading there
make_cert nul rsa root root '/CN=srv.exampleX.evil.example' "$srv_ext"
openssl x509 -in nul.pem -outform DER | xxd -p | tr -d '\n' |
    sed "s/$(printf srv.exampleX.evil | xxd -p)/$(printf 'srv.example\0.evil' | xxd -p)/" | xxd -r -p >nul.der
judge spwf04s --ca root.crlf --server-chain nul.der --host srv.example
says 'name: with a NUL' "REFUSED  name                  'nul.der': common name 'srv.example\\0.evil.example', host 'srv.example', which is an alternative name only (the common name alone)"

# a device that compares as RFC 6125 says, against openssl
mkdir san
sed 's/name: {value: cn,/name: {value: san-or-cn,/' \
    "$FK_ROOT/profiles/netcontrol.yaml" >san/netcontrol.yaml
make_cert cnonly rsa root root '/CN=cn.example' "$leaf_ext"
while read -r cert host; do
    judge ./san/netcontrol.yaml --ca root.pem --server-chain "$cert.pem" --host "$host"
    verdict=$(grep -cE '^ok +name ' lines)
    kind=-verify_hostname
    [ "$host" = 192.0.2.7 ] && kind=-verify_ip
    verify "$cert is $host" "$([ "$verdict" -eq 1 ] && echo yes || echo no)" -CAfile root.pem \
        "$kind" "$host" "$cert.pem"
    check_match "$cert, $host: it is judged" '^(ok|REFUSED) +name ' "$(grep ' name ' lines)"
done <<'END'
srv srv.example
srv SRV.Example
srv a.wild.example
srv a.b.wild.example
srv wild.example
srv other.example
srv 192.0.2.7
srv example
cnonly cn.example
cnonly srv.example
END

new_key ssrv ed25519
make_cert edsrv ssrv root root '/CN=srv.example' "$srv_ext"
judge spwf04s --ca root.crlf --server-chain edsrv.pem --host srv.example
says 'server-key' "REFUSED  server-key            'edsrv.pem': Ed25519 (RSA of 1024 to 2048 bits, EC)"
make_cert fatsrv rsa root root '/CN=srv.example' "${leaf_ext}subjectAltName=$names,$(seq -f 'DNS:another-rather-long-name-%g.example.com' 1 70 | paste -sd,)\n"
judge spwf04s --ca root.crlf --server-chain fatsrv.pem --host srv.example
check_match 'server-cert-size' "^REFUSED  server-cert-size      'fatsrv.pem': [0-9]+ bytes \(4096 bytes; unverified\)" "$out"
judge nodemcu --ca root.pem --server-chain fatsrv.pem
check_match 'server-flight' '^REFUSED  server-flight         about [0-9]+ bytes, with 1 certificate \(4096 bytes\)' "$out"
judge nodemcu --ca root.pem --server-chain srvec.pem
check_match 'server-flight: fits' '^ok       server-flight         about [0-9]+ bytes, with 1 certificate \(4096 bytes\)' "$out"
judge nodemcu --ca root.pem --public-roots other.pem
says 'private-ca: a private one' 'ok       private-ca            none of the 1 public roots known here'
judge nodemcu --ca root.pem --public-roots root.pem
says 'private-ca' "warning  private-ca            'root.pem': 'CN = Root' is a public CA, and the device compares no names (a private CA for this server alone)"

# ---- what each device alone refuses ---------------------------------------------------------------
judge wiced --cert bigdev.pem --key big.key
says 'wiced: room of the private key, with the line ends that it gets' "REFUSED  file-size             'big.key': $(($(stat -c %s big.key) + $(wc -l <big.key))) bytes (2047 bytes)"
says 'wiced: line ends are no trouble' "ok       line-ends             the device's build ends lines in CR LF"
judge wiced --ca root.crlf
says 'wiced: in the files already' 'ok       line-ends             lines end in CR LF'
tr '\n' '\r' <root.pem >cr.pem
judge wiced --ca cr.pem
says 'wiced: CR alone is not repaired by its script' "REFUSED  line-ends             'cr.pem': lines end in CR (CR LF)"
judge wiced --cert dev.pem --key dev.key
check_equal 'wiced: an EC pair has no such trouble' '' "$(grep '^REFUSED  file-size' lines)"
judge zentrios --cert dev.pem --key dev.key
check_match 'zentrios: no EC keys' "^REFUSED  key-type              'dev.key': EC secp256r1 \(P-256\) \(no EC keys" "$out"
judge nodemcu --cert dev.pem --key dev.key
check_match 'nodemcu: no EC keys in flash' "^REFUSED  key-type              'dev.key': EC secp256r1 \(P-256\) \(no EC keys" "$out"
judge nodemcu --use tls-callback --cert dev.pem --key dev.key
check_match 'nodemcu: but through the callback' "^ok       key-type              'dev.key': EC secp256r1" "$out"
make_cert fatroot root - - '/CN=Fat' "${root_ext}subjectAltName=$names,$(seq -f 'DNS:another-rather-long-name-%g.example.com' 1 70 | paste -sd,)\n"
judge netcontrol --ca fatroot.pem
says 'update: they are gone' 'ok       update                it erases them: load them again after each update'
says 'update: what else erases them' 'ok       update                erased as well by a reset of the IP settings to those of the factory'
judge zentrios --ca root.pem
says 'update: nobody knows' 'unknown  update                whether it keeps them is not published (unverified)'
judge netcontrol --ca fatroot.pem
says 'netcontrol: 4096 bytes of a file' "REFUSED  file-size             'fatroot.pem': $(stat -c %s fatroot.pem) bytes (4096 bytes)"

# ---- every rule has been seen, good and bad -----------------------------------------------------
judge wiced --all --ca root.pem
rules=$(grep -E '^(ok|n/a|unknown|warning|REFUSED) ' lines | awk '{print $2}' | sort -u)
check_match 'there are many rules' '^4[0-9]$' "$(wc -l <<<"$rules")"
for rule in $rules; do
    good=$(grep -cE "^ok $rule\$" seen)
    bad=$(grep -cE "^(warning|REFUSED) $rule\$" seen)
    case $rule in
    clock | tls-version | sni | update) bad=1 ;;  # facts of the device, for information
    time-encoding) bad=1 ;;        # OpenSSL's tools do not make such a certificate: test_bundle.c
    esac
    if [ "$good" -gt 0 ] && [ "$bad" -gt 0 ]; then
        pass "rule $rule: seen good and bad"
    else
        fail "rule $rule: seen good and bad" "good: $good, bad: $bad"
    fi
done

# ---- JSON ---------------------------------------------------------------------------------------
run cert-bundle check --at "$at" -p spwf04s --json --ca root.pem
code 'JSON: the same verdict' 1
check_equal 'JSON: a finding' 'line-ends refused lines end in LF CR LF' "$(python3 -c '
import json, sys
d = json.load(sys.stdin)
f = [f for f in d["findings"] if f["rule"] == "line-ends"][0]
assert d["refused"] is True and d["count"]["refused"] == 1 and d["profile"] == "spwf04s"
print(f["rule"], f["verdict"], f["measured"], f["limit"])' <.stdout)"

# ---- the manual page ----------------------------------------------------------------------------
page=$(sed 's/\\-/-/g' "$FK_ROOT/tools/cert-bundle.1")
check_equal 'the manual page has every rule' '' \
    "$(for rule in $rules; do grep -qxF ".B $rule" <<<"$page" || echo "$rule"; done)"
check_equal 'the manual page has every option' '' \
    "$(for sub in '' check explain replay; do cert-bundle $sub --help; done |
        sed -nE 's/^ +(-., )? *--([a-z0-9-]+).*/\2/p' | sort -u |
        while read -r o; do grep -qE -- "--$o([^a-z0-9-]|\$)" <<<"$page" || echo "$o"; done)"

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# PKCS#12 files as openssl, Windows and browsers write them.
source "$FK_ROOT/tests/support/check.sh"
umask 022
export PW='correct horse'

# root -> intermediate -> two devices, one with an RSA and one with an EC key
issue() { # name, issuer, extension, key
    openssl req -new -key "$4" -subj "/CN=$1" -out "$1.csr" 2>/dev/null
    openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 90 \
        -extfile <(echo "$3") -out "$1.pem" 2>/dev/null
}
for k in root inter alice; do openssl ecparam -name prime256v1 -genkey -noout -out $k.key; done
openssl genrsa -traditional -out bob.key 1024 2>/dev/null
openssl req -new -x509 -key root.key -subj /CN=root -days 90 -out root.pem
issue inter root basicConstraints=critical,CA:TRUE inter.key
issue alice inter basicConstraints=CA:FALSE alice.key
issue bob inter basicConstraints=CA:FALSE bob.key
cat root.pem inter.pem >wrong-order.pem
cat inter.pem root.pem >chain.pem
openssl pkcs8 -topk8 -nocrypt -in alice.key -out alice.pkcs8
openssl pkcs8 -topk8 -nocrypt -in bob.key -out bob.pkcs8

export_p12() { # file, options...
    local file=$1
    shift
    openssl pkcs12 -export -inkey alice.key -in alice.pem -certfile wrong-order.pem -name alice \
        -out "$file" "$@"
}
export_p12 modern.p12 -passout env:PW
export_p12 legacy.p12 -passout env:PW -legacy
export_p12 3des.p12 -passout env:PW -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1
export_p12 rc2.p12 -passout env:PW -provider legacy -provider default -keypbe PBE-SHA1-RC2-40 -certpbe PBE-SHA1-RC2-128
export_p12 aes.p12 -passout env:PW -keypbe AES-128-CBC -certpbe NONE -macalg sha512
export_p12 nomac.p12 -passout env:PW -nomac
export_p12 clear.p12 -passout pass: -keypbe NONE -certpbe NONE -nomac
export_p12 empty.p12 -passout pass:

for f in modern legacy 3des rc2 aes nomac; do
    rm -f k c a
    check_ok "$f: split" key-convert --p12 $f.p12 --passin env:PW --out-key k --out-cert c --out-ca a
    check_same_file "$f: key" alice.pkcs8 k
    check_same_file "$f: certificate of the key" alice.pem c
    check_same_file "$f: the others, issuer first" chain.pem a
    check_equal "$f: modes" '600 644 644' "$(stat -c %a k c a | tr '\n' ' ' | sed 's/ $//')"
    check_equal "$f: three results, no more" "3 $([ $f = nomac ] && echo 1 || echo 0)" \
        "$(wc -l <.stdout) $(wc -l <.stderr)"
    rm -f k c a
    check_refused "$f: wrong pass phrase" 1 "'$f.p12': wrong pass phrase" \
        key-convert --p12 $f.p12 --passin file:<(echo wrong) --out-key k --out-cert c --out-ca a
    check_refused "$f: no pass phrase" 1 "'$f.p12': the file is protected by a pass phrase; give it with --passin env:NAME" \
        key-convert --p12 $f.p12 --out-key k --out-cert c --out-ca a
    check_equal "$f: nothing is written" '' "$(ls k c a 2>/dev/null)"
done
check_match 'legacy files are legacy' 'RC2' "$(openssl pkcs12 -legacy -info -noout -in legacy.p12 -passin env:PW 2>&1)"
for f in empty clear; do
    check_ok "$f: needs no pass phrase" key-convert --p12 $f.p12 --out-key k --out-cert c --force
    check_same_file "$f: key" alice.pkcs8 k
done
run key-convert --p12 nomac.p12 --passin env:PW --out-key k --force
check_match 'no MAC is a warning' "'nomac.p12' has no MAC: nothing proves that it is complete" "$err"
check_match 'certificates that are not asked for are mentioned' '2 more certificates are left out; take them with --out-ca' "$err"

# ---- the key as a target takes it ---------------------------------------------------------------
check_ok 'SEC1 with EC PARAMETERS out of a .p12' \
    key-convert --p12 legacy.p12 --passin env:PW --to sec1 --ec-params --crlf --out-key k --out-cert c --force
check_same_file 'is what the module takes' <({ openssl ecparam -name prime256v1; cat alice.key; } | sed 's/$/\r/') k
check_same_file 'and the certificate has CRLF, too' <(sed 's/$/\r/' alice.pem) c
check_ok 'DER out of a .p12' key-convert --p12 modern.p12 --passin env:PW --form der --out-key k --out-cert c --force
check_same_file 'certificate DER' <(openssl x509 -in alice.pem -outform DER) c
rm -f k c a
check_refused 'two certificates do not fit one DER file' 1 'a DER file holds one certificate, but there are 2' \
    key-convert --p12 modern.p12 --passin env:PW --form der --out-key k --out-cert c --out-ca a
check_equal 'and no other output is left behind' '' "$(ls k c a 2>/dev/null)"
check_refused 'PKCS#1 for an EC key' 1 "'modern.p12': PKCS#1 is for RSA keys only" \
    key-convert --p12 modern.p12 --passin env:PW --to pkcs1 --out-key k --out-cert c
check_ok 'the key of the .p12 is checked' key-convert --p12 modern.p12 --passin env:PW --check alice.pem --out-key k
check_refused 'against another certificate' 1 'does not belong to the certificate .bob.pem' \
    key-convert --p12 modern.p12 --passin env:PW --check bob.pem --out-key k2
echo keep >c
check_refused 'one output exists' 1 "'c' exists; use --force" \
    key-convert --p12 modern.p12 --passin env:PW --out-key k2 --out-cert c
check_absent 'the other one is not written' k2
check_equal 'the existing one is left alone' keep "$(cat c)"

# ---- several keys, BER, certificates alone --------------------------------------------------------
openssl pkcs12 -export -inkey bob.key -in bob.pem -name bob -passout pass: -keypbe NONE -certpbe NONE -nomac -out bob.p12
python3 - <<'END'
def tlv(b, at=0):
    n, h = b[at + 1], 2
    if n >= 0x80:
        h += n & 0x7f
        n = int.from_bytes(b[at + 2:at + h], 'big')
    return b[at], b[at + h:at + h + n], at + h + n
def items(b):
    at = 0
    while at < len(b):
        start = at
        at = tlv(b, at)[2]
        yield b[start:at]
def der(tag, c):
    n = len(c)
    l = bytes([n]) if n < 0x80 else bytes([0x82]) + n.to_bytes(2, 'big')
    return bytes([tag]) + l + c
def safes(name):
    version, auth = items(tlv(open(name, 'rb').read())[1])
    oid, explicit = items(tlv(auth)[1])
    return version, oid, tlv(tlv(tlv(explicit)[1])[1])[1]
v, oid, a = safes('clear.p12')
b = safes('bob.p12')[2]
pfx = v + der(0x30, oid + der(0xa0, der(0x04, der(0x30, a + b))))
open('both.p12', 'wb').write(der(0x30, pfx))
open('ber.p12', 'wb').write(b'\x30\x80' + pfx + b'\0\0')
open('tail.p12', 'wb').write(der(0x30, pfx) + b'xx')
open('cut.p12', 'wb').write(der(0x30, pfx)[:700])

# Bags and MACs that openssl does not write: secrets, bags in bags, hours of MAC, unknown MAC.
bags = bytes.fromhex('060b2a864886f70d010c0a01')  # 1.2.840.113549.1.12.10.1.x, x to follow
data = bytes.fromhex('06092a864886f70d010701')
def bag(kind, value):
    return der(0x30, bags + bytes([kind]) + der(0xa0, value))
def pfx_of(contents, mac=b''):
    info = der(0x30, data + der(0xa0, der(0x04, contents)))
    return der(0x30, v + der(0x30, data + der(0xa0, der(0x04, der(0x30, info)))) + mac)
key = b''.join(x for i in items(a) for x in items(tlv(tlv(tlv(list(items(tlv(i)[1]))[1])[1])[1])[1])
               if x.find(bags + b'\x01') >= 0)
secret = bag(5, der(0x30, data + der(0xa0, der(0x04, b'secret'))))
nested = key
for depth in range(8):
    if depth in (3, 6):
        open('nested%d.p12' % depth, 'wb').write(pfx_of(der(0x30, nested + secret)))
    nested = bag(6, der(0x30, nested))
sha1 = bytes.fromhex('06052b0e03021a0500')
def mac(alg, iterations):
    return der(0x30, der(0x30, der(0x30, alg) + der(0x04, bytes(20))) + der(0x04, bytes(8)) +
               der(0x02, iterations.to_bytes((iterations.bit_length() + 8) // 8, 'big')))
open('slowmac.p12', 'wb').write(pfx_of(der(0x30, key), mac(sha1, 20000000)))
open('pbmac.p12', 'wb').write(pfx_of(der(0x30, key), mac(bytes.fromhex('06092a864886f70d01050e'), 20480)))
open('many.p12', 'wb').write(pfx_of(der(0x30, key * 257)))
open('junk.p12', 'wb').write(pfx_of(b'\x30\x03abc'))
END
rm -f k c a
check_ok 'bags in bags' key-convert --p12 nested3.p12 --out-key k
check_same_file 'bags in bags: key' alice.pkcs8 k
check_match 'other kinds of bags are mentioned' '1 entries of other kinds are left out' "$err"
rm k
check_refused 'bags nested without end' 1 "'nested6.p12': bags nested deeper than 4" key-convert --p12 nested6.p12 --out-key k
check_refused 'a MAC that would take minutes' 1 'the MAC asks for 20000000 iterations; the limit is 10000000' \
    key-convert --p12 slowmac.p12 --passin env:PW --out-key k
check_refused 'a MAC that is not known' 1 "MAC algorithm .*1.2.840.113549.1.5.14|MAC algorithm PBMAC1" \
    key-convert --p12 pbmac.p12 --passin env:PW --out-key k
check_refused 'too many keys' 1 'more than 256 keys and certificates' key-convert --p12 many.p12 --out-key k
check_refused 'malformed contents' 1 'malformed contents' key-convert --p12 junk.p12 --out-key k
OPENSSL_MODULES=$PWD check_refused 'no legacy provider' 1 \
    'encryption not supported .*RC2.*legacy provider, a module that is not installed \(Debian 12 has it in libssl3' \
    key-convert --p12 rc2.p12 --passin env:PW --out-key k
OPENSSL_MODULES=$PWD check_ok 'modern files do not need it' key-convert --p12 modern.p12 --passin env:PW --out-key k
check_absent 'nothing else is written' c
rm -f k c a
check_refused 'two keys are listed' 1 \
    "'both.p12': the file holds 2 private keys; choose one with --pick NUMBER or NAME: 1 'alice' \(EC secp256r1 \(P-256\)\), 2 'bob' \(RSA 1024\)" \
    key-convert --p12 both.p12 --out-key k
check_refused 'a key that is not there' 1 "no private key is 'carol'; the file holds: 1 'alice'" \
    key-convert --p12 both.p12 --pick carol --out-key k
check_absent 'no key is written' k
for pick in bob 2; do
    rm -f k c a
    run key-convert --p12 both.p12 --pick $pick --out-key k --out-cert c --out-ca a
    check_same_file "--pick $pick: key" bob.pkcs8 k
    check_same_file "--pick $pick: certificate" bob.pem c
    check_same_file "--pick $pick: the others" chain.pem a
    check_match "--pick $pick: what was left is said" '2 other keys and their certificates are left out' "$err"
done
check_ok 'BER with indefinite length' key-convert --p12 ber.p12 --pick alice --out-key k --force
check_same_file 'BER: key' alice.pkcs8 k
rm -f k c
check_refused 'bytes behind the file' 1 "'tail.p12': 2 bytes follow the PKCS#12 structure" key-convert --p12 tail.p12 --pick bob --out-key k
check_refused 'a cut file' 1 "'cut.p12': not a PKCS#12 file, or cut off" key-convert --p12 cut.p12 --out-key k
openssl pkcs12 -export -nokeys -in chain.pem -passout env:PW -out certs.p12
check_refused 'no key in the file' 1 "'certs.p12': holds no private key" key-convert --p12 certs.p12 --passin env:PW --out-key k
check_refused 'no certificate for a key' 1 'holds no certificate for a private key' key-convert --p12 certs.p12 --passin env:PW --out-cert c
check_ok 'certificates alone' key-convert --p12 certs.p12 --passin env:PW --out-ca a --force
check_equal 'certificates alone: both' 2 "$(grep -c BEGIN a)"
openssl pkcs12 -export -inkey alice.key -in alice.pem -passout env:PW -out alone.p12
check_refused 'no chain in the file' 1 "'alone.p12': holds no other certificates for --out-ca" \
    key-convert --p12 alone.p12 --passin env:PW --out-key k --out-ca x
openssl pkcs12 -export -inkey alice.key -in alice.pem -passout env:PW -iter 1000000 -maciter -nomac -out slow.p12
xxd -p slow.p12 | tr -d '\n' | sed 's/02030f4240/02037fffff/g' | xxd -r -p >changed.p12
check_refused 'a changed iteration count' 1 'wrong pass phrase, or the file is damaged' key-convert --p12 changed.p12 --passin env:PW --out-key k
check_refused 'a key given as .p12' 1 "'alice.key': holds an EC private key \(SEC1\), expected a PKCS#12 file" \
    key-convert --p12 alice.key --out-key k
check_refused 'a .p12 given as a key' 1 "'modern.p12' holds a PKCS#12 file; split it with: key-convert --p12" key-convert modern.p12 k
check_absent 'no key is written for any of them' k
run key-convert --info modern.p12 --passin env:PW
check_match 'info of the contents' 'CN = inter' "$out"

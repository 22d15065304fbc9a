# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Every conversion is compared byte for byte with what openssl writes for the same key, and read
# back by openssl and, where it knows the curve, by GnuTLS.
source "$FK_ROOT/tests/support/check.sh"
umask 022
export PW='correct horse'
old=(-provider legacy -provider default)

# ---- keys: NAME.{pkcs1,sec1,pkcs8}.{pem,der} as openssl writes them -----------------------------
rsa_types='rsa1024 rsa2048'
ec_types='prime192v1 secp224r1 prime256v1 secp384r1 secp521r1 secp256k1 brainpoolP256r1 brainpoolP512t1'
raw_types='ed25519 ed448 x25519 x448'
for t in $rsa_types; do
    openssl genrsa -traditional -out "$t.pkcs1.pem" "${t#rsa}" 2>/dev/null
    openssl rsa -in "$t.pkcs1.pem" -traditional -outform DER -out "$t.pkcs1.der" 2>/dev/null
done
for t in $ec_types; do
    openssl ecparam -name "$t" -genkey -noout -out "$t.sec1.pem"
    openssl ec -in "$t.sec1.pem" -outform DER -out "$t.sec1.der" 2>/dev/null
done
for t in $raw_types; do
    openssl genpkey -algorithm "$t" -out "$t.any.pem"
done
for t in $rsa_types $ec_types $raw_types; do
    from=$(ls "$t".*.pem)
    openssl pkcs8 -topk8 -nocrypt -in "$from" -out "$t.pkcs8.pem"
    openssl pkcs8 -topk8 -nocrypt -in "$from" -outform DER -out "$t.pkcs8.der"
    openssl pkey -in "$t.pkcs8.pem" -pubout -out "$t.pub"
    rm -f "$t.any.pem"
done

# ---- every direction ------------------------------------------------------------------------------
structure_of() { case $1 in rsa*) echo pkcs1 ;; ed* | x*) echo ;; *) echo sec1 ;; esac; }
for t in $rsa_types $ec_types $raw_types; do
    own=$(structure_of "$t")
    for to in $own pkcs8; do
        for form in pem der; do
            bad=
            for from in "$t".{pkcs1,sec1,pkcs8}.{pem,der}; do
                [ -e "$from" ] || continue
                key-convert --to "$to" --form $form "$from" out.key --force >/dev/null 2>err.txt &&
                    cmp -s out.key "$t.$to.$form" || bad+="$from: $(cat err.txt) "
            done
            [ "$form" = der ] || key-convert --to "$to" --form pem --crlf "$t.pkcs8.der" crlf.key --force >/dev/null &&
                cmp -s <(sed 's/$/\r/' "$t.$to.pem") crlf.key || [ "$form" = der ] || bad+='crlf '
            openssl pkey -in out.key -pubout 2>/dev/null | cmp -s - "$t.pub" || bad+='openssl reads another key '
            check_equal "$t to $to $form is what openssl writes, from every form" '' "$bad"
        done
    done
done
for t in rsa2048 prime256v1 secp384r1 ed25519; do
    key-convert "$t.pkcs8.der" --to "$(structure_of "$t" | grep . || echo pkcs8)" --form pem gnutls.key --force >/dev/null
    check_equal "GnuTLS reads $t" "$(certtool --load-privkey "$t.pkcs8.pem" --pubkey-info | grep -v '^$')" \
        "$(certtool --load-privkey gnutls.key --pubkey-info 2>&1 | grep -v '^$')"
done
check_match 'PKCS#1 is nine integers, the first zero' '^SEQUENCE INTEGER:00 INTEGER' "$(
    key-convert rsa2048.pkcs8.pem --to pkcs1 - | openssl asn1parse | awk '{sub(/.*(cons|prim): */, ""); gsub(/ +/, ""); printf "%s ", $0}')"
check_equal 'the number of integers' 9 "$(key-convert rsa2048.pkcs8.pem --to pkcs1 - | openssl asn1parse | grep -c INTEGER)"
check_match 'SEC1 has version, octets, [0] curve, [1] point' \
    'INTEGER.*OCTET STRING.*cont \[ 0 \].*OBJECT.*prime256v1.*cont \[ 1 \].*BIT STRING' "$(
    key-convert prime256v1.pkcs8.pem --to sec1 - | openssl asn1parse | tr '\n' ' ')"
check_match 'the DER of PKCS#8 stays the form without --form' 'PKCS#8, DER' "$(key-convert rsa2048.pkcs8.der same.key)"
check_same_file 'without --to and --form a key stays as it is' rsa2048.pkcs8.der same.key
check_equal 'a key file is for its owner only' 600 "$(stat -c %a same.key)"

# ---- what cannot be ---------------------------------------------------------------------------------
check_refused 'Ed25519 has no PKCS#1' 1 "'ed25519.pkcs8.pem' line 1: PKCS#1 is for RSA keys only and has no form for Ed25519" \
    key-convert --to pkcs1 ed25519.pkcs8.pem no.key
check_refused 'X25519 has no SEC1' 1 'SEC1 is for EC keys only' key-convert --to sec1 x25519.pkcs8.pem no.key
check_refused 'RSA has no SEC1' 1 'no form for RSA keys; use pkcs1 or pkcs8' key-convert --to sec1 rsa1024.pkcs8.pem no.key
check_refused 'EC has no PKCS#1' 1 'no form for EC keys; use sec1 or pkcs8' key-convert --to pkcs1 prime256v1.sec1.pem no.key
check_refused 'RSA has no EC PARAMETERS' 1 'goes with SEC1 keys only; .* PKCS#1 key of type RSA' \
    key-convert --ec-params rsa1024.pkcs1.pem no.key
openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:1024 -out pss.pem 2>/dev/null
check_refused 'RSA-PSS has no PKCS#1' 1 'cannot say that an RSA key is restricted to PSS' key-convert --to pkcs1 pss.pem no.key
openssl dsaparam -out dsa.param 1024 2>/dev/null
openssl genpkey -paramfile dsa.param -out dsa.pem 2>/dev/null
check_refused 'DSA is not supported' 1 "'dsa.pem' line 1: keys of type DSA are not supported" key-convert dsa.pem no.key
openssl genrsa -traditional -primes 3 -out primes.pem 1024 2>/dev/null
check_refused 'more than two primes' 1 'more than two primes' key-convert --to pkcs1 primes.pem no.key
check_absent 'nothing was written' no.key

# ---- EC PARAMETERS ----------------------------------------------------------------------------------
{ openssl ecparam -name prime256v1; cat prime256v1.sec1.pem; } >params.pem
check_ok 'EC PARAMETERS are added' key-convert --ec-params prime256v1.pkcs8.pem --to sec1 added.pem
check_same_file 'EC PARAMETERS stand in front of the key' params.pem added.pem
check_ok 'EC PARAMETERS are removed' key-convert params.pem removed.pem
check_same_file 'without EC PARAMETERS' prime256v1.sec1.pem removed.pem
check_equal 'they belong to the key: nothing is left out' '' "$err"
check_ok 'and stay with --ec-params' key-convert --ec-params params.pem stay.pem
check_same_file 'EC PARAMETERS stay' params.pem stay.pem

# ---- EC keys as small tools write them ------------------------------------------------------------
openssl ec -in prime256v1.sec1.pem -no_public -out nopublic.pem 2>/dev/null
openssl ec -in prime256v1.sec1.pem -conv_form compressed -out compressed.pem 2>/dev/null
openssl ec -in prime256v1.sec1.pem -param_enc explicit -out explicit.pem 2>/dev/null
openssl pkey -in explicit.pem -out explicit8.pem
# SEC1 without [0]: only version, number and point, as Java and some boards write it
number=$(openssl asn1parse -in prime256v1.sec1.pem | sed -n 's/.*OCTET STRING *\[HEX DUMP\]:\(.*\)/\1/p' | tr A-F a-f)
bits=$(openssl ec -in prime256v1.sec1.pem -pubout -outform DER 2>/dev/null | tail -c 65 | xxd -p | tr -d '\n')
cat >bare.cnf <<END
asn1 = SEQUENCE:key
[key]
version = INTEGER:1
number = FORMAT:HEX,OCTETSTRING:$number
point = EXPLICIT:1,FORMAT:HEX,BITSTRING:$bits
END
openssl asn1parse -genconf bare.cnf -noout -out bare.der
{ openssl ecparam -name prime256v1; echo '-----BEGIN EC PRIVATE KEY-----'; base64 bare.der; echo '-----END EC PRIVATE KEY-----'; } >bare.pem
while read -r file note; do
    run key-convert --to sec1 "$file" ec.pem --force
    check_same_file "$file gives the canonical key" prime256v1.sec1.pem ec.pem
    check_match "$file: what was done is said" "$note" "$out"
done <<'END'
nopublic.pem public part was missing and has been computed
compressed.pem public part was compressed
explicit.pem curve was given by its parameters and is now given by name
explicit8.pem curve was given by its parameters and is now given by name
bare.pem curve was taken from the EC PARAMETERS block
END
check_refused 'no curve anywhere' 1 'does not name its curve, and no EC PARAMETERS block' key-convert bare.der no.key
# another generator on the same curve: valid numbers, but no named curve
openssl pkey -in explicit8.pem -outform DER -out explicit8.der
g=6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296
two_g=7cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc4766997807775510db8ed040293d9ac69f7430dbba7dade63ce982299e04b79d227873d1
xxd -p explicit8.der | tr -d '\n' | sed "s/04$g.\{64\}/04$two_g/" | xxd -r -p >foreign.der
check_refused 'explicit parameters that equal no named curve' 1 'explicit curve parameters that equal no named curve' \
    key-convert foreign.der no.key

# ---- damaged keys ---------------------------------------------------------------------------------
xxd -p prime256v1.sec1.der | tr -d '\n' | sed "s/$number/${number:0:60}0000/" | xxd -r -p >changed.der
check_refused 'a public part of another key' 1 "'changed.der': the numbers of the key do not fit together" key-convert changed.der no.key
exponent=$(openssl asn1parse -inform DER -in rsa1024.pkcs1.der | awk -F: '/INTEGER/{print $4}' | sed -n 9p | tr A-F a-f)
xxd -p rsa1024.pkcs1.der | tr -d '\n' | sed "s/${exponent:20:20}/00000000000000000000/" | xxd -r -p >crt.der
check_refused 'a damaged CRT coefficient' 1 'the numbers of the key do not fit together' key-convert crt.der no.key
head -c 400 rsa1024.pkcs1.der >cut.der
{ cat rsa1024.pkcs1.der; printf '\n'; } >tail.der
check_refused 'a cut file' 1 "'cut.der': cut off: the object claims [0-9]+ bytes, but only 400" key-convert cut.der no.key
check_refused 'bytes behind the key' 1 '1 bytes follow the object' key-convert tail.der no.key

# OneAsymmetricKey of RFC 5958 with the public key, which openssl 3.0 does not read
seed=$(openssl asn1parse -inform DER -in ed25519.pkcs8.der | sed -n 's/.*\[HEX DUMP\]:\(.*\)/\1/p')
public=$(openssl pkey -in ed25519.pkcs8.der -pubout -outform DER | tail -c 32 | xxd -p -c 64)
for variant in right:"$public" wrong:"00${public:2}"; do
    cat >v2.cnf <<END
asn1 = SEQUENCE:key
[key]
version = INTEGER:1
algorithm = SEQUENCE:alg
key = FORMAT:HEX,OCTETSTRING:$seed
public = IMPLICIT:1,FORMAT:HEX,BITSTRING:${variant#*:}
[alg]
oid = OID:ED25519
END
    openssl asn1parse -genconf v2.cnf -noout -out "v2-${variant%%:*}.der"
done
check_ok 'PKCS#8 version 1 with its public key' key-convert v2-right.der v2.key
check_same_file 'becomes version 0' ed25519.pkcs8.der v2.key
check_refused 'PKCS#8 version 1 with another public key' 1 'the public key that comes with the private key is another one' \
    key-convert v2-wrong.der no.key

# ---- pass phrases -----------------------------------------------------------------------------------
for prf in SHA1 SHA224 SHA256 SHA384 SHA512 SHA512-224 SHA512-256; do
    openssl pkcs8 -topk8 -in prime256v1.sec1.pem -passout env:PW -v2 aes-128-cbc -v2prf "hmacWith$prf" -out "enc-prf-$prf.pem" 2>/dev/null
done
for cipher in aes-128-cbc aes-192-cbc aes-256-cbc des-ede3-cbc camellia-256-cbc aria-128-cbc aes-256-ofb aes-128-cfb; do
    openssl pkcs8 -topk8 -in prime256v1.sec1.pem -passout env:PW -v2 $cipher -out enc-v2-$cipher.pem
done
for cipher in des-cbc rc2-cbc; do
    openssl pkcs8 "${old[@]}" -topk8 -in prime256v1.sec1.pem -passout env:PW -v2 $cipher -out enc-v2-$cipher.pem
done
openssl pkcs8 -topk8 -in prime256v1.sec1.pem -passout env:PW -scrypt -out enc-scrypt.pem
for pbe in MD5-DES SHA1-DES MD5-RC2-64 SHA1-RC2-64 SHA1-RC4-128 SHA1-RC4-40 SHA1-3DES SHA1-2DES SHA1-RC2-128 SHA1-RC2-40; do
    openssl pkcs8 "${old[@]}" -topk8 -in prime256v1.sec1.pem -passout env:PW -v1 "PBE-$pbe" -out "enc-v1-$pbe.pem"
done
for cipher in aes128 aes256 des3 camellia128 aria256; do
    openssl ec -in prime256v1.sec1.pem -$cipher -passout env:PW -out enc-pem-$cipher.pem 2>/dev/null
done
openssl ec "${old[@]}" -in prime256v1.sec1.pem -des -passout env:PW -out enc-pem-des.pem 2>/dev/null
n=0
for f in enc-*.pem; do
    n=$((n + 1))
    run key-convert --to sec1 --passin env:PW "$f" clear.pem --force
    check_same_file "$f: right pass phrase" prime256v1.sec1.pem clear.pem
    check_match "$f: its removal is said" 'pass phrase has been removed \(was [^ ].*\)' "$out"
done
check_equal 'encrypted forms made by openssl' 34 "$n"
for f in enc-v2-aes-256-cbc enc-scrypt enc-v1-SHA1-RC2-40 enc-pem-des3 enc-pem-des; do
    check_refused "$f: no pass phrase" 1 \
        "'$f.pem' line 1: the private key is encrypted \(.+\); give its pass phrase with --passin env:NAME, file:PATH or fd:N" \
        key-convert $f.pem no.key
    check_refused "$f: wrong pass phrase" 1 "wrong pass phrase, or the file is damaged" \
        key-convert --passin file:<(echo wrong) $f.pem no.key
done
openssl pkcs8 -topk8 -in rsa2048.pkcs8.pem -passout env:PW -outform DER -out enc.der
check_ok 'encrypted DER' key-convert --passin env:PW enc.der enc.out
check_same_file 'encrypted DER becomes clear DER' rsa2048.pkcs8.der enc.out
openssl rsa -in rsa2048.pkcs8.pem -traditional -aes256 -passout env:PW -out enc-rsa.pem 2>/dev/null
check_ok 'traditional RSA' key-convert --passin env:PW --to pkcs8 enc-rsa.pem enc.out --force
check_same_file 'traditional RSA becomes PKCS#8' rsa2048.pkcs8.pem enc.out
sed 's/AES-256-CBC,/AES-256-CBC,00/' enc-rsa.pem >dek.pem
check_refused 'DEK-Info with a long IV' 1 "malformed DEK-Info .*expected 32 hexadecimal digits" key-convert --passin env:PW dek.pem no.key
sed 's/AES-256-CBC,/AES-256-GCM,/' enc-rsa.pem >dek.pem
check_refused 'DEK-Info with a cipher it never had' 1 'encryption AES-256-GCM is not supported' key-convert --passin env:PW dek.pem no.key
sed 's/AES-256-CBC,/ROT13,/' enc-rsa.pem >dek.pem
check_refused 'DEK-Info with an unknown cipher' 1 'encryption not supported \(ROT13\)' key-convert --passin env:PW dek.pem no.key
openssl pkcs8 -topk8 -in prime256v1.sec1.pem -passout env:PW -v2 aes-128-cbc -iter 1000000 -outform DER -out slow.der
for count in 0203ffffff 0203000000; do # -1 and 0 in place of 1000000
    xxd -p slow.der | tr -d '\n' | sed "s/02030f4240/$count/" | xxd -r -p >iter.der
    check_refused "iteration count $count" 1 'no valid iteration count|malformed PBKDF2' key-convert --passin env:PW iter.der no.key
done
cat >many.cnf <<'END'
asn1 = SEQUENCE:outer
[outer]
alg = SEQUENCE:pbes2
data = FORMAT:HEX,OCTETSTRING:00112233445566778899aabbccddeeff
[pbes2]
oid = OID:PBES2
params = SEQUENCE:params
[params]
kdf = SEQUENCE:kdf
cipher = SEQUENCE:cipher
[cipher]
oid = OID:AES-128-CBC
iv = FORMAT:HEX,OCTETSTRING:00112233445566778899aabbccddeeff
END
printf '[kdf]\noid = OID:PBKDF2\nparams = SEQUENCE:p\n[p]\nsalt = FORMAT:HEX,OCTETSTRING:0011223344556677\niter = INTEGER:2000000000\n' |
    cat many.cnf - >work.cnf
openssl asn1parse -genconf work.cnf -noout -out work.der
check_refused 'PBKDF2 that would take hours' 1 'asks for 2000000000 iterations; the limit is 10000000' key-convert --passin env:PW work.der no.key
printf '[kdf]\noid = OID:id-scrypt\nparams = SEQUENCE:p\n[p]\nsalt = FORMAT:HEX,OCTETSTRING:0011223344556677\nn = INTEGER:262144\nr = INTEGER:1\np = INTEGER:65536\n' |
    cat many.cnf - >work.cnf
openssl asn1parse -genconf work.cnf -noout -out work.der
check_refused 'scrypt that would take hours' 1 'more work than the limit' key-convert --passin env:PW work.der no.key
printf '[kdf]\noid = OID:1.2.3.4\nparams = NULL:\n' | cat many.cnf - >work.cnf
openssl asn1parse -genconf work.cnf -noout -out work.der
check_refused 'a key derivation that is not known' 1 'key derivation 1.2.3.4 is not supported' key-convert --passin env:PW work.der no.key
printf '[kdf]\noid = OID:id-scrypt\nparams = SEQUENCE:p\n[p]\nsalt = FORMAT:HEX,OCTETSTRING:0011223344556677\nn = INTEGER:1048576\nr = INTEGER:8\np = INTEGER:1\n' |
    cat many.cnf - >work.cnf
openssl asn1parse -genconf work.cnf -noout -out work.der
check_refused 'scrypt that needs a gigabyte' 1 'needs more than 32 MiB' key-convert --passin env:PW work.der no.key
printf -- '-----BEGIN DSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,0011223344556677\n\nAAAA\n-----END DSA PRIVATE KEY-----\n' >dsa-old.pem
check_refused 'an encrypted block of another kind' 1 "encrypted block 'DSA PRIVATE KEY' is not supported" key-convert dsa-old.pem no.key
sed 's/,0011223344556677//' dsa-old.pem | sed 's/DSA/RSA/' >dek.pem
check_refused 'DEK-Info without an IV' 1 "malformed DEK-Info 'DES-EDE3-CBC'" key-convert --passin env:PW dek.pem no.key
check_absent 'nothing was written for any of them' no.key

printf '%s\r\nsecond line\n' "$PW" >pw.txt
for src in file:pw.txt fd:7 "file:$PWD/pw.txt"; do
    check_ok "pass phrase from ${src%%/*}" key-convert --passin "$src" enc-scrypt.pem out.key --force 7<pw.txt
done
check_refused 'pass: is refused' 2 'does not take the pass phrase itself.*process list' key-convert --passin "pass:$PW" enc-scrypt.pem no.key
check_equal 'and not repeated' 0 "$(grep -c 'correct horse' .stderr)"
check_refused 'a bare pass phrase is refused' 2 'takes env:NAME, file:PATH or fd:N' key-convert --passin "$PW" enc-scrypt.pem no.key
check_equal 'and not repeated either' 0 "$(grep -c 'correct horse' .stderr)"
check_refused 'an unset variable' 3 "the environment variable 'NOT_SET' is not set" key-convert --passin env:NOT_SET enc-scrypt.pem no.key
check_refused 'a missing file' 3 '--passin: cannot open' key-convert --passin file:absent enc-scrypt.pem no.key
check_refused 'a closed descriptor' 3 'cannot read file descriptor 9' key-convert --passin fd:9 enc-scrypt.pem no.key
check_refused 'a descriptor that is none' 2 'takes the number' key-convert --passin fd:x enc-scrypt.pem no.key
check_refused 'an endless pass phrase' 1 'longer than' key-convert --passin file:<(head -c 3000 /dev/zero | tr '\0' a) enc-scrypt.pem no.key
run key-convert --passin env:PW prime256v1.sec1.pem out.key --force
check_match 'a pass phrase that was not needed is said' 'is not encrypted; --passin was not needed' "$err"
check_absent 'no key was written' no.key

# ---- certificates ------------------------------------------------------------------------------------
openssl req -new -x509 -key prime256v1.sec1.pem -subj '/CN=device 1' -days 99 -out cert.pem
openssl x509 -in cert.pem -outform DER -out cert.der
openssl req -new -x509 -key secp384r1.sec1.pem -subj '/CN=other' -days 99 -out other.pem
check_ok 'certificate PEM to DER' key-convert --form der cert.pem c.der
check_same_file 'certificate DER' cert.der c.der
check_equal 'a certificate may be read by all' 644 "$(stat -c %a c.der)"
check_ok 'certificate DER to PEM' key-convert --form pem cert.der c.pem
check_same_file 'certificate PEM' cert.pem c.pem
check_ok 'certificate with CRLF' key-convert --crlf cert.pem c.crlf
check_same_file 'certificate CRLF' <(sed 's/$/\r/' cert.pem) c.crlf
openssl x509 -in cert.pem -trustout -addtrust serverAuth -out trusted.pem
check_ok 'a trusted certificate' key-convert trusted.pem c.pem --force
check_same_file 'loses the trust settings of openssl' cert.pem c.pem
cat cert.pem other.pem >two.pem
check_ok 'several certificates stay together in PEM' key-convert --lf two.pem c.pem --force
check_same_file 'in their order' two.pem c.pem
check_refused 'but not in DER' 1 "'two.pem': a DER file holds one certificate, but there are 2" key-convert --form der two.pem no.der
check_absent 'no certificate was written' no.der
{ echo 'Bag Attributes'; cat cert.pem; openssl x509 -in other.pem -text; cat prime256v1.sec1.pem; } >soup.pem
run key-convert soup.pem soup.key
check_same_file 'the key of a file with certificates' prime256v1.sec1.pem soup.key
check_equal 'what was left is said' 2 "$(grep -c 'line [0-9]*: a certificate is left out' .stderr)"
run key-convert --certs soup.pem soup.crt
check_same_file 'the certificates of a file with a key' two.pem soup.crt
check_match 'what was left is said with --certs' 'line [0-9]+: an EC private key \(SEC1\) is left out' "$err"
cat prime256v1.sec1.pem secp384r1.sec1.pem >keys.pem
check_refused 'two keys' 1 "'keys.pem' holds: 2 private keys; choose one with --pick NUMBER: 1 in line 1, 2 in line [0-9]" \
    key-convert keys.pem no.key
check_ok 'the second of two keys' key-convert --pick 2 keys.pem picked.key
check_same_file 'is the second' secp384r1.sec1.pem picked.key
check_refused 'the third of two keys' 1 '2 private keys; choose one' key-convert --pick 3 keys.pem no.key

# ---- key and certificate -----------------------------------------------------------------------------
check_ok 'the pair belongs together' key-convert --check cert.pem prime256v1.pkcs8.der
check_equal 'and it is said' "'prime256v1.pkcs8.der' belongs to 'cert.pem'" "$out"
check_ok 'the pair is checked before writing' key-convert --check cert.der prime256v1.pkcs8.pem --to sec1 paired.key
check_same_file 'the pair is written' prime256v1.sec1.pem paired.key
check_refused 'another certificate' 1 \
    "key 'prime256v1.sec1.pem' \(EC secp256r1 \(P-256\)\) does not belong to the certificate 'other.pem' \(CN = other, EC secp384r1" \
    key-convert --check other.pem prime256v1.sec1.pem no.key
check_refused 'another type of key' 1 'RSA 1024\) does not belong' key-convert --check cert.pem rsa1024.pkcs8.pem no.key
check_refused 'key and certificate swapped' 1 "'cert.pem' holds a certificate, expected a private key; were key and certificate swapped" \
    key-convert --check prime256v1.sec1.pem cert.pem no.key
check_refused 'a key as the certificate' 1 "'prime256v1.sec1.pem' holds an EC private key \(SEC1\), expected a certificate" \
    key-convert --check prime256v1.sec1.pem prime256v1.pkcs8.pem no.key
check_refused 'a certificate as the key' 1 "'cert.pem' holds a certificate, expected a private key$" key-convert --to pkcs1 cert.pem no.key
openssl req -new -key prime256v1.sec1.pem -subj /CN=r -out request.pem
check_refused 'a request' 1 "'request.pem' holds a certificate request, expected a private key or a certificate" key-convert request.pem no.key
openssl pkey -in prime256v1.sec1.pem -pubout -out public.pem
check_refused 'a public key' 1 'holds a public key, expected a private key' key-convert public.pem no.key
printf -- '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n-----END OPENSSH PRIVATE KEY-----\n' >ssh.key
check_refused 'an OpenSSH key' 1 'holds an OpenSSH private key, expected' key-convert ssh.key no.key
check_absent 'no key was written for any of them' no.key

# other things that come in the same files
openssl crl2pkcs7 -nocrl -certfile cert.pem -out bundle.p7b
openssl x509 -req -in request.pem -signkey prime256v1.sec1.pem -out v1.pem 2>/dev/null
printf '[ca]\ndefault_ca = a\n[a]\ndatabase = index.txt\ndefault_md = sha256\ndefault_crl_days = 9\n' >ca.cnf
: >index.txt
openssl ca -config ca.cnf -gencrl -cert cert.pem -keyfile prime256v1.sec1.pem -out list.crl 2>/dev/null
openssl rsa -in rsa1024.pkcs1.pem -RSAPublicKey_out -out rsapub.pem 2>/dev/null
for pair in bundle.p7b=pkcs7 v1.pem=certificate list.crl=crl request.pem=request public.pem=public-key rsapub.pem=public-key; do
    check_match "${pair%=*} is recognised" "kind +${pair#*=}$" "$(key-convert --info "${pair%=*}")"
done
printf -- '-----BEGIN RSA PRIVATE KEY-----\nMAMCAQA=\n-----END RSA PRIVATE KEY-----\n' >junk.pem
check_refused 'a block that holds something else' 1 'line 1: block RSA PRIVATE KEY: not what its label says' key-convert junk.pem no.key
{ printf '0'; cat rsa1024.pkcs1.der; } >zero.der
check_refused 'a byte in front of DER' 1 "'zero.der': " key-convert zero.der no.key
unknown=$(xxd -p prime256v1.pkcs8.der | tr -d '\n' | sed 's/06082a8648ce3d030107/06082a8648ce3d03017f/')
xxd -r -p <<<"$unknown" >curve.der
check_refused 'a curve that is not known' 1 'cannot read the id-ecPublicKey private key .*of a kind or curve that OpenSSL does not have' key-convert curve.der no.key
cat >big.cnf <<END
asn1 = SEQUENCE:key
[key]
v = INTEGER:0
n = INTEGER:0x$(printf 'f%.0s' {1..2200})
e = INTEGER:65537
d = INTEGER:3
p = INTEGER:3
q = INTEGER:3
dp = INTEGER:3
dq = INTEGER:3
i = INTEGER:3
END
openssl asn1parse -genconf big.cnf -noout -out big.der
check_refused 'an RSA key over the limit' 1 'an RSA key of 8800 bits; the limit is 8192' key-convert big.der no.key
check_absent 'nothing of it was written' no.key

# ---- text as it comes ------------------------------------------------------------------------------
key=prime256v1.sec1.pem
sed 's/$/\r/' $key >crlf.pem
tr '\n' '\r' <$key >cr.pem
{ printf '\xef\xbb\xbf'; cat $key; } >bom.pem
{ printf 'From: a: b\n\nBag Attributes\n    localKeyID: 01\nKey Attributes: <No Attributes>\n'; cat $key; echo bye; } >mail.pem
printf %s "$(cat $key)" >nonl.pem
sed 's/^/ \t/; s/$/  /' $key >spaces.pem
{ head -1 $key; sed '1d;$d' $key | tr -d '\n'; echo; tail -1 $key; } >oneline.pem
for f in crlf cr bom mail nonl spaces oneline; do
    run key-convert $f.pem clean.key --force
    check_same_file "tolerated and cleaned: $f" $key clean.key
done
sed 's/EC PRIVATE/PRIVATE/' $key >label.pem
run key-convert label.pem clean.key --force
check_same_file 'a wrong label' $key clean.key
check_match 'a wrong label is said' 'the PEM label was not the one' "$out"
iconv -f ASCII -t UTF-16 $key >utf16.pem
: >empty.pem
head -c 1048577 /dev/zero >huge.pem
mkdir folder
while IFS='|' read -r file code pattern; do
    check_refused "refused: $file" "$code" "$pattern" key-convert "$file" no.key
done <<'END'
utf16.pem|1|UTF-16 text.*iconv -f UTF-16
empty.pem|1|the file is empty
huge.pem|1|longer than 1048576 bytes
folder|1|is a directory
absent.pem|3|No such file
END
check_absent 'nothing was written for refused files' no.key

# ---- outputs ------------------------------------------------------------------------------------------
echo keep >exists.key
check_refused 'an output that exists' 1 "'exists.key' exists; use --force" key-convert $key exists.key
check_equal 'is left alone' keep "$(cat exists.key)"
chmod 644 exists.key
check_ok 'and replaced with --force' key-convert --force $key exists.key
check_equal 'with the mode of a key' 600 "$(stat -c %a exists.key)"
run key-convert $key -
check_equal 'standard output' "$(cat $key)" "$out"
check_equal 'has only the key' '' "$err"
check_equal 'standard input' "$(cat $key)" "$(key-convert - - <prime256v1.pkcs8.pem --to sec1)"
check_refused 'a folder that is missing' 3 'No such file' key-convert $key absent/x.key
script -qec "key-convert $key -" /dev/null >tty.txt 2>&1 </dev/null
check_match 'a key is not written to a terminal' 'not written to a terminal' "$(cat tty.txt)"
check_equal 'not a line of it' 0 "$(grep -c 'BEGIN' tty.txt)"
script -qec "key-convert cert.pem -" /dev/null >tty.txt 2>&1 </dev/null
check_match 'a certificate in PEM is' 'BEGIN CERTIFICATE' "$(cat tty.txt)"
strace -f -e trace=openat,open,creat,chmod,fchmod -o trace key-convert --force $key traced.key >/dev/null 2>err.txt
if [ -s traced.key ]; then # the sanitizers do not run under a tracer
    check_equal 'no file is ever opened for writing by others' 0 \
        "$(grep -E 'O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE' trace | grep -vE '/dev/|\.gcda' | grep -vc '0600)')"
    check_match 'the trace has seen the output' 'O_TMPFILE|O_CREAT' "$(cat trace)"
fi

# ---- usage ----------------------------------------------------------------------------------------------
while IFS='|' read -r pattern args; do
    # shellcheck disable=SC2086
    check_refused "usage: $args" 2 "$pattern" key-convert $args
done <<END
missing argument: IN and OUT|
missing argument: OUT|$key
--to takes pkcs1, sec1 or pkcs8|$key no.key --to pkcs12
--form takes pem or der|$key no.key --form txt
exclude each other|$key no.key --crlf --lf
exclude each other|$key no.key --ec-params --no-ec-params
DER has no lines|$key no.key --form der --crlf
--ec-params goes with --to sec1 in PEM|$key no.key --to pkcs8 --ec-params
the input is DER|prime256v1.sec1.der no.key --crlf
--certs takes certificates|$key no.key --certs --to sec1
--pick takes the number|$key no.key --pick one
--json goes with --info|$key no.key --json
go with --p12|$key no.key --out-key x
and no other file|$key --p12 x --out-key y
same name|--p12 x --out-key y --out-ca y
--info takes one or more files|--info
END

# ---- what a device takes ---------------------------------------------------------------------------------
check_ok 'profile: SPWF04S' key-convert -p spwf04s prime256v1.pkcs8.der tls.key
check_same_file 'profile: SPWF04S is SEC1, EC PARAMETERS, CRLF' <({ openssl ecparam -name prime256v1; cat $key; } | sed 's/$/\r/') tls.key
sed 's/$/\r/' rsa2048.pkcs1.pem >crlf-rsa.pem
check_ok 'profile: ZentriOS' key-convert -p zentrios crlf-rsa.pem lf.key
check_same_file 'profile: ZentriOS is PKCS#1 with LF' rsa2048.pkcs1.pem lf.key
openssl genrsa -out rsa4096.pem 4096 2>/dev/null
run key-convert -p spwf04s --use wpa-enterprise rsa4096.pem wpa.key
check_equal 'profile: RSA-4096 as DER, since PEM does not fit' 0 "$rc"
check_same_file 'profile: RSA-4096 DER' <(openssl rsa -in rsa4096.pem -traditional -outform DER 2>/dev/null) wpa.key
check_match 'profile: and it is said' 'PEM, CRLF has 32[0-9][0-9] bytes, more than 2500' "$out"
check_match 'profile: what nobody could verify is said' "could not verify 'credentials.wpa-enterprise.private_key.max_size'" "$err"
mkdir quiet
sed '/^credentials:/,$d' "$FK_ROOT/profiles/mps2-an386.yaml" >quiet/mps2-an386.yaml
while IFS='|' read -r pattern args; do
    # shellcheck disable=SC2086
    check_refused "profile: $args" 1 "$pattern" key-convert $args no.key
done <<END
TLS store of the SPWF04S takes RSA keys of 1024 to 2048 bits, not RSA 4096 \(ST AN4963.*§3.1\)|-p spwf04s rsa4096.pem
TLS store of the SPWF04S takes no Ed25519 keys|-p spwf04s ed25519.pkcs8.pem
flash page of NodeMCU .* takes no EC keys|-p nodemcu $key
does not take the curve of EC secp521r1|-p nodemcu --use tls-callback secp521r1.sec1.pem
does not take this in DER|-p netcontrol --form der rsa2048.pkcs1.pem
does not fit the 2047 bytes of the target: PKCS#1, PEM, CRLF has 3[0-9]+ bytes \(WICED SDK|-p wiced rsa4096.pem
has no credentials 'eap'; it has: tls, wpa-enterprise|-p spwf04s --use eap $key
says nothing about credentials|-p quiet/mps2-an386.yaml $key
END
check_refused 'profile: unknown' 3 'spwf04s' key-convert -p nosuch $key no.key
check_refused 'profile: with --to' 2 '--profile decides about' key-convert -p spwf04s --to pkcs8 $key no.key
check_refused 'profile: --use alone' 2 '--use goes with --profile' key-convert --use tls $key no.key
check_absent 'profile: nothing was written' no.key
check_ok 'profile: a certificate' key-convert -p spwf04s cert.pem ca.crlf
check_same_file 'profile: a certificate with CRLF' c.crlf ca.crlf
check_ok 'profile: two certificates' key-convert -p wiced two.pem two.crlf
check_same_file 'profile: two certificates in one PEM' <(sed 's/$/\r/' two.pem) two.crlf

# ---- description ----------------------------------------------------------------------------------------
run key-convert --info soup.pem rsa1024.pkcs1.der enc-scrypt.pem
check_match 'info: key' 'key +EC secp256r1 \(P-256\)' "$out"
check_match 'info: RSA' 'key +RSA 1024' "$out"
check_match 'info: encryption' 'encryption +PBES2, scrypt \(N=16384, r=8, p=1\), aes-256-cbc' "$out"
check_match 'info: subject' 'subject +CN = device 1' "$out"
run key-convert --info --json cert.pem prime256v1.sec1.pem enc-scrypt.pem --passin env:PW
check_equal 'info: JSON against openssl' "$(openssl pkey -in $key -pubout -outform DER | sha256sum | cut -c-64) same secp256r1 256 CN = device 1 $(openssl x509 -in cert.pem -noout -serial | cut -d= -f2 | tr A-F a-f) $(openssl x509 -in cert.pem -noout -ext subjectKeyIdentifier | tail -1 | tr -d ' :' | tr A-F a-f) True" "$(python3 -c '
import json
c, k, e = json.load(open(".stdout"))
print(c["spki_sha256"], "same" if c["spki_sha256"] == k["spki_sha256"] == e["spki_sha256"] else "differ",
      k["curve"], k["bits"], c["subject"], c["serial"], c["ski"], e["encrypted"])')"
check_refused 'info: a wrong pass phrase' 1 'wrong pass phrase' key-convert --info enc-scrypt.pem --passin file:$key

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
source "$FK_ROOT/tests/support/check.sh"

# ---- certificates of our own ------------------------------------------------------------------
openssl ecparam -name prime256v1 -genkey -noout -out key.pem
make_cert() { # file, openssl req options...
    local file=$1
    shift
    openssl req -new -x509 -key key.pem -out "$file" -subj "/CN=$file" "$@" 2>/dev/null
}
seed_id=c07a98688d89fbab05640c117daa7d65b8cacc4e
colons() { sed 's/../&:/g; s/:$//' <<<"$1"; }
make_cert seed.pem -addext "subjectKeyIdentifier=$(colons $seed_id)"
make_cert plain.pem -days 100
make_cert none.pem -addext subjectKeyIdentifier=none -addext authorityKeyIdentifier=none
make_cert leaf.pem -addext basicConstraints=critical,CA:FALSE
openssl x509 -in plain.pem -outform DER -out plain.der
plain_id=$(openssl x509 -in plain.pem -noout -ext subjectKeyIdentifier | tail -1 | tr -d ' :' | tr A-F a-f)

run ski-name seed.pem
check_equal 'the identifier in the certificate is the name' "$seed_id.ca" "$out"
check_match 'an identifier of another making is a warning' 'not SHA-1 of the key bits but none of' "$err"
check_match 'a root whose AKI differs is a warning' 'Authority Key Identifier is not its Subject' "$err"
run ski-name plain.pem
check_equal 'an ordinary root gives its name' "$plain_id.ca" "$out"
check_equal 'an ordinary root gives no warning' '' "$err"
run ski-name plain.der
check_equal 'DER gives the same name' "$plain_id.ca" "$out"
check_match 'a certificate that is no CA is a warning' 'not a CA' "$(ski-name leaf.pem 2>&1 >/dev/null)"

check_refused 'no identifier is refused' 1 "'none.pem' line 1 .*no Subject Key Identifier; use --compute" \
    ski-name none.pem
check_equal 'and nothing is printed' '' "$out"
run ski-name --compute none.pem
check_equal 'computed name: SHA-1 of the key bits, the same key has the same name' "$plain_id.ca" "$out"
check_match 'a computed name is said to be one' 'the name is computed, SHA-1 of the key bits' "$err"
run ski-name --compute seed.pem
check_equal 'a present identifier is never recomputed' "$seed_id.ca" "$out"

# ---- the methods that issuers use ---------------------------------------------------------------
openssl pkey -in key.pem -pubout -outform DER -out spki.der
bits_at=$(openssl asn1parse -inform DER -in spki.der | awk -F: '/BIT STRING/{print $1+0}')
openssl asn1parse -inform DER -in spki.der -strparse "$bits_at" -noout -out bits.der 2>/dev/null
# strparse of a BIT STRING leaves the content with its first, unused-bits byte cut off
digest() { openssl dgst "-$1" -r "$2" | cut -d' ' -f1; }
sha1=$(digest sha1 bits.der)
check_equal 'openssl names this key as we do' "$plain_id" "$sha1"
while read -r id pattern; do
    make_cert method.pem -addext "subjectKeyIdentifier=$(colons "$id")" -addext authorityKeyIdentifier=none
    run ski-name method.pem
    check_equal "method: $pattern: name" "$id.ca" "$out"
    check_match "method: $pattern: warning" "not SHA-1 of the key bits but $pattern" "$err"
done <<END
$(digest sha1 spki.der) SHA-1 of the whole SubjectPublicKeyInfo
4${sha1:25} the last 60 bits of SHA-1
$(digest sha256 bits.der | cut -c-40) 160 bits of SHA-256 of the key bits
$(digest sha384 bits.der | cut -c-40) 160 bits of SHA-384 of the key bits
$(digest sha512 bits.der | cut -c-40) 160 bits of SHA-512 of the key bits
$(digest sha256 bits.der) SHA-256 of the key bits
$(digest sha256 spki.der) SHA-256 of the whole SubjectPublicKeyInfo
END

# ---- lengths and bytes that break careless code --------------------------------------------------
for id in 00 2c 000d0a2c 0d0a0d0a 00000000000000000000000000000000000000ff \
    "$(printf '%064d' 0)" "$(printf 'a%.0s' {1..128})"; do
    make_cert odd.pem -addext "subjectKeyIdentifier=$(colons "$id")"
    run ski-name odd.pem
    check_equal "identifier of $((${#id} / 2)) bytes: ${id:0:8}" "$id.ca" "$out"
    if [ ${#id} -ne 40 ]; then
        check_match "identifier of $((${#id} / 2)) bytes: warning" "has $((${#id} / 2)) bytes where" "$err"
    fi
    ski-name odd.pem --binary 2>/dev/null | xxd -p -c 256 >binary.hex
    check_equal "identifier of $((${#id} / 2)) bytes: binary" "$id" "$(cat binary.hex)"
done
make_cert long.pem -addext "subjectKeyIdentifier=$(colons "$(printf 'b%.0s' {1..130})")"
check_refused 'an identifier over the limit is refused' 1 'has 65 bytes; the limit is 64' ski-name long.pem
# openssl does not write this one: the extension's OCTET STRING 04 01 77 becomes a NULL of one byte
make_cert one.pem -addext subjectKeyIdentifier=77 -addext authorityKeyIdentifier=none
openssl x509 -in one.pem -outform DER | xxd -p | tr -d '\n' | sed 's/551d0e0403040177/551d0e0403050177/' |
    xxd -r -p >broken.der
check_refused 'a malformed identifier is refused' 1 'Subject Key Identifier extension is malformed' \
    ski-name broken.der

# ---- issuer ----------------------------------------------------------------------------------------
openssl req -new -key key.pem -subj /CN=below -out below.csr 2>/dev/null
openssl x509 -req -in below.csr -CA seed.pem -CAkey key.pem -set_serial 5 -out below.pem \
    -extfile <(echo authorityKeyIdentifier=keyid) 2>/dev/null
run ski-name --issuer below.pem
check_equal 'the issuer of a certificate is named by its AKI' "$seed_id.ca" "$out"
check_ok 'the issuer name is written as bytes' ski-name --issuer --binary below.pem -o auth.bin
check_equal 'the bytes are the AKI' "$seed_id" "$(xxd -p -c 64 auth.bin)"
check_refused 'no AKI is refused' 1 'has no Authority Key Identifier' ski-name --issuer none.pem
openssl x509 -req -in below.csr -CA seed.pem -CAkey key.pem -set_serial 6 -out serial.pem \
    -extfile <(printf '[e]\nauthorityKeyIdentifier=DER:30:03:82:01:07\n') -extensions e 2>/dev/null
check_refused 'an AKI without key identifier is refused' 1 'only the issuer.s name' \
    ski-name --issuer serial.pem

# ---- files as they come ---------------------------------------------------------------------------
sed 's/$/\r/' plain.pem >crlf.pem
tr '\n' '\r' <plain.pem >cr.pem
{ printf '\xef\xbb\xbf'; cat plain.pem; } >bom.pem
{ printf 'From: someone\nSubject: the root: here\n\nBag Attributes\n    friendlyName: x\n'; cat plain.pem; } >mail.pem
printf %s "$(cat plain.pem)" >nonl.pem
sed 's/^/  /; s/$/ \t/' plain.pem >spaces.pem
for f in crlf cr bom mail nonl spaces; do
    run ski-name $f.pem
    check_equal "tolerated: $f" "$plain_id.ca" "$out"
done
iconv -f ASCII -t UTF-16 plain.pem >utf16.pem
iconv -f ASCII -t UTF-16LE plain.pem >utf16le.pem
head -c 300 plain.der >cut.der
{ cat plain.der; echo hello; } >tail.der
sed '$d' plain.pem >noend.pem
grep -v -- ----- plain.pem >bare.pem
sed 's/-----BEGIN/----BEGIN/' plain.pem >dashes.pem
sed '3s/^./*/' plain.pem >damaged.pem
sed '3s/^.//' plain.pem >lost.pem
awk '{printf "%s\\n", $0}' plain.pem >escaped.pem
: >empty.txt
head -c 1048577 /dev/zero >huge.pem
mkdir folder
while IFS='|' read -r file code pattern; do
    check_refused "refused: $file" "$code" "$pattern" ski-name "$file"
    check_equal "refused: $file: nothing printed" '' "$out"
done <<'END'
utf16.pem|1|'utf16.pem': UTF-16 text.*iconv
utf16le.pem|1|UTF-16 text
cut.der|1|'cut.der': cut off: the object claims [0-9]+ bytes, but only 300
tail.der|1|6 bytes follow the object
noend.pem|1|begun in line 1, has no END line: the file is cut off
bare.pem|1|base64 without its BEGIN and END lines
dashes.pem|1|line 1: damaged or unexpected PEM boundary
damaged.pem|1|line 3: character 1 .0x2a. is not base64
lost.pem|1|not a multiple of 4; part of it is missing
escaped.pem|1|copied out of JSON
empty.txt|1|the file is empty
huge.pem|1|longer than 1048576 bytes
folder|1|is a directory, expected a regular file
absent.pem|3|No such file
key.pem|1|'key.pem' holds an EC private key \(SEC1\), expected a certificate
below.csr|1|holds a certificate request, expected a certificate
END

# ---- several certificates, several files ----------------------------------------------------------
cat seed.pem key.pem plain.pem >both.pem
run ski-name both.pem
check_equal 'all certificates of a file, in order' "$seed_id.ca $plain_id.ca" "$(tr '\n' ' ' <<<"$out" | sed 's/ $//')"
check_match 'what is left out is said' "line [0-9]+: an EC private key .SEC1. is left out" "$err"
cat none.pem plain.pem long.pem >two-bad.pem
run ski-name two-bad.pem
check_equal 'each certificate that fails is reported' '1 2 0' "$rc $(wc -l <.stderr) $(wc -c <.stdout)"
run ski-name --list plain.pem seed.pem
check_match 'the list has source and subject' "^$plain_id.ca  'plain.pem' line 1  CN = plain.pem" "$out"
run ski-name --json seed.pem none.pem --compute
check_equal 'JSON is JSON, with the facts' "$seed_id.ca False 2 True" "$(python3 -c '
import json, sys
a, b = json.load(open(".stdout"))
print(a["name"], a["computed"], len(a["warnings"]), b["computed"])')"

# ---- copies ---------------------------------------------------------------------------------------
mkdir store
check_ok 'copies' ski-name plain.pem seed.pem --copy store
check_equal 'copies: files under their names' "$(printf '%s.ca\n' "$plain_id" "$seed_id" | sort)" "$(ls store)"
check_same_file 'copies: PEM as found' plain.pem "store/$plain_id.ca"
check_equal 'copies: mode' 644 "$(stat -c %a "store/$seed_id.ca")"
check_ok 'the same copy again is fine' ski-name plain.pem plain.pem --copy store
check_refused 'the same certificate in another form needs --force' 1 'same certificate in another form' \
    ski-name plain.pem --copy store --form der
check_ok '--force replaces it' ski-name plain.pem --copy store --form der --force
check_same_file 'copies: DER' plain.der "store/$plain_id.ca"
check_ok 'CR and BOM do not survive a copy' ski-name cr.pem --copy store --form pem --force
check_same_file 'copies: clean PEM' plain.pem "store/$plain_id.ca"
check_refused 'a folder that is missing' 3 "cannot write 'absent/.*No such file" ski-name plain.pem --copy absent

make_cert later.pem -days 900
rm store/*
check_refused 'different certificates with one name are refused' 1 \
    "'plain.pem' line 1 .*'later.pem' line 1 .*same name '$plain_id.ca'; choose with --on-collision" \
    ski-name plain.pem seed.pem later.pem --copy store
check_equal 'and nothing was copied' '' "$(ls store)"
check_ok 'keep-latest' ski-name later.pem plain.pem --copy store --on-collision keep-latest
check_match 'what is left out is said' "warning: 'plain.pem' line 1 is left out: 'later.pem' line 1 has the same name '$plain_id.ca'" "$err"
check_same_file 'keep-latest keeps the later end' later.pem "store/$plain_id.ca"
check_refused 'a collision with a file in the folder is refused' 1 "'store/$plain_id.ca' .*different certificates" \
    ski-name seed.pem plain.pem --copy store
check_absent 'and nothing else was copied' "store/$seed_id.ca"
check_ok 'keep-latest against the folder' ski-name plain.pem --copy store --on-collision keep-latest
check_same_file 'the later one stays in the folder' later.pem "store/$plain_id.ca"
check_ok 'keep-first against the folder' ski-name plain.pem --copy store --on-collision keep-first
check_same_file 'the first one stays in the folder' later.pem "store/$plain_id.ca"
echo keep me >"store/$plain_id.ca"
check_refused 'a foreign file in the folder is kept' 1 'something else than a certificate' \
    ski-name plain.pem --copy store --on-collision keep-latest
check_equal 'a foreign file in the folder is unchanged' 'keep me' "$(cat "store/$plain_id.ca")"
check_match 'printing two certificates of one name warns' 'different certificates with the same name' \
    "$(ski-name plain.pem later.pem 2>&1 >/dev/null)"

# ---- binary and usage -------------------------------------------------------------------------------
check_ok 'binary to a file' ski-name plain.pem --binary -o id.bin
check_equal 'binary: 20 bytes' "$plain_id" "$(xxd -p -c 64 id.bin)"
check_refused 'binary does not replace a file' 1 'exists; use --force' ski-name seed.pem --binary -o id.bin
check_equal 'binary: unchanged' "$plain_id" "$(xxd -p -c 64 id.bin)"
check_refused 'binary takes one certificate' 1 'exactly one certificate, but the input holds 2' \
    ski-name plain.pem seed.pem --binary -o two.bin
check_absent 'binary: no output' two.bin
check_refused 'usage: no file' 2 'missing argument' ski-name
check_refused 'usage: form without copy' 2 'go with --copy' ski-name plain.pem --form der
check_refused 'usage: unknown form' 2 'takes pem or der' ski-name plain.pem --copy store --form p7
check_refused 'usage: unknown rule' 2 '--on-collision takes' ski-name plain.pem --copy store --on-collision last
check_refused 'usage: copy and issuer' 2 'does not go with' ski-name plain.pem --copy store --issuer
check_refused 'usage: issuer and compute' 2 'does not go with' ski-name plain.pem --compute --issuer
if command -v script >/dev/null; then
    script -qec "ski-name plain.pem --binary" /dev/null >tty.txt 2>&1 </dev/null
    check_match 'binary is not written to a terminal' 'does not write to a terminal' "$(cat tty.txt)"
fi

# ---- the root store of the system, against openssl alone ------------------------------------------
mkdir roots store2
i=0
for f in /usr/share/ca-certificates/mozilla/*.crt; do
    cp "$f" "roots/$i.pem"
    i=$((i + 1))
done
check_match 'the root store is there' '^[1-9][0-9][0-9]$' "$i"
n_none=0 n_method1=0 n_spki=0
for ((k = 0; k < i; k++)); do
    openssl x509 -in roots/$k.pem -noout -ext subjectKeyIdentifier -pubkey >facts 2>/dev/null
    id=$(grep -A1 '^X509v3 Subject Key' facts | tail -n +2 | tr -d ' :\n' | tr A-F a-f)
    sed -n '/BEGIN PUBLIC/,/END PUBLIC/p' facts | grep -v -- --- | base64 -d >spki.der
    content_at=$(openssl asn1parse -inform DER -in spki.der | awk -F'[:=]' '/BIT STRING/{print $1 + $4 + 1; exit}')
    method1=$(tail -c +$((content_at + 1)) spki.der | sha1sum | cut -c-40) # behind the unused-bits byte
    if [ -z "$id" ]; then
        n_none=$((n_none + 1))
        id=$method1
    elif [ "$id" = "$method1" ]; then
        n_method1=$((n_method1 + 1))
    elif [ "$id" = "$(sha1sum <spki.der | cut -c-40)" ]; then
        n_spki=$((n_spki + 1))
    fi
    echo "$id.ca"
done >expected
run ski-name --compute /usr/share/ca-certificates/mozilla/*.crt
check_same_file 'every root of the system has the name that openssl reads' expected .stdout
ski-name --compute --json /usr/share/ca-certificates/mozilla/*.crt >roots.json 2>roots.err
check_equal 'counts: all, without identifier, method 1, SHA-1 of the SPKI' \
    "$i $n_none $n_method1 $n_spki" "$(python3 -c '
import json
r = json.load(open("roots.json"))
m = lambda t: sum(not c["computed"] and c["method"].startswith(t) for c in r)
print(len(r), sum(c["computed"] for c in r), m("SHA-1 of the key bits"), m("SHA-1 of the whole"))')"
check_equal 'each computed or odd name has its warning' "$((n_none + n_spki))" \
    "$(grep -cE 'the name is computed|not SHA-1 of the key bits' roots.err)"
check_ok 'the whole store is copied' ski-name --compute --copy store2 --form der --on-collision keep-latest \
    /usr/share/ca-certificates/mozilla/*.crt
check_equal 'one file per name' "$(sort -u expected | tr '\n' ' ')" "$(cd store2 && printf '%s ' * )"
kept=0
while read -r name; do
    grep -v -- --- roots/$kept.pem | base64 -d | cmp -s - "store2/$name" || echo "$name"
    kept=$((kept + 1))
done <expected >differing
check_equal 'every copy has the bytes of its root, but for collisions' \
    "$(($(wc -l <expected) - $(sort -u expected | wc -l)))" "$(wc -l <differing)"

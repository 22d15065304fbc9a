# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the repair changes, and that it says each thing; what it cannot repair.
source "$FK_ROOT/tests/support/check.sh"

new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
make_cert() { # name, key, issuer, issuer's key, subject, extensions, days
    printf '%b' "$6" >ext.cnf
    openssl req -new -key "$2.key" -subj "$5" -out req.pem 2>/dev/null
    local by=(-CA "$3.pem" -CAkey "$4.key" -CAcreateserial)
    [ "$3" = - ] && by=(-signkey "$2.key")
    openssl x509 -req -in req.pem "${by[@]}" -days "${7:-365}" -extfile ext.cnf -out "$1.pem" 2>/dev/null
}
root_ext='basicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\n'
ca_ext="${root_ext}authorityKeyIdentifier=keyid\n"
dev_ext='basicConstraints=CA:FALSE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n'
for k in other ca dev; do new_key $k; done
openssl genrsa -traditional -out root.key 2048 2>/dev/null
openssl genrsa -traditional -out rsa.key 2048 2>/dev/null
openssl genrsa -traditional -out big.key 4096 2>/dev/null
make_cert root root - - /CN=Root "$root_ext" 3000
make_cert renewed root - - /CN=Root "$root_ext" 4000
make_cert other other - - /CN=Other "$root_ext" 3000
make_cert ca ca root root /CN=Issuing "$ca_ext"
make_cert dev dev ca ca /CN=dev "$dev_ext"
make_cert rsa rsa ca ca /CN=rsa "$dev_ext"
make_cert big big ca ca /CN=big "$dev_ext"
make_cert srv rsa root root /CN=srv "$dev_ext"

repair() { # PROFILE ARGS...: the changes, one a line
    run cert-bundle check --repaired -p "$@"
    sed -n 's/^repair   //p' .stdout >changes
}
says() { # name, lines: exactly these changes
    check_equal "$1" "$2" "$(cat changes)"
}

# ---- each change is said ------------------------------------------------------------------------
repair zentrios --ca root.pem --cert rsa.pem --key rsa.key
says 'nothing to do, nothing said' ''

openssl pkcs8 -topk8 -in rsa.key -passout pass:secret -out locked.key
PW=secret repair zentrios --ca root.pem --cert rsa.pem --key locked.key --passin env:PW
says 'a password, and PKCS#8' "'locked.key': password removed
'locked.key': PKCS#8, PEM became PKCS#1, PEM"

unix2dos_() { sed 's/$/\r/' "$1"; }
unix2dos_ root.pem >root.crlf
repair zentrios --ca root.crlf
says 'line ends' "'root.crlf': PEM, CRLF became PEM"
{ echo 'Bag Attributes'; echo '    localKeyID: 01'; cat root.pem; } >bag.pem
repair zentrios --ca bag.pem
says 'text around it' "'bag.pem': written anew, without what stood around it"
openssl x509 -in root.pem -outform DER -out root.der
repair zentrios --ca root.der
says 'DER where PEM is wanted' "'root.der': DER became PEM"

repair spwf04s --purpose wpa-enterprise --cert big.pem --key big.key
check_match 'DER where PEM does not fit, with the sizes' \
    "^'big.key': PKCS#1, PEM became PKCS#1, DER; PKCS#1, PEM, CRLF has 3[0-9]{3} bytes, more than 2500$" \
    "$(cat changes)"
repair spwf04s --cert dev.pem --key dev.key --ca root.crlf
says 'EC PARAMETERS, the identifier beside PEM, an issuer without a place' "'dev.pem': PEM became PEM, CRLF
'dev.key': SEC1, PEM became SEC1, PEM with EC PARAMETERS, CRLF
'auth': added, key identifier of the root, 20 bytes, as the root is in PEM"

cat ca.pem rsa.pem other.pem root.pem >soup.pem
repair zentrios --cert soup.pem --key rsa.key
check_equal 'the chain of a soup: strangers and the root go, the order is put right' \
    "'soup.pem' line $(grep -n BEGIN soup.pem | sed -n '3s/:.*//p'): left out, 'CN = Other' did not issue any of the others
'soup.pem' line $(grep -n BEGIN soup.pem | sed -n '4s/:.*//p'): left out, 'CN = Root' is the root, which the peer has
'soup.pem' line 1: chain put in order, own certificate first" "$(cat changes)"
repair zentrios --cert rsa.pem --key rsa.key --ca ca.pem
says 'a chain completed from what was given' "chain completed with 'ca.pem'"

repair spwf04s --store files --ca root.crlf --ca root.der --ca renewed.pem
says 'the same root twice, and a renewed one with its identifier' "'root.der': left out, the same as 'root.crlf'
'root.crlf': left out, it has the key identifier of 'renewed.pem', which ends later
'renewed.pem': PEM became PEM, CRLF"
repair netcontrol --ca other.pem --ca root.pem --server-chain srv.pem
says 'room for one root: the one of the server' \
    "'other.pem': left out, the server's chain does not lead to it and there is no room"

# ---- written and read again ---------------------------------------------------------------------
cert-bundle -p zentrios --cert soup.pem --key rsa.key --ca root.pem --as files -o out --at "$(($(date +%s) + 60))" >/dev/null 2>&1
check_ok 'what is written is taken without another change' cert-bundle check -p zentrios --repaired \
    --at "$(($(date +%s) + 60))" --cert out/cert.pem --key out/key.pem --ca out/ca.pem
check_equal 'and nothing had to be repaired' '' "$(grep '^repair' .stdout)"
check_equal 'the written chain is in order' 'CN = rsa CN = Issuing' \
    "$(openssl crl2pkcs7 -nocrl -certfile out/cert.pem | openssl pkcs7 -print_certs -noout |
        sed -n 's/^subject=//p' | paste -sd' ')"
check_ok 'and OpenSSL verifies it' openssl verify -CAfile out/ca.pem -untrusted out/cert.pem out/cert.pem

# ---- what cannot be repaired --------------------------------------------------------------------
check_refused 'key and certificate of different pairs' 1 \
    "private key 'other.key' is not the one of the certificate 'CN = rsa'" \
    cert-bundle check --repaired -p zentrios --cert rsa.pem --key other.key
check_refused 'a key type that the device lacks' 1 "private key 'dev.key': .* takes no EC keys" \
    cert-bundle check --repaired -p zentrios --cert dev.pem --key dev.key
check_refused 'a root without an identifier where files are named by it' 1 \
    "root 'CN = Nobody' has no usable key identifier" \
    bash -c "openssl req -x509 -key root.key -subj /CN=Nobody -addext subjectKeyIdentifier=none \
        -addext authorityKeyIdentifier=none -out none.pem 2>/dev/null &&
        cert-bundle check --repaired -p spwf04s --store files --ca none.pem"
names=$(seq -f 'DNS:a-rather-long-name-%g.example.com' 1 90 | paste -sd,)
make_cert fat dev ca ca /CN=fat "${dev_ext}subjectAltName=$names\n"
check_refused 'a certificate that fits in no form' 1 \
    "certificate 'fat.pem': does not fit the 2560 bytes of the target: PEM, CRLF has [0-9]+ bytes; DER has" \
    cert-bundle check --repaired -p spwf04s --cert fat.pem --key dev.key

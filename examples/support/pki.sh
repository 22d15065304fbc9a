# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by examples and tests: a small PKI, made by openssl in the current folder.

# pki_key NAME rsa:BITS|ec:CURVE: NAME.key
pki_key() {
    case $2 in
    rsa:*) openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:${2#rsa:}" -out "$1.key" 2>/dev/null ;;
    ec:*) openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:${2#ec:}" -out "$1.key" 2>/dev/null ;;
    esac
}
# pki_root NAME KEY-TYPE [CN]: NAME.pem and NAME.key
pki_root() {
    pki_key "$1" "$2"
    openssl req -x509 -new -key "$1.key" -subj "/CN=${3:-$1}" -days 3650 -out "$1.pem" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
}
# pki_leaf NAME KEY-TYPE ISSUER CN client|server|both: NAME.pem below ISSUER; the key is made when
# it is missing
pki_leaf() {
    local usage=${5}Auth
    [ "$5" != both ] || usage=serverAuth,clientAuth
    [ -e "$1.key" ] || pki_key "$1" "$2"
    openssl req -new -key "$1.key" -subj "/CN=$4" -out "$1.csr" 2>/dev/null
    printf '%s\n' basicConstraints=critical,CA:FALSE "extendedKeyUsage=$usage" \
        keyUsage=critical,digitalSignature,keyEncipherment subjectKeyIdentifier=hash \
        authorityKeyIdentifier=keyid >"$1.ext"
    [ "$5" = client ] || case $4 in
        *[!0-9.]*) echo "subjectAltName=DNS:$4" >>"$1.ext" ;;
        *) echo "subjectAltName=IP:$4" >>"$1.ext" ;;
    esac
    openssl x509 -req -in "$1.csr" -CA "$3.pem" -CAkey "$3.key" -CAcreateserial -days 900 \
        -extfile "$1.ext" -out "$1.pem" 2>/dev/null
}

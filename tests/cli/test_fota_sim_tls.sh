# SPDX-License-Identifier: Apache-2.0
# Credentials through the console of fota-sim, and TLS sockets from them, against OpenSSL.
source "$FK_ROOT/tests/support/check.sh"

# NAME SUBJECT EXTENSIONS [SIGNER]: NAME.key and NAME.pem
certificate() {
    openssl ecparam -name prime256v1 -genkey -out "$1.key" 2>>openssl.log
    openssl req -new -key "$1.key" -subj "/CN=$2" -out "$1.csr" 2>>openssl.log
    printf '%s\n' "$3" >"$1.ext"
    if [ $# -eq 3 ]; then
        openssl x509 -req -in "$1.csr" -signkey "$1.key" -days 30 -extfile "$1.ext" -out "$1.pem"
    else
        openssl x509 -req -in "$1.csr" -CA "$4.pem" -CAkey "$4.key" -CAcreateserial -days 30 \
            -extfile "$1.ext" -out "$1.pem"
    fi 2>>openssl.log
}
ids=$'subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid'
certificate root 'Test Root' $'basicConstraints=critical,CA:TRUE\n'"$ids"
certificate server localhost "$ids" root
certificate device device-1 "$ids" root
openssl x509 -in root.pem -noout -ext subjectKeyIdentifier | sed -n 's/^ *\([0-9A-F:]*\)$/\1/p' >root.ski

head -c 4000 /dev/zero | tr '\0' A >old.bin
printf '\377' | dd of=old.bin conv=notrunc status=none # not text
fota-sim init --image old.bin --input bin >init.log

python3 -B "$FK_ROOT/tests/support/at_session.py" tls
check_equal 'the key is nowhere but in the flash file' '' "$(grep -l 'BEGIN EC PRIVATE KEY' -- *.log)"

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# The cipher suites that profiles may name, against what OpenSSL and mbedTLS know of the registry:
# names, code points, key exchange, authentication and the version they begin with.
. "$FK_ROOT/tests/support/check.sh"

# ---- the table: code name kx auth tls12 ---------------------------------------------------------
sed -nE 's/^ *\{"(TLS_[A-Z0-9_]+)", 0x([0-9a-f]{4}), ([A-Z]+), A_([A-Z]+), (true|false)\},$/\2 \1 \3 \4 \5/p' \
    "$FK_ROOT/src/profile/tls_suites.c" | sort >ours
check_match 'the table is read whole' '^[5-9][0-9]$' "$(wc -l <ours)"
check_equal 'every line of the table was understood' "$(grep -c '^    {"TLS_' "$FK_ROOT/src/profile/tls_suites.c")" \
    "$(wc -l <ours)"
check_equal 'each code point once' '' "$(cut -d' ' -f1 ours | uniq -d)"
check_equal 'each name once' '' "$(cut -d' ' -f2 ours | sort | uniq -d)"

# ---- OpenSSL ------------------------------------------------------------------------------------
# "0xC0,0x2F - TLS_ECDHE_RSA_… - ECDHE-RSA-… TLSv1.2 Kx=ECDH Au=RSA …"
openssl ciphers -V -stdname 'ALL:COMPLEMENTOFALL:@SECLEVEL=0' | awk '
    { code = tolower(substr($1, 3, 2) substr($1, 8, 2)); kx = au = version = ""
      for (i = 4; i <= NF; i++) {
          if ($i ~ /^(TLSv|SSLv)/) version = $i
          if ($i ~ /^Kx=/) kx = substr($i, 4)
          if ($i ~ /^Au=/) au = substr($i, 4)
      }
      kx = kx == "ECDH" ? "ECDHE" : kx == "DH" ? "DHE" : kx
      auth = au == "ECDSA" ? "EC" : au
      print code, $3, kx, auth, version == "TLSv1.2" ? "true" : "false" }' | sort >theirs
join -j 2 -o 1.1,1.2,1.3,1.4,1.5 <(sort -k2 ours) <(sort -k2 theirs) | sort >both
join -j 2 -o 2.1,2.2,2.3,2.4,2.5 <(sort -k2 ours) <(sort -k2 theirs) | sort >both.openssl
check_match 'OpenSSL knows most of them' '^[4-9][0-9]$' "$(wc -l <both)"
check_same_file 'code, key exchange, authentication and version are those of OpenSSL' both both.openssl
check_equal 'no code point that OpenSSL gives to another name' '' \
    "$(join <(cut -d' ' -f1,2 ours) <(cut -d' ' -f1,2 theirs) | awk '$2 != $3')"

# ---- the rest: header files ---------------------------------------------------------------------
# OpenSSL's own list leaves out what Debian does not build (SEED, RC4, 3DES); its headers have them.
{
    sed -nE 's/^# *define (TLS1|SSL3)_CK_([A-Z0-9_]+) +0x0300([0-9A-F]{4}).*/\3 \2/p' \
        /usr/include/openssl/tls1.h /usr/include/openssl/ssl3.h | tr a-z A-Z |
        sed 's/_DES_192_CBC3_SHA/_3DES_EDE_CBC_SHA/; s/SEED_SHA/SEED_CBC_SHA/'
    sed -nE 's/^#define MBEDTLS_TLS_([A-Z0-9_]+) +0x([0-9A-F]+).*/\2 \1/p' \
        "$FK_ROOT"/build/deps/mbedtls/include/mbedtls/ssl_ciphersuites.h |
        while read -r code name; do printf '%04X %s\n' "0x$code" "$name"; done
} | sed 's/ TLS_/ /' | awk '{ print tolower($1), $2 }' | sort -u >headers.raw
# names without TLS_ and _WITH_, in lower case: "rsa_seed_cbc_sha"
plain() { awk '{ n = tolower($2); sub(/^tls_/, "", n); sub(/_with_/, "_", n); print $1, n }' | sort -u; }
plain <headers.raw >headers
plain <ours >ours.plain
known=$(comm -12 headers ours.plain | wc -l)
comm -23 ours.plain headers >unknown
cut -d' ' -f1,2 both | plain >known.openssl
check_equal 'each suite is in OpenSSL, in its headers or in those of mbedTLS' '' "$(comm -23 unknown known.openssl)"
check_match 'the headers know most of them' '^[4-9][0-9]$' "$known"

# ---- the misprints of the SPWF04S note, by the registry -----------------------------------------
check_match 'C0,13 is the suite that is printed with C0,27' '^c013 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA ' "$(grep ^c013 ours)"
check_match 'C0,27 is another one' 'AES_128_CBC_SHA256 ' "$(grep ^c027 ours)"
check_match '00,2F is the suite that is printed with 00,9C' 'TLS_RSA_WITH_AES_128_CBC_SHA ' "$(grep ^002f ours)"
check_match '00,9C is another one' 'TLS_RSA_WITH_AES_128_GCM_SHA256 ' "$(grep ^009c ours)"

# ---- every suite of every profile is in the table; the loader refuses the others -----------------
for p in spwf04s nodemcu netcontrol zentrios; do
    n=$(grep -oE '^ +- TLS_[A-Z0-9_]+$' "$FK_ROOT/profiles/$p.yaml" | awk '{ print $2 }' | sort -u |
        join -v 1 - <(cut -d' ' -f2 ours | sort) | wc -l)
    check_equal "$p: every suite is in the table" 0 "$n"
done

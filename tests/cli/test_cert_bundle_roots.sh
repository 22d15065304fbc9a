# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# All roots of ca-certificates through the lint of each device, against counts that openssl and
# stat alone lead to.
source "$FK_ROOT/tests/support/check.sh"

day=2026-11-21
at=$(date -u -d "$day" +%s)
roots=(/usr/share/ca-certificates/mozilla/*.crt)
n=${#roots[@]}
check_match 'there are roots to judge' '^1[0-9][0-9]$' "$n"

# ---- facts of each root, from what openssl prints -------------------------------------------------
# file|algorithm|bits|has an identifier|expired|PEM bytes|with CR LF|DER bytes|past 2038|identifier
for f in "${roots[@]}"; do
    echo "FILE ${f##*/}"
    openssl x509 -in "$f" -text
done >text
python3 - "$at" >facts <<'END'
import base64, calendar, re, sys, time
for part in open('text', encoding='utf-8').read().split('FILE ')[1:]:
    name = part.split('\n', 1)[0]
    pem = part[part.index('-----BEGIN'):]
    found = lambda p: (re.search(p, part) or ['', ''])[1]
    ends = calendar.timegm(time.strptime(found(r'Not After : (.*) GMT'), '%b %d %H:%M:%S %Y'))
    ski = found(r'X509v3 Subject Key Identifier:[^\n]*\n *([0-9A-F:]+)')
    der = base64.b64decode(''.join(pem.split('\n')[1:-2]))
    print('|'.join(map(str, [name, found(r'Public Key Algorithm: (.*)'), found(r'Public-Key: .(\d+)'),
        int(ski != ''), int(ends < int(sys.argv[1])), len(pem), len(pem) + pem.count('\n'), len(der),
        int(ends >= 1 << 31), ski])))
END
check_equal 'facts of all' "$n" "$(wc -l <facts)"
count() { awk -F'|' "BEGIN { n = 0 } $1 { n++ } END { print n }" facts; }
rsa='$2 == "rsaEncryption"'

# refused PROFILE USE EXPRESSION: the lint refuses exactly the roots for which the expression is true
refused() {
    run cert-bundle check -p "$1" --use "$2" --at "$day" --each "${roots[@]}"
    check_equal "$1 $2: roots that are refused" "$(awk -F'|' "$3 { print \$1 }" facts | sort)" \
        "$(sed -nE "s|^REFUSED  '/usr/share/ca-certificates/mozilla/([^']*)'.*|\1|p" .stdout | sort)"
    check_match "$1 $2: the totals" "^$1 $2: $n files, $(count "$3") refused, " "$(tail -n 1 .stdout)"
}
# A device that says nothing about roots of a kind has no reason to refuse them.
refused spwf04s tls "(($rsa && \$3 > 2048) || \$4 == 0 || \$5 == 1)"
check_match 'spwf04s: usable by key type, as many as the key types alone give' '^8[0-9]$|^[67][0-9]$' \
    "$(count "(!($rsa && \$3 > 2048))")"
check_equal 'spwf04s: every root fits in DER' 0 "$(count '($8 > 2500)')"
check_equal 'spwf04s: those that do not fit in PEM become DER, unless another rule refuses them' \
    "$(count "(\$7 > 2500 && !($rsa && \$3 > 2048) && \$4 == 1 && \$5 == 0)")" \
    "$(grep -v '^REFUSED' .stdout | grep -c 'PEM became DER')"
refused spwf04s wpa-enterprise "(!($rsa) || \$4 == 0 || \$5 == 1)"
check_equal 'wpa-enterprise: those that do not fit in PEM become DER' \
    "$(count "(\$7 > 2500 && $rsa && \$4 == 1 && \$5 == 0)")" \
    "$(grep -v '^REFUSED' .stdout | grep -c 'PEM became DER')"
refused nodemcu tls-flash '($3 == 521)'
refused nodemcu tls-callback '($3 == 521)'
refused netcontrol tls "(!($rsa) || \$5 == 1)"
refused zentrios tls "(!($rsa) || \$5 == 1)"
refused wiced tls '($7 > 4095 || $5 == 1)'
check_match 'nodemcu: each of them is a public CA, and so a warning' "^nodemcu tls-flash: $n files, $(
    count '($3 == 521)') refused, $(count '($3 != 521)') with warnings, 0 ok$" \
    "$(cert-bundle check -p nodemcu --at "$day" --each "${roots[@]}" --public-roots /etc/ssl/certs/ca-certificates.crt | tail -n 1)"

# ---- all in one store ---------------------------------------------------------------------------
run cert-bundle check -p spwf04s --store files --at "$day" --public-roots /dev/null "${roots[@]}"
check_match 'year-2038: one line for all' "^warning  year-2038 .* and $(($(count '($9 == 1)') - 1)) more" "$out"
pairs=$(cut -d'|' -f10 facts | grep : | sort | uniq -d | wc -l)
check_equal 'duplicates: roots of one identifier' "$pairs" \
    "$(grep -c '^REFUSED  duplicates .*the same key identifier' .stdout)"

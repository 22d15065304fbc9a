# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Bundles that cert-bundle has written, judged by those who will meet them: openssl's TLS peers as
# in the tutorial of the SPWF04S, mosquitto with client certificates, nginx, FreeRADIUS.
source "$FK_ROOT/tests/support/check.sh"
source "$FK_ROOT/tests/support/pki.sh"
source "$FK_ROOT/examples/release/nginx.sh"
PATH=$PATH:/usr/sbin:/sbin
pids=()
stop_all() {
    nginx_stop
    for p in "${pids[@]}"; do kill "$p" 2>/dev/null; done
    wait 2>/dev/null
}
trap stop_all EXIT

# start NAME PATTERN COMMAND...: until a line of its output matches; the rest goes to NAME.log
start() {
    local name=$1 pattern=$2 line fd
    shift 2
    rm -f "$name.fifo"
    mkfifo "$name.fifo"
    "$@" >"$name.fifo" 2>&1 </dev/null &
    pids+=($!)
    started=$!
    exec {fd}<"$name.fifo"
    : >"$name.log"
    while IFS= read -r -t 30 -u "$fd" line; do
        echo "$line" >>"$name.log"
        if [[ $line =~ $pattern ]]; then
            matched=$line
            cat <&"$fd" >>"$name.log" &
            exec {fd}<&-
            return 0
        fi
    done
    exec {fd}<&-
    return 1
}
# on_free_port NAME PATTERN COMMAND...: with $port in it; another process may take a port first
on_free_port() {
    local try
    for try in 1 2 3 4 5; do
        port=$(nginx_free_port)
        configure
        start "$@" && return 0
    done
    fail "$1 starts" "$(tail -n 5 "$1.log")"
    return 1
}
stop() { kill "$started" 2>/dev/null; wait "$started" 2>/dev/null; }

pki_root ca rsa:2048 'Plant Root'
pki_root other rsa:2048 'Other Root'
pki_leaf server rsa:2048 ca localhost server
pki_leaf modsrv rsa:2048 ca localhost both
pki_leaf dev rsa:2048 ca dev-0001 client
pki_leaf ecdev ec:P-256 ca dev-ec client
peer="python3 $FK_ROOT/tests/support/at_peer.py"

# provision DIR ARGUMENTS...: what the module has after the script was played to it
provision() {
    local dir=$1
    shift
    rm -rf "$dir" "$dir.out"
    cert-bundle -q "$@" -o "$dir.out" && cert-bundle replay -q --exec "$peer $dir" "$dir.out/provision.at"
}

## SPWF04S, tutorial 4.1 to 4.4: the module's side runs with the module's files
provision module -p spwf04s --ca ca.pem --cert dev.pem --key dev.key 2>err || fail 'spwf04s' "$(cat err)"
provision module-root -p spwf04s --ca ca.pem 2>err || fail 'spwf04s, root alone' "$(cat err)"
provision module-server -p spwf04s --ca ca.pem --cert modsrv.pem --key modsrv.key 2>err || fail 'server' "$(cat err)"
provision module-ec -p spwf04s --ca ca.pem --cert ecdev.pem --key ecdev.key 2>err || fail 'ec' "$(cat err)"
suite=(-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:AES128-SHA256)

# tls NAME RESULT SERVER-OPTIONS -- CLIENT-OPTIONS: RESULT is yes or no
tls() {
    local name=$1 wanted=$2 options=() result
    shift 2
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    shift
    if ! start s_server '^ACCEPT' openssl s_server -accept 127.0.0.1:0 -naccept 1 "${suite[@]}" \
        -rev "${options[@]}"; then
        fail "$name: s_server starts" "$(cat s_server.log)"
        return
    fi
    printf 'olleh\nCLOSE\n' | timeout 20 openssl s_client -connect "${matched#ACCEPT }" -servername localhost \
        -verify_return_error -verify_hostname localhost "${suite[@]}" -quiet "$@" >answer 2>client.log
    result=no
    ! grep -q hello answer || result=yes
    stop
    check_equal "$name" "$wanted" "$result"
}
mutual=(-CAfile ca.pem -Verify 2 -verify_return_error)
remote=(-cert server.pem -key server.key)
tls '4.1 client, mutual' yes "${remote[@]}" "${mutual[@]}" -- \
    -CAfile module/tls.ca -cert module/tls.cert -key module/tls.key
tls '4.1 client, mutual, EC key' yes "${remote[@]}" "${mutual[@]}" -- \
    -CAfile module-ec/tls.ca -cert module-ec/tls.cert -key module-ec/tls.key
tls '4.1 the server asks for a certificate and there is none' no "${remote[@]}" "${mutual[@]}" -- \
    -CAfile module-root/tls.ca
tls '4.2 client, one way' yes "${remote[@]}" -- -CAfile module-root/tls.ca
pki_leaf imposter rsa:2048 other localhost server
tls '4.2 a server below another root' no -cert imposter.pem -key imposter.key -- -CAfile module-root/tls.ca
tls '4.3 server, mutual' yes -cert module-server/tls.cert -key module-server/tls.key \
    -CAfile module-server/tls.ca -Verify 2 -verify_return_error -- -CAfile ca.pem -cert dev.pem -key dev.key
pki_leaf stranger rsa:2048 other dev-0001 client
tls '4.3 a client below another root' no -cert module-server/tls.cert -key module-server/tls.key \
    -CAfile module-server/tls.ca -Verify 2 -verify_return_error -- -CAfile ca.pem -cert stranger.pem -key stranger.key
tls '4.4 server, one way' yes -cert module-server/tls.cert -key module-server/tls.key -- -CAfile ca.pem

## NetControl with mosquitto: the user is the CN of the certificate
check_ok 'netcontrol' cert-bundle -q -p netcontrol --ca ca.pem --cert dev.pem --key dev.key -o net
configure() {
    cat >mosquitto.conf <<END
listener $port 127.0.0.1
cafile $PWD/ca.pem
certfile $PWD/server.pem
keyfile $PWD/server.key
require_certificate true
use_identity_as_username true
allow_anonymous false
acl_file $PWD/acl
log_dest stderr
log_type all
user root
END
}
printf 'user dev-0001\ntopic readwrite plant/dev-0001\n' >acl
chmod 600 acl
if on_free_port mosquitto 'mosquitto version .* running' mosquitto -c mosquitto.conf; then
    mqtt=(-h localhost -p "$port" -t plant/dev-0001 --tls-version tlsv1.2 --ciphers AES128-SHA256)
    own=(--cert net/cert.pem --key net/key.pem)
    check_ok 'mosquitto: publish with the certificate' \
        mosquitto_pub "${mqtt[@]}" --cafile net/ca.pem "${own[@]}" -r -m hello
    check_ok 'mosquitto: subscribe' timeout 20 mosquitto_sub "${mqtt[@]}" --cafile net/ca.pem "${own[@]}" -C 1
    check_equal 'mosquitto: the message comes back' hello "$out"
    check_match 'mosquitto: the user is the CN' "u'dev-0001'" "$(cat mosquitto.log)"
    run mosquitto_pub "${mqtt[@]}" --cafile net/ca.pem -m no
    check_match 'mosquitto: refused without a certificate' '^[1-9]' "$rc"
    run mosquitto_pub "${mqtt[@]}" --cafile other.pem "${own[@]}" -m no
    check_match 'mosquitto: a broker below another root is refused' '^[1-9]' "$rc"
    stop
fi

## nginx with client certificates
cert-bundle -q -p nodemcu --use tls-callback --as files --ca ca.pem --cert ecdev.pem --key ecdev.key -o mcu
cert-bundle -q -p zentrios --as files --ca ca.pem --cert dev.pem --key dev.key -o zen
tls_port=$(nginx_free_port)
if nginx_start "$PWD/srv" "listen 127.0.0.1:$tls_port ssl;
    ssl_certificate $PWD/server.pem; ssl_certificate_key $PWD/server.key;
    ssl_client_certificate $PWD/ca.pem; ssl_verify_client on; ssl_protocols TLSv1.2;
    ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA256;
    location = /who { return 200 \$ssl_client_s_dn; }"; then
    url=https://localhost:$tls_port/who
    curl=(curl -sS --fail --connect-to "localhost:$tls_port:127.0.0.1:$tls_port")
    check_ok 'nginx: NodeMCU, EC key' "${curl[@]}" --cacert mcu/ca.pem --cert mcu/cert.pem --key mcu/key.pem "$url"
    check_equal 'nginx: knows it' CN=dev-ec "$out"
    check_ok 'nginx: ZentriOS, with one of its suites' "${curl[@]}" --ciphers AES128-SHA256 \
        --cacert zen/ca.pem --cert zen/cert.pem --key zen/key.pem "$url"
    check_equal 'nginx: knows it' CN=dev-0001 "$out"
    run "${curl[@]}" --cacert zen/ca.pem "$url"
    check_equal 'nginx: nobody without a certificate' 22 "$rc"
else
    fail 'nginx starts'
fi

## WPA2-Enterprise with FreeRADIUS: identity and password come from what the module was told
export WIFI_PASSWORD='plant secret'
eap=(-p spwf04s --purpose wpa-enterprise --ca ca.pem --set ssid=Plant --set identity=dev-0001)
tunnel=("${eap[@]}" --set anonymous=anonymous --secret password=env:WIFI_PASSWORD)
provision wpa-tls "${eap[@]}" --cert dev.pem --key dev.key --sequence eap-tls 2>err || fail eap-tls "$(cat err)"
for s in eap-ttls-md5 eap-ttls-mschapv2 eap-peap-md5 eap-peap-mschapv2; do
    provision "wpa-$s" "${tunnel[@]}" --sequence $s 2>err || fail $s "$(cat err)"
done
mkdir radius
echo 'dev-0001 Cleartext-Password := "plant secret"' >radius/users
configure() {
    cat >radius/radiusd.conf <<END
prefix = /usr
logdir = $PWD/radius
run_dir = $PWD/radius
raddbdir = $PWD/radius
pidfile = $PWD/radius/pid
libdir = /usr/lib/freeradius
security { allow_vulnerable_openssl = yes }
listen {
    type = auth
    virtual_server = default
    ipaddr = 127.0.0.1
    port = $port
}
client local {
    ipaddr = 127.0.0.1
    secret = shared
}
modules {
    files { usersfile = $PWD/radius/users }
    mschap { }
    eap {
        default_eap_type = tls
        tls-config common {
            private_key_file = $PWD/server.key
            certificate_file = $PWD/server.pem
            ca_file = $PWD/ca.pem
            tls_min_version = "1.2"
            tls_max_version = "1.2"
            ecdh_curve = ""
        }
        tls { tls = common }
        ttls {
            tls = common
            default_eap_type = md5
            virtual_server = inner
        }
        peap {
            tls = common
            default_eap_type = mschapv2
            virtual_server = inner
        }
        md5 { }
        mschapv2 { }
    }
}
server default {
    authorize {
        eap
    }
    authenticate {
        eap
    }
}
server inner {
    authorize {
        files
        mschap
        eap
    }
    authenticate {
        Auth-Type MS-CHAP {
            mschap
        }
        eap
    }
}
END
}
# told DIR WORD: the argument of a command in what the module was told
told() { sed -n "s/^AT+S.$2//p" "$1/log" | tail -n 1; }
# network DIR EAP [PHASE2] [CA]: the supplicant with the module's own files and settings
network() {
    echo 'network={'
    printf 'ssid="%s"\nkey_mgmt=WPA-EAP\neap=%s\n' "$(told "$1" SSIDTXT=)" "$2"
    printf 'identity="%s"\nca_cert="%s"\n' "$(told "$1" SCFG=wifi_eap_identity,)" "$PWD/${4:-$1/wpa.ca}"
    if [ "$2" = TLS ]; then
        printf 'client_cert="%s"\nprivate_key="%s"\n' "$PWD/$1/wpa.cert" "$PWD/$1/wpa.key"
    else
        printf 'anonymous_identity="%s"\npassword="%s"\nphase2="%s"\n' \
            "$(told "$1" SCFG=wifi_eap_anon_identity,)" "$(told "$1" SCFG=wifi_eap_passwd,)" "$3"
    fi
    echo '}'
}
# eap NAME RESULT NETWORK-ARGUMENTS
eap() {
    local name=$1 wanted=$2
    shift 2
    network "$@" >eap.conf
    run timeout 30 eapol_test -c eap.conf -a 127.0.0.1 -p "$port" -s shared -t 5
    check_equal "$name" "$wanted" "$(tail -n 1 <<<"$out")"
}
if on_free_port radius 'Ready to process requests' freeradius -X -d radius; then
    eap 'EAP-TLS' SUCCESS wpa-tls TLS
    eap 'TTLS-MD5' SUCCESS wpa-eap-ttls-md5 TTLS autheap=MD5
    eap 'TTLS-MSCHAPv2' SUCCESS wpa-eap-ttls-mschapv2 TTLS auth=MSCHAPV2
    eap 'PEAP-MD5' SUCCESS wpa-eap-peap-md5 PEAP auth=MD5
    eap 'PEAP-MSCHAPv2' SUCCESS wpa-eap-peap-mschapv2 PEAP auth=MSCHAPV2
    check_match 'the tunnel hides the identity' 'User-Name = "anonymous"' "$(cat radius.log)"
    eap 'a RADIUS server below another root is refused' FAILURE wpa-tls TLS '' other.pem
    rm -rf wpa-der && cp -r wpa-tls wpa-der
    for f in ca cert; do openssl x509 -in "wpa-tls/wpa.$f" -outform DER -out "wpa-der/wpa.$f"; done
    openssl rsa -in wpa-tls/wpa.key -traditional -outform DER -out wpa-der/wpa.key 2>/dev/null
    eap 'EAP-TLS, the same in DER' SUCCESS wpa-der TLS
    stop
fi

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes sure that the listed Debian packages are installed: with apt when root, otherwise by
# printing the exact command. Usage: packages.sh LIST...
set -eu

command -v dpkg-query >/dev/null 2>&1 || {
    echo "set-up: this is not a Debian system; install what $* name by hand" >&2
    exit 0
}
missing=
for p in $(sed 's/#.*//' "$@"); do
    dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null | grep -qx installed ||
        missing="$missing $p"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    as= sudo=
    if command -v sudo >/dev/null 2>&1; then sudo='sudo '; else as=' as root'; fi
    echo "set-up: packages are missing; run this$as, then try again:" >&2
    echo "  ${sudo}apt-get update && ${sudo}apt-get install --no-install-recommends -y$missing" >&2
    exit 3
fi
echo "set-up: installing$missing"
log=$(mktemp)
policy=/usr/sbin/policy-rc.d made=
trap 'rm -f "$log" $made' EXIT
# The tests start their own brokers and servers; those of the packages must not run beside them.
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    made=$policy
fi
# shellcheck disable=SC2086 # a list of words
if ! { apt-get update &&
    DEBIAN_FRONTEND=noninteractive apt-get install --no-install-recommends -y $missing; } \
    >"$log" 2>&1; then
    cat "$log" >&2
    echo "set-up: apt-get failed" >&2
    exit 3
fi
for p in $missing; do
    case $p in
    nginx-light | mosquitto | freeradius) # nor at the next start of the machine
        systemctl disable "${p%-light}" >/dev/null 2>&1 || true
        ;;
    esac
done

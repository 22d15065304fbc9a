# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the demonstrations: each tells what happens, does it, and checks that it was so. The
# first thing that is not as it is told ends the script with 1; nothing is left behind.
#
#   story_begin NAME [BUILD-FOLDER]  an empty folder to work in, with the tools on the path
#   need PROGRAM PACKAGE             what has to be installed
#   act TEXT, tell TEXT...           what the reader is told
#   try COMMAND...                   shows a command and what it says: in $out, its exit code in $rc
#   do_it COMMAND...                 the same; it has to succeed
#   fails CODE COMMAND...            the same; it has to end with this exit code
#   console [OPTION...] -- LINE...   types lines on the console of a device; $out and $rc
#   expect PATTERN, expect_not PATTERN, expect_code CODE   of what was last
#   expect_running FILE              the image that the device runs, by digest
#   not_as_told TEXT                 the end of the story

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=examples/release/nginx.sh
source "$root/examples/release/nginx.sh"

bold='' plain=''
if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; fi
act() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
tell() { printf '  %s\n' "$@"; }
not_as_told() {
    printf '\n%s: this is not as it was told: %s\n' "$story" "$1" >&2
    exit 1
}

story_end() {
    nginx_stop
    rm -rf "$work"
}
story_begin() {
    story=$1
    local folder=${2:-$root/build/release}
    bin=$(cd "$folder/bin" 2>/dev/null && pwd) || {
        echo "$story: there are no tools in '$folder'; build them first: make" >&2
        exit 3
    }
    PATH=$bin:$PATH:/usr/sbin
    work=$(mktemp -d) || exit 3
    trap story_end EXIT
    trap 'exit 130' INT TERM
    cd "$work" || exit 3
    umask 077 # keys are made here
}
need() {
    command -v "$1" >/dev/null && return
    echo "$story: needs $1: apt-get install $2" >&2
    exit 3
}

# The device's lines end in CR LF.
show() { [ -z "$out" ] || sed 's/^/      /' <<<"${out//$'\r'/}"; }
try() {
    printf '  $ %s\n' "$*"
    out=$("$@" 2>&1)
    rc=$?
    show
}
do_it() { fails 0 "$@"; }
fails() {
    local code=$1
    shift
    try "$@"
    expect_code "$code"
}
console() {
    local options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    printf '  > %s\n' "$@" | sed "s/aes128_key,.*/aes128_key,(the 32 digits of the key)/"
    out=$(printf '%s\r' "$@" | fota-sim console "${options[@]}" 2>&1)
    rc=$?
    out=${out//$'\r'/}
    show
}

expect_code() { [ "$rc" -eq "$1" ] || not_as_told "exit code $rc, expected $1"; }
expect() { grep -qE -- "$1" <<<"$out" || not_as_told "expected '$1'"; }
expect_not() { ! grep -qE -- "$1" <<<"$out" || not_as_told "did not expect '$1'"; }
expect_running() {
    local sha256 running
    sha256=$(sha256sum "$1" | cut -d' ' -f1)
    running=$(grep '^running: .* sha256 ' <<<"$out" | tail -n 1)
    [ "${running##* }" = "$sha256" ] || not_as_told "expected $1 to run, with the digest $sha256"
    tell "-> the device runs $1"
}

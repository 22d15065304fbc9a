# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The commands of README.md and of the examples' READMEs, as they stand there: they work for whoever
# pastes them into a fresh clone. Every block marked sh is run; make, which runs this, is looked up.
source "$FK_ROOT/tests/support/check.sh"
source "$FK_ROOT/examples/release/nginx.sh" # for free ports

# A tree like a fresh clone in which `make` was run, but with this build.
clone() {
    rm -rf tree
    mkdir -p tree/build
    ln -s "$FK_BUILD" tree/build/release
    local name
    for name in "$FK_ROOT"/*; do
        [ "${name##*/}" = build ] || ln -s "$name" tree/
    done
}
# blocks FILE: what is marked as sh
blocks() { awk '/^```sh$/ {on = 1; next} /^```/ {on = 0} on' "$1"; }
# paste FILE: runs it in such a tree, on ports that are free; $out and $err
paste_blocks() {
    local script=$PWD/steps.sh port
    blocks "$1" | sed 's/^make [a-z-]*/: &/' >"$script"
    for port in 8080 8883 40508; do
        grep -qw "$port" "$1" || continue
        sed -i "s/\b$port\b/$(nginx_free_port)/g" "$script"
    done
    sed -i '1i trap "kill \\$(jobs -p) 2>/dev/null || :" EXIT' "$script" # servers, when a step fails
    clone
    (cd tree && timeout 120 bash -e -o pipefail "$script")
}
# Commands that are no block of that kind would not be run.
unmarked() {
    awk '/^```sh$/ {on = 1} !on; /^```$/ {on = 0}' "$1" |
        grep -E '^ *\$? ?(export|mkdir|make|openssl|cert-bundle|create_ota|fota-sim|key-convert|ota-info|ski-name) ' || :
}

cd "$FK_ROOT" && mapfile -t files < <(ls README.md examples/*/README.md) && cd - >/dev/null || exit 3
check_equal 'each example has a README' "$(find "$FK_ROOT/examples" -mindepth 1 -maxdepth 1 -type d ! -name support | wc -l)" \
    $((${#files[@]} - 1))
for file in "${files[@]}"; do
    check_equal "$file: its commands are marked as such" '' "$(unmarked "$FK_ROOT/$file")"
    for target in $(grep -ohE '^make [a-z-]+|`make [a-z-]+' "$FK_ROOT/$file" | sed 's/.*make //' | sort -u); do
        check_match "$file: make $target" . "$(grep -hE "^$target:" "$FK_ROOT/Makefile" "$FK_ROOT/firmware/build.mk")"
    done
done

# What it names is there, and what is there has its row.
names=$(grep -ohE '`[A-Za-z0-9_./-]+/[A-Za-z0-9_.-]*`|^    (include|tools|profiles|tests|examples)/[a-z/-]+' \
    "$FK_ROOT/README.md" | tr -d '` ' | sort -u)
missing=''
for name in $names; do [ -e "$FK_ROOT/$name" ] || missing+=" $name"; done
check_match 'paths are found' 'firmware/FORMAT.md' "$names"
check_equal 'each of them exists' '' "$missing"
for profile in "$FK_ROOT"/profiles/*.yaml; do
    profile=${profile##*/}
    check_match "a row for $profile" . "$(grep -E "^\|[^|]+\| \`${profile%.yaml}\` \|" "$FK_ROOT/README.md")"
done
for tool in "$FK_BIN"/*; do
    check_match "a row for ${tool##*/}" . "$(grep -E "^\| \`${tool##*/}\` \|" "$FK_ROOT/README.md")"
done

check_ok 'README.md: every step' paste_blocks "$FK_ROOT/README.md"
check_match 'the packet verifies' '^ +digest passed$' "$out"
microbit=$(sed -n 's/^sha256  //p' <<<"$out")
check_match 'the device installs it' '^boot: installed the new image and verified it in place$' "$out"
check_match 'and runs it' "^running: .* sha256 $microbit" "$out"
check_match 'and says so' "^AT-S.Var:image_sha256=$microbit" "$out"
check_match 'the credentials are judged' '^REFUSED +key-form ' "$out"
check_match 'and refused' '^exit code 1$' "$out"
check_match 'and repaired' "^changed +'device.key': PKCS#8, PEM became PKCS#1" "$out"
check_match 'and taken' '\[7/7\] .* ok' "$err"
check_match 'the error is explained' '^74 ' "$out"

check_ok 'wwep-secure: every step' paste_blocks "$FK_ROOT/examples/wwep-secure/README.md"
check_equal 'what was written is read' 2 "$(grep -c '^0FAC 0B CAFE$' <<<"$out")"
check_match 'a register that nobody wrote' 'server refuses: Not Found' "$err"
check_equal 'both refusals end as told' 2 "$(grep -cE '^exit code [13]$' <<<"$out")"

check_ok 'mqtts: every step' paste_blocks "$FK_ROOT/examples/mqtts/README.md"
check_equal 'the reader has the three messages' 'plant/log one plant/log two plant/state hello' \
    "$(grep '^plant/' <<<"$out" | sort | paste -sd ' ')"

check_ok 'provision-and-update: every step' paste_blocks "$FK_ROOT/examples/provision-and-update/README.md"
check_match 'it comes to its end' '^The end: the board runs version 2' "$out"

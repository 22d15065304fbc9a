# SPDX-License-Identifier: Apache-2.0
# The commands of README.md, as they stand there: they work for whoever pastes them.
source "$FK_ROOT/tests/support/check.sh"
source "$FK_ROOT/examples/release/nginx.sh" # for a free port

# The indented block behind "by hand:", for this build and a port that is free.
awk '/by hand:$/ {on = 1; next} on && /^[^ ]/ {exit} on && sub(/^    /, "")' "$FK_ROOT/README.md" |
    sed -e "s|build/release/bin|$FK_BIN|g" -e "s|\$PWD/||g" -e "s|8080|$(nginx_free_port)|g" >steps.sh
check_equal 'steps are found' 10 "$(grep -cE '^(export|openssl|create_ota|ota-info|head|fota-sim|mkdir|python3|printf)' steps.sh)"
sed -i '1i trap "kill \$(jobs -p) 2>/dev/null || :" EXIT' steps.sh # the server, when a step fails
check_ok 'every step does what it says' bash -e -o pipefail steps.sh
check_match 'the packet verifies' '^ +digest passed$' "$out"
microbit=$(sed -n 's/^sha256  //p' <<<"$out")
check_match 'the device installs it' '^boot: installed the new image and verified it in place$' "$out"
check_equal 'and runs it' "$microbit" "$(sed -n 's/^running: .* sha256 //p' <<<"$out" | tail -n 1)"
check_match 'and says so' "^AT-S.Var:image_sha256=$microbit" "$out"

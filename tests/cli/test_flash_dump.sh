# SPDX-License-Identifier: Apache-2.0
# fota-sim flash dump --region: every region of the device by its name, and no other.
source "$FK_ROOT/tests/support/check.sh"

fota-sim init >/dev/null
while read -r region first size; do
    check_ok "$region" fota-sim flash dump --region "$region" --output "$region.dump"
    check_equal "$region: size" "$size" "$(stat -c %s "$region.dump")"
    check_ok "$region in hexadecimal" fota-sim flash dump --region "$region"
    check_match "$region: address of the device" "^$first  " "$(head -n 1 <<<"$out")"
done <<'END'
boot 08000000 65536
state 08010000 16384
store 08014000 49152
primary 08020000 524288
staging 080a0000 524288
envelope 08120000 16384
keys 08124000 8192
END
for name in rom prim primaryx Boot ''; do
    check_refused "no region '$name'" 2 \
        "^fota-sim: --region: expected boot, state, store, primary, staging, envelope, keys, found '$name'" \
        fota-sim flash dump --region "$name" --output none.dump
    check_equal "no region '$name': nothing printed" '' "$out"
    check_absent "no region '$name': no output" none.dump
done

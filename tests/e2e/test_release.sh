# SPDX-License-Identifier: Apache-2.0
# The release path, end to end: a real HEX file becomes a packet, nginx serves it, the simulated
# device fetches, verifies, installs and boots it; and the power is cut at every flash operation.
source "$FK_ROOT/tests/support/check.sh"
source "$FK_ROOT/examples/release/nginx.sh"
trap nginx_stop EXIT
microbit=/usr/share/firmware-microbit-micropython/firmware.hex

value() { sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",{]*\).*/\1/p" | head -n 1; }
sha() { sha256sum "$1" | cut -d' ' -f1; }
boots() { fota-sim boot --json "$@" 2>/dev/null | value sha256; }

openssl rand -out key.bin 16
openssl rand -out other.bin 16
chmod 600 key.bin other.bin
head -c 12000 /dev/urandom >old.bin
head -c 14004 /dev/urandom >new.bin
mkdir -p srv/www
nginx_start "$PWD/srv" || exit 1
fetch() { printf 'AT+S.FWUPDATE=e,127.0.0.1,/%s,%s,0,,\r' "$1" "$nginx_port"; }

# The module takes bare packets; the board wants them in signed envelopes.
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out signer.pem 2>genpkey.err
chmod 600 signer.pem
/usr/bin/python3 "$FK_ROOT/tests/support/keyset.py" signer.keys 1 1 signer.pem
# A desk that is not as strict as the device; create_ota itself wraps no packet that the device refuses.
mkdir lax
sed 's/^  plain: refused/  plain: allowed/' "$FK_ROOT/profiles/mps2-an386.yaml" >lax/mps2-an386.yaml
sign() { # NAME.ota...: NAME.suit with it
    local packet
    for packet; do
        create_ota -q -f suit -p lax/mps2-an386.yaml --wrap-st --sign signer.pem --sequence 1 \
            "srv/www/$packet" "srv/www/${packet%.ota}.suit"
    done
}
file_for() { # PROFILE NAME
    if [ "$1" = spwf04s ]; then echo "$2.ota"; else echo "$2.suit"; fi
}
factory() { # PROFILE OPTION...
    local keys=()
    if [ "$1" != spwf04s ]; then keys=(--key-set signer.keys); fi
    fota-sim init -f -p "$@" --image old.bin --input bin --key key.bin "${keys[@]}" >/dev/null
}

## the demonstration itself, and that it cleans up and can fail
mkdir temp
check_ok 'demonstration: everything is as told' env TMPDIR="$PWD/temp" "$FK_ROOT/examples/release/demo.sh" "$FK_BUILD"
check_match 'demonstration: comes to its end' '^The end: every image that ran had been verified' "$out"
check_equal 'demonstration: leaves nothing' '' "$(ls -A temp)"
demo_port=$(sed -n 's/.*nginx serves the packets on 127.0.0.1:\([0-9]*\).*/\1/p' <<<"$out")
check_match 'demonstration: it had a server' '^[1-9][0-9]*$' "$demo_port"
(exec 3<>"/dev/tcp/127.0.0.1/$demo_port") 2>/dev/null
check_equal 'demonstration: its server is gone' 1 $?
# With tools that skip the tag check, as far as a shell can tell: the story must not hold.
mkdir -p lying/bin
for tool in create_ota ota-info; do ln -s "$FK_BIN/$tool" lying/bin/; done
printf '#!/bin/sh\n"%s/fota-sim" "$@" | sed "s/refused the packet/took the packet/"\n' "$FK_BIN" >lying/bin/fota-sim
chmod +x lying/bin/fota-sim
cp "$FK_BIN/fota-sim" lying/fota-sim.elf
cp -R "$FK_ROOT/examples" .
sed -i "s|\"\$bin/fota-sim\" own.bin|\"$FK_BIN/fota-sim\" own.bin|" examples/release/demo.sh
run env TMPDIR="$PWD/temp" examples/release/demo.sh lying
check_equal 'demonstration with a device that lies: fails' 1 "$rc"
check_match 'demonstration with a device that lies: where' "^demo: this is not as it was told: expected .*refused the packet" "$err"
check_equal 'demonstration with a device that lies: leaves nothing' '' "$(ls -A temp)"

## the real image, against an independent reader
check_ok 'packet of the real image' create_ota --only-region 0-0x10000000 "$microbit" srv/www/microbit.ota key.bin
sign microbit.ota
srec_cat "$microbit" -intel -crop 0 0x10000000 -o microbit.bin -binary
for profile in spwf04s mps2-an386; do
    board=(-p $profile --flash $profile.flash)
    factory $profile --flash $profile.flash
    run bash -c "printf '%s' '$(fetch "$(file_for $profile microbit)")' | fota-sim console ${board[*]}"
    check_equal "$profile: fetched" 1 "$(grep -c '^AT-S.OK' <<<"$out")"
    check_ok "$profile: installs" fota-sim boot --confirm "${board[@]}"
    check_match "$profile: runs" "^running: 243852 bytes, sha256 $(sha microbit.bin)$" "$out"
    fota-sim flash dump "${board[@]}" --region primary -o $profile.primary
    head -c 243852 $profile.primary >$profile.image
    check_same_file "$profile: the image in flash is what srec_cat reads" microbit.bin $profile.image
    check_equal "$profile: and stays" "$(sha microbit.bin)" "$(boots "${board[@]}")"
done

## what each device accepts: profile, packet, reason at the console, refusal at boot
create_ota -q --input bin new.bin srv/www/good.ota key.bin
create_ota -q --input bin new.bin srv/www/wrong.ota other.bin
create_ota -q --input bin new.bin srv/www/plain.ota 2>/dev/null
size=$(stat -c %s srv/www/good.ota)
flip() { # OFFSET NAME FROM: a copy with one bit changed
    cp "srv/www/$3" "srv/www/$2"
    flip_bit "srv/www/$2" "$1"
}
flip 3 nonce.ota good.ota
flip 14 tag.ota good.ota
flip 40 hash.ota good.ota
flip 60 first.ota good.ota
flip $((size - 1)) last.ota good.ota
flip 40 plain-hash.ota plain.ota
flip 5000 plain-body.ota plain.ota
head -c $((size - 4)) srv/www/good.ota >srv/www/cut.ota
{ cat srv/www/good.ota; printf 'more'; } >srv/www/more.ota
head -c 59 srv/www/good.ota >srv/www/header.ota
head -c 60 srv/www/good.ota >srv/www/bare.ota
head -c $((size - 1)) srv/www/good.ota >srv/www/odd.ota
sign good.ota plain.ota wrong.ota
while read -r profile packet reason refusal; do
    board=(-p $profile --flash try.flash)
    factory "$profile" --flash try.flash
    run bash -c "printf '%s' '$(fetch "$packet")' | fota-sim console ${board[*]}"
    found=$(sed -n 's/^AT-S.Reason:\([0-9]*\):.*/\1/p' <<<"$out")
    check_equal "$profile, $packet: reason at the console" "$reason" "${found:--}"
    run fota-sim boot --json "${board[@]}"
    found=$(value symbol <<<"$out")
    check_equal "$profile, $packet: refusal at boot" "$refusal" "${found:--}"
    want=$(sha old.bin)
    if [ "$reason$refusal" = -- ]; then want=$(sha new.bin); fi
    check_equal "$profile, $packet: what runs" "$want" "$(value sha256 <<<"$out")"
done <<'END'
spwf04s good.ota - -
spwf04s plain.ota - -
spwf04s wrong.ota - FK_E_TAG
spwf04s nonce.ota - FK_E_TAG
spwf04s tag.ota - FK_E_TAG
spwf04s hash.ota - FK_E_DIGEST
spwf04s first.ota - FK_E_TAG
spwf04s last.ota - FK_E_TAG
spwf04s cut.ota - FK_E_TAG
spwf04s more.ota - FK_E_TAG
spwf04s plain-hash.ota - FK_E_DIGEST
spwf04s plain-body.ota - FK_E_DIGEST
spwf04s header.ota 10 -
spwf04s bare.ota 15 -
spwf04s odd.ota 33 -
spwf04s good.suit 85 -
mps2-an386 good.ota 44 -
mps2-an386 good.suit - -
mps2-an386 plain.suit 43 -
mps2-an386 wrong.suit - FK_E_TAG
END

## trial: confirmed it stays, otherwise the old image comes back
board=(-p mps2-an386 --flash trial.flash)
trial() {
    factory mps2-an386 --flash trial.flash
    fetch good.suit | fota-sim console "${board[@]}" >/dev/null
    check_equal "$1: the new image is on trial" "$(sha new.bin)" "$(boots "${board[@]}")"
}
trial 'confirmed on the console'
run bash -c "printf 'AT+S.STS=update_phase\rAT+S.CONFIRM\rAT+S.STS=update_phase\r' | fota-sim console ${board[*]}"
check_equal 'confirmed on the console: phases' 'trial idle' \
    "$(sed -n 's/^AT-S.Var:update_phase=//p' <<<"$out" | tr -d '\r' | paste -sd' ')"
for _ in 1 2 3 4; do boots "${board[@]}" >/dev/null; done
check_equal 'confirmed on the console: stays' "$(sha new.bin)" "$(boots "${board[@]}")"
trial 'never confirmed'
check_equal 'never confirmed: second boot' "$(sha new.bin)" "$(boots "${board[@]}")"
check_equal 'never confirmed: third boot' "$(sha new.bin)" "$(boots "${board[@]}")"
check_equal 'never confirmed: the old image is back' "$(sha old.bin)" "$(boots "${board[@]}")"
check_match 'never confirmed: reason' 'trial image was not confirmed in time \(84' "$(fota-sim status "${board[@]}")"

## the power goes at every flash operation of download and installation, in one of three ways
cuts=0 lost=0
for profile in spwf04s mps2-an386; do
    board=(-p $profile --flash cut.flash)
    factory $profile --flash fresh.flash
    good=$(file_for $profile good)
    hows=(before after torn)
    for ((n = 1; n < 400; n++)); do
        cp fresh.flash cut.flash
        { fetch "$good"; printf 'AT+S.RESET\r'; } |
            fota-sim console "${board[@]}" --power-cut "$n:${hows[n % 3]}" >cut.log 2>&1
        [ $? -eq 3 ] || break
        cuts=$((cuts + 1))
        case $(boots "${board[@]}") in
        "$(sha new.bin)") ;;
        "$(sha old.bin)")
            { fetch "$good"; printf 'AT+S.RESET\r'; } | fota-sim console "${board[@]}" >cut.log 2>&1
            [ "$(boots "${board[@]}")" = "$(sha new.bin)" ] || lost=$((lost + 1))
            ;;
        *) lost=$((lost + 1)) ;;
        esac
    done
done
check_equal 'power cuts: always a verified image, and the update succeeds afterwards' 0 $lost
check_equal 'power cuts: there were enough of them' yes "$([ $cuts -gt 60 ] && echo yes || echo "only $cuts")"
echo "# $cuts power cuts"

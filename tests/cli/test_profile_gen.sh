#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The generator of the device tables, and through it the search for profiles.
source "$FK_ROOT/tests/support/check.sh"
gen=$FK_BUILD/internal/profile-gen
unset FOTAKIT_PROFILES

"$gen" device "$FK_ROOT/profiles/mps2-an386.yaml" >absolute.c
cp "$FK_ROOT/profiles/mps2-an386.yaml" .
check_ok 'a profile becomes a table' "$gen" device ./mps2-an386.yaml
cp .stdout relative.c
check_same_file 'the same profile gives the same bytes from any path' absolute.c relative.c
check_equal 'the table holds no path' '' "$(grep -E '/(work|home|tmp|build|profiles)' relative.c)"
check_ok 'the table compiles without a warning' \
    gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -I"$FK_ROOT/firmware/include" -c relative.c
check_match 'a minus in the name becomes an underscore' ' fk_device_mps2_an386 ' "$(nm relative.o | sed 's/$/ /')"

check_ok 'a boot stage gets a table of its own' "$gen" device boot ./mps2-an386.yaml
cp .stdout boot.c
check_ok 'which compiles as well' \
    gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -I"$FK_ROOT/firmware/include" -c boot.c
check_equal 'and is the same without variables, TLS and console' \
    "$(sed '/^static const struct fk_console/,/^};/d; /^    \.tls =/,/^        },/d; /^    \.console =/,/^        },/d' relative.c)" \
    "$(cat boot.c)"

sed 's/text: Command not found/text: "say \\"no\\" ??\/ \\\\ 1\\u00fc2"/' mps2-an386.yaml >odd
mv odd mps2-an386.yaml
check_ok 'texts with quotes, trigraphs and other bytes are escaped' "$gen" device ./mps2-an386.yaml
check_match 'each as three octal digits' \
    'say \\042no\\042 \\077\\077/ \\134 1\\303\\2742' "$out"
cp .stdout odd.c
check_ok 'and still compile' \
    gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -I"$FK_ROOT/firmware/include" -c odd.c

check_ok 'an index lists the devices' "$gen" index a b-c
check_match 'by their symbols' '&fk_device_b_c,' "$out"
cp .stdout index.c
check_ok 'and compiles' \
    gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -I"$FK_ROOT/firmware/include" -c index.c

bad=$FK_ROOT/tests/profiles-bad/misspelled-key.yaml
check_refused 'a refused profile tells file, line and column' 1 \
    "^profile-gen: $bad:9:3: flash: unknown key 'progam_size', did you mean 'program_size'\?$" \
    "$gen" device "$bad"
check_equal 'and writes no table' '' "$out"
printf 'sources: {t: test}\ndevice: {source: t, name: plain, title: A, vendor: b.c}\n' >plain.yaml
check_refused 'a profile without firmware has no table' 1 'describes no firmware' \
    "$gen" device ./plain.yaml
sed 's/staging: {offset: 576K/staging: {offset: 572K/' "$FK_ROOT/profiles/mps2-an386.yaml" >overlap.yaml
check_refused 'a flash map that the device would refuse has none either' 1 'overlap' \
    "$gen" device boot ./overlap.yaml
check_refused 'a missing file is not a refusal' 3 'No such file' "$gen" device ./none.yaml
check_refused 'a wrong verb is wrong usage' 2 '^usage: ' "$gen" table x
check_refused 'a full disk is noticed' 3 'cannot write' \
    bash -c '"$0" device "$1" >/dev/full' "$gen" "$FK_ROOT/profiles/spwf04s.yaml"

# An installed tool finds the installed profiles, and only those.
mkdir -p prefix/bin prefix/share/fotakit/profiles
cp "$gen" prefix/bin/
cp "$FK_ROOT"/profiles/spwf04s.yaml prefix/share/fotakit/profiles/
check_ok 'an installed tool finds its profiles by name' prefix/bin/profile-gen device spwf04s
check_refused 'and lists them when it does not know a name' 3 \
    "no profile 'mps2-an386' in $PWD/prefix/share/fotakit/profiles; there is spwf04s$" \
    prefix/bin/profile-gen device mps2-an386
cp plain.yaml prefix/share/fotakit/profiles/
mkdir own
cp "$FK_ROOT"/profiles/mps2-an386.yaml own/
check_ok 'FOTAKIT_PROFILES adds a folder' \
    env FOTAKIT_PROFILES="$PWD/own" prefix/bin/profile-gen device mps2-an386
sed 's/name: mps2-an386/name: spwf04s/; s/line_max: 512/line_max: 99/' own/mps2-an386.yaml \
    >own/spwf04s.yaml
check_ok 'and comes first' env FOTAKIT_PROFILES="$PWD/own" prefix/bin/profile-gen device spwf04s
check_match 'so that a profile can be replaced' 'line_max = 99' "$out"
check_refused 'a name with a path in it is a path' 3 'No such file' \
    env FOTAKIT_PROFILES="$PWD/own" prefix/bin/profile-gen device ../own/mps2-an386.yaml

# The whole profile that the schema shows is one.
sed -n '/^## A whole profile/,$ { /^```yaml/,/^```$/ { /^```/!p } }' "$FK_ROOT/profiles/README.md" \
    >mydevice.yaml
check_ok 'the example of the schema loads' "$gen" device ./mydevice.yaml

# What the images of a board are built with.
board=$FK_ROOT/profiles/mps2-an386.yaml
check_ok 'a board has a header' "$gen" board "$board"
cp .stdout profile_board.h
printf '#include "profile_board.h"\n_Static_assert(FK_BOARD_RAM_START == 0x20000000u && FK_BOARD_WATCHDOG_MS == 4000u, "");\n' >board.c
check_ok 'with the numbers of the profile' gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -c board.c
check_ok 'the boot stage is linked to the code memory' "$gen" linker boot "$board"
check_match 'at its address' 'CODE \(rx\) : ORIGIN = 0x0, LENGTH = 0x400000' "$out"
check_ok 'the application is linked to its slot' "$gen" linker application "$board"
check_match 'where the flash map has it' 'CODE \(rx\) : ORIGIN = 0x21010000, LENGTH = 0x80000' "$out"
check_refused 'a device without a board has no images' 1 "no section 'board'" \
    "$gen" board "$FK_ROOT/profiles/spwf04s.yaml"
check_refused 'there are two images' 2 '^usage: ' "$gen" linker loader "$board"

# What the images of a board have code for.
mkdir accepting
accepts() { # sed script
    sed "$1" "$board" >accepting/mps2-an386.yaml
    "$gen" accepts ./accepting/mps2-an386.yaml >profile_accepts.h || return
    printf '#include "fotakit_fw/accepts.h"\n#include <stdio.h>\nint main(void) { printf("%%d%%d%%d%%d%%d%%d%%d\\n", FK_ACCEPTS_PACKETS, FK_ACCEPTS_GCM, FK_ACCEPTS_ECDH, FK_ACCEPTS_MAC, FK_INSTALLS_SWAPPING, FK_INSTALLS_OVERWRITING, FK_BOOTS_BY_SIGNATURE); }\n' >accepts.c
    gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -DFK_PROFILE_ACCEPTS -I. -I"$FK_ROOT/firmware/include" accepts.c -o accepts && ./accepts
}
check_equal 'the reference board: packets, GCM, ECDH, no MAC, swap' 1110100 "$(accepts '')"
check_equal 'without packets in envelopes' 0110100 "$(accepts /packet_component/d)"
check_equal 'nor GCM' 0010100 "$(accepts '/packet_component/d; s/\[a128gcm, /[/')"
check_equal 'nor ECDH' 0000100 "$(accepts '/packet_component/d; s/\[a128gcm, /[/; s/, ecdh-es//')"
check_equal 'packets mean GCM' 1100100 "$(accepts 's/\[a128gcm, /[/; s/, ecdh-es//')"
check_equal 'bare packets are packets' 1110100 \
    "$(accepts '/packet_component/d; s/bare_packets: refused/bare_packets: allowed/')"
check_equal 'keys from elsewhere may be for MACs' 1111100 "$(accepts '/^    keys:/d')"
check_equal 'overwriting, signatures at boot' 1110011 "$(accepts \
    's/install: swap/install: overwrite/; s/trial_boots: 3/trial_boots: 0/; s/recover_previous: true/recover_previous: false/; s/boot_check: always/boot_check: signature/')"

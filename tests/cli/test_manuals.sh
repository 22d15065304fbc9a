# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Every option of every tool is in its manual page as --help shows it, with its short form and the
# word for its argument, and the pages have no other. A subcommand has a section of its name; it
# shares the sections "OPTIONS ..." with the others.
source "$FK_ROOT/tests/support/check.sh"

# Options as --help lists them: "-o, --output FILE", "--json".
help_options() { # command...
    "$@" --help | sed -n -E 's/^  (-., |    )(--[a-z0-9-]+)( [^ ]+)?( .*)?$/\1\2\3/p' | sed 's/^ *//'
}

# The page as text, a paragraph or heading to a line: section, tab, line. Tags of paragraphs (.TP)
# are indented by 60, what stands below them by more; a tag shorter than that has its text in the
# same line, behind two blanks or more.
page_lines() { # page
    groff -man -Tascii -P-cbou -rLL=9000n -rIN=60n "$1" | awk '/^[A-Z]/ {section = $0; next} NF {print section "\t" $0}'
}
tags() { sed -n -E 's/^([^\t]*)\t {60}(-.*)$/\1\t\2/p'; }

# Takes options from tags of three shapes: "-h, --help, --version", "-k FILE, --keyfile FILE" and
# "--device-key KEY.pem, --kek FILE". Prints them as --help would; a short form belongs to the long
# one behind it.
tag_options() {
    awk -F'\t' '{
        sub(/  .*/, "", $2)
        n = split($2, part, /, /)
        short = ""
        for (i = 1; i <= n; i++) {
            if (part[i] ~ /^-[a-z]( |$)/) { short = substr(part[i], 1, 2) ", "; continue }
            print $1 "\t" short part[i]
            short = ""
        }
    }'
}
# in_sections PATTERN <tagged: of the sections that match
in_sections() { awk -F'\t' -v want="$1" '$1 ~ want {print $2}' | sort -u; }
without() { comm -23 <(sort -u <<<"$1") <(sort -u <<<"$2") | sed '/^$/d'; }

subcommands() { # tool: those with a --help of their own
    "$1" --help | sed -n -E "s/^(usage:| +) *$1 ([a-z]+) .*/\2/p" | sort -u | while read -r word; do
        cmp -s <("$1" "$word" --help) <("$1" --help) || echo "$word"
    done
}

pages=0
for tool in "$FK_BIN"/*; do
    tool=${tool##*/} page=$FK_ROOT/tools/${tool##*/}.1
    if [ ! -e "$page" ]; then
        fail "$tool has a manual page"
        continue
    fi
    pages=$((pages + 1))
    check_equal "$tool: the page is sound" '' "$(groff -man -Tascii -ww -z "$page" 2>&1)"
    page_lines "$page" >page
    tags <page | tag_options >tagged
    subs=$(subcommands "$tool")
    own=$(tr 'a-z\n' 'A-Z|' <<<"$subs" | sed 's/|$//')

    help=$(help_options "$tool")
    main=$(awk -F'\t' -v own="^($own)\$" '$1 !~ own' tagged | in_sections .)
    check_match "$tool: --help lists options" '^-h, --help$' "$help"
    check_equal "$tool: each option is in the page" '' "$(without "$help" "$main")"
    everything=$help
    for sub in $subs; do
        help=$(help_options "$tool" "$sub")
        section=$(in_sections "^${sub^^}\$" <tagged)
        check_equal "$tool $sub: each option is in the page" '' \
            "$(without "$help" "$section"$'\n'"$(in_sections OPTIONS <tagged)")"
        check_equal "$tool $sub: the page has no other" '' "$(without "$section" "$help")"
        everything+=$'\n'$help
    done
    # "As above" comes without the argument that the option has.
    known_here=$everything$'\n'$(grep -oE -- '--[a-z][a-z0-9-]+' <<<"$everything")
    check_equal "$tool: the page has no other" '' "$(without "$main" "$known_here")"
    grep -oE -- '--[a-z][a-z0-9-]+' page >>mentioned
    grep -oE -- '--[a-z][a-z0-9-]+' <<<"$everything" >>known
done

# Pages speak of each other's options, in examples too.
check_equal 'no page mentions an option that no tool has' '' "$(without "$(cat mentioned)" "$(cat known)")"
check_equal 'each page is of a tool' "$pages" "$(find "$FK_ROOT/tools" -maxdepth 1 -name '*.1' | wc -l)"

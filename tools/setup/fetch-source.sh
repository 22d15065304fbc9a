#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Fetches the upstream source of a Debian package from the suite after Debian 12, for libraries
# whose Debian 12 version is too old. Works without root and leaves the user's apt configuration
# alone: apt gets a private state folder; its signature checks stay on.
#
# Usage: fetch-source.sh PACKAGE MINOR-SERIES TARGET-FOLDER
#   FOTAKIT_SOURCE_SUITE   suite to take it from (trixie)
#   FOTAKIT_SOURCE_MIRROR  mirror to use; by default the one in the machine's own apt sources
set -euo pipefail

package=$1 series=$2 target=$3
suite=${FOTAKIT_SOURCE_SUITE:-trixie}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

die() {
    echo "set-up: cannot fetch $package $series: $*" >&2
    echo "set-up: or point ${package^^}_DIR at an unpacked $package $series source tree" >&2
    exit 3
}

command -v apt-get >/dev/null || die "no apt-get on this system"
mirror=${FOTAKIT_SOURCE_MIRROR:-}
if [ -z "$mirror" ]; then
    # The machine's own Debian mirror: the one that serves a release with the Debian origin and
    # is not the security archive.
    mirror=$(apt-get indextargets --format '$(ORIGIN)|$(RELEASE)|$(REPO_URI)' 'Created-By: Packages' |
        awk -F'|' '$1 == "Debian" && $2 !~ /security/ {print $3; exit}')
fi
[ -n "$mirror" ] || die "no Debian mirror in the machine's apt sources (run apt-get update first)"
[ -r "$keyring" ] || die "no $keyring"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/archives/partial,sources,dl}
cat > "$work/sources/fotakit.sources" <<EOF
Types: deb-src
URIs: $mirror
Suites: $suite
Components: main
Signed-By: $keyring
EOF
apt() {
    # _apt cannot write below a private folder, so the download runs as the caller.
    apt-get -q -q \
        -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/sources" \
        -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" \
        -o APT::Sandbox::User="$(id -un)" -o APT::Get::AllowUnauthenticated=false "$@"
}
echo "set-up: fetching $package $series (source package, signatures checked)"
apt update >"$work/log" 2>&1 || { cat "$work/log" >&2; die "apt update failed"; }
(cd "$work/dl" && apt source --download-only "$package") >"$work/log" 2>&1 ||
    { cat "$work/log" >&2; die "apt source failed"; }

tarball=$(find "$work/dl" -name "${package}_*.orig.tar.*" ! -name '*.asc' | head -n 1)
[ -n "$tarball" ] || die "the source package holds no orig tarball"
version=${tarball##*/"${package}"_} version=${version%.orig.tar.*}
case $version in
"$series".*) ;;
*) die "the suite has version $version" ;;
esac

rm -rf "$target.new"
mkdir -p "$target.new"
tar -xf "$tarball" -C "$target.new" --strip-components=1 ||
    die "tar cannot unpack $(basename "$tarball") (bzip2 and xz-utils are needed)"
echo "$package $version $(sha256sum "$tarball" | cut -d' ' -f1)" > "$target.new/FOTAKIT-SOURCE"
rm -rf "$target"
mv "$target.new" "$target"
echo "set-up: $package $version is in $target"

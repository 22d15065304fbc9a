#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Published test vectors against our code. Ends with "N passed, N failed"; a folder that is missing
# or holds no vectors is a failure, not a success.
# Usage: conformance.sh BUILD-FOLDER VECTOR-FOLDER
set -uo pipefail
cd "$(dirname "$0")/.." || exit 3
build=$1 vectors=${2:-}
if [ -z "$vectors" ] || [ ! -r "$vectors/suit/vectors.json" ]; then
    echo "conformance: no vectors in '$vectors'; use make conformance VECTORS=FOLDER, where" \
        "FOLDER/suit/vectors.json exists" >&2
    exit 2
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
python3 tests/conformance/suit.py "$build/conformance/suit_vector" "$vectors/suit" >"$log" 2>&1
rc=$?
passed=$(grep -c '^ok - ' "$log") failed=$(grep -c '^not ok - ' "$log")
grep -v '^ok - ' "$log"
# A driver that died has failed, whatever it said before.
[ "$rc" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
[ "$passed" -gt 0 ] || failed=$((failed + 1))
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs every tests/bench/bench_*.sh in turn with the build folder. Timings are printed, never judged
# by an exit code: a machine may be slow. Usage: run.sh BUILD-FOLDER
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
export FK_ROOT=$PWD FK_BUILD=$PWD/$1 FK_BIN=$PWD/$1/bin
printf '%s, %s processors, %s\n\n' "$(uname -sm)" "$(nproc)" \
    "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)"
failed=0
for b in tests/bench/bench_*.sh; do
    bash "$b" "$1" || { echo "$b failed"; failed=1; }
    echo
done
exit $failed

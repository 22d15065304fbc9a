# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced: certificates of a test, made as the examples make theirs.
source "$FK_ROOT/examples/support/pki.sh"

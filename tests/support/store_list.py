#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lists what a certificate store holds: store_list.py FILE..., images of the store region. One line
an entry, sorted: set, role, name, key identifier, length and SHA-256 of the data. A reader of its
own, from firmware/FORMAT.md ("Certificate store") and not from the code, for flash with units of 4
bytes. Every checksum is checked; exit code 1 when there is no store, or a damaged one."""
import hashlib
import struct
import sys

UNIT, CELL, CLAIMS = 4, 8, 16
ROLES = {1: "ca", 2: "cert", 3: "key", 4: "auth"}
SETS = {1: "tls", 2: "wpa", 3: "config"}


def cell_is(data, seq, index):
    v = (seq * 2654435761 ^ (index + 1) * 2246822519) & 0xffffffff
    want = b"".join(bytes((v >> 8 * i & 255, ~(v >> 8 * i) & 255)) for i in range(4))
    return sum(a == b for a, b in zip(data, want)) >= 5


def checked(head, what):
    if hashlib.sha256(head[:-16]).digest()[:16] != head[-16:]:
        raise ValueError(what + ": checksum is wrong")
    return head


def units(n):
    return (n + UNIT - 1) // UNIT * UNIT


def record(bank, at):
    """An entry at this offset, and the offset behind it."""
    magic, flags, where, role, n, k, zero, length = struct.unpack_from(">2sBBBBBBI", bank, at)
    if magic != b"FC" or flags > 1 or zero != 0:
        raise ValueError("no record at %d" % at)
    head = checked(bank[at:at + 48 + n + k + 16], "record at %d" % at)
    data_at = at + units(len(head))
    data = bank[data_at:data_at + length]
    if hashlib.sha256(data).digest() != head[16:48]:
        raise ValueError("data of the record at %d is damaged" % at)
    entry = "%s %s %s %s %d %s" % (
        SETS[where], ROLES.get(role, role), head[48:48 + n].decode("ascii"),
        head[48 + n:48 + n + k].hex() or "-", length, hashlib.sha256(data).hexdigest())
    return entry, flags & 1, data_at + units(length)


def bank_head(bank):
    """(sequence, base length, highest claim), or None."""
    for at in (0, 32):
        head = bank[at:at + 32]
        if head[:5] == b"FKCS\x01" and hashlib.sha256(head[:16]).digest()[:16] == head[16:]:
            seq, base = struct.unpack_from(">II", head, 8)
            claims = [i for i in range(CLAIMS)
                      if cell_is(bank[64 + i * CELL:64 + (i + 1) * CELL], seq, i)]
            return (seq, base, seq + claims[-1]) if claims else None
    return None


def entries(region):
    half = len(region) // 4096 // 2 * 4096
    banks = [region[:half], region[half:2 * half]]
    heads = [(bank_head(bank), bank) for bank in banks]
    heads = [(head, bank) for head, bank in heads if head is not None]
    if not heads:
        raise ValueError("there is no store")
    (seq, base, _), bank = max(heads, key=lambda each: each[0][2])
    found = []
    at = 64 + CLAIMS * CELL
    end = at + base
    while at < end:
        entry, _, at = record(bank, at)
        found.append(entry)
    while bank[at:at + 2] == b"FC":  # transactions
        these, last = [], 0
        while not last:
            entry, last, at = record(bank, at)
            these.append(entry)
        done = [cell_is(bank[n:n + CELL], seq, 65536 + n) for n in (at, at + CELL)]
        if any(done):
            found += these
        at += 2 * CELL
    return sorted(found)


for name in sys.argv[1:]:
    try:
        with open(name, "rb") as f:
            print("\n".join(entries(f.read())))
    except (ValueError, struct.error, KeyError) as why:
        sys.exit("%s: %s" % (name, why))

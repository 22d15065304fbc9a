#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a signed key set as firmware/FORMAT.md describes it, independently of our own writer.

Usage: keyset.py OUT SEQUENCE THRESHOLD KEY.pem... [-- SIGNER.pem...]
Every KEY may sign images, ST packets and key sets. All KEYs sign the set, and the SIGNERs, too."""
import hashlib
import sys

import cbor2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

CONTEXT = b"fotakit-keys"
PROTECTED = bytes.fromhex("a10128")  # {1: -9}, ESP256


def load(path):
    with open(path, "rb") as f:
        return serialization.load_pem_private_key(f.read(), None)


def kid(key):
    """The first 8 bytes of the COSE Key Thumbprint (RFC 9679)."""
    n = key.public_key().public_numbers()
    cose = {1: 2, -1: 1, -2: n.x.to_bytes(32, "big"), -3: n.y.to_bytes(32, "big")}
    return hashlib.sha256(cbor2.dumps(cose, canonical=True)).digest()[:8]


def point(key):
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def block(key, digest):
    tbs = cbor2.dumps(["Signature1", PROTECTED, CONTEXT, digest])
    r, s = utils.decode_dss_signature(key.sign(tbs, ec.ECDSA(hashes.SHA256())))
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return cbor2.dumps(cbor2.CBORTag(18, [PROTECTED, {4: kid(key)}, None, signature]))


def main():
    out, sequence, threshold = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    names, _, more = (" ".join(sys.argv[4:])).partition(" -- ")
    keys = [load(name) for name in names.split()]
    signers = keys + [load(name) for name in more.split()]
    contents = {1: 1, 2: sequence, 3: threshold, 4: [
        {1: kid(k), 2: point(k), 3: 1, 4: 3, 5: True} for k in keys]}
    item = cbor2.dumps(cbor2.dumps(contents))
    digest = cbor2.dumps([-16, hashlib.sha256(item).digest()])
    authentication = cbor2.dumps([digest] + [block(k, digest) for k in signers])
    with open(out, "wb") as f:
        f.write(cbor2.dumps(["fotakit-keys", authentication, cbor2.dumps(contents)]))


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads a signed envelope with python3-cbor2 and python3-cryptography, and nothing of ours.

    suit_check.py ENVELOPE [--sign PUB.pem]... [--payload FILE] [--device-key KEY.pem] [--kek FILE]
                  [--image FILE]

Checks deterministic encoding, digest, every signature by the given keys (in their order), vendor and
class conditions, sizes, digests, and decrypts the payload. Prints one line of facts, or fails with
a reason.
"""
import argparse
import hashlib
import sys

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap


def need(condition, why):
    if not condition:
        sys.exit("suit_check: " + why)


def load(data, what):
    value = cbor2.loads(data)
    need(cbor2.dumps(value, canonical=True) == data, what + " is not deterministic CBOR")
    return value


def commands(sequence):
    items = load(sequence, "sequence")
    need(len(items) % 2 == 0, "odd sequence")
    return list(zip(items[::2], items[1::2]))


parser = argparse.ArgumentParser()
parser.add_argument("envelope")
parser.add_argument("--sign", action="append", default=[])
parser.add_argument("--payload")
parser.add_argument("--device-key")
parser.add_argument("--kek")
parser.add_argument("--image")
a = parser.parse_args()

with open(a.envelope, "rb") as f:
    data = f.read()
tag = load(data, "envelope")
need(isinstance(tag, cbor2.CBORTag) and tag.tag == 107, "no tag 107")
envelope = tag.value
wrapper = load(envelope[2], "authentication wrapper")
digest_item, blocks = wrapper[0], wrapper[1:]
algorithm, digest = load(digest_item, "digest")
need(algorithm == -16, "digest is not SHA-256")
need(hashlib.sha256(cbor2.dumps(envelope[3])).digest() == digest, "digest of the manifest differs")

need(len(blocks) == len(a.sign), f"{len(blocks)} signatures, {len(a.sign)} expected")
algs = []
for block, path in zip(blocks, a.sign):
    cose = load(block, "signature block")
    need(cose.tag == 18, "no COSE_Sign1")
    protected, unprotected, payload, signature = cose.value
    need(payload is None, "payload is attached")
    header = load(protected, "protected header")
    with open(path, "rb") as f:
        key = serialization.load_pem_public_key(f.read())
    tbs = cbor2.dumps(["Signature1", protected, b"", digest_item])
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            need(header == {1: -19}, "algorithm")
            key.verify(signature, tbs)
            raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            thumb = {1: 1, -1: 6, -2: raw}
        else:
            need(header in ({1: -9}, {1: -7}), "algorithm")
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            key.verify(utils.encode_dss_signature(r, s), tbs, ec.ECDSA(hashes.SHA256()))
            n = key.public_numbers()
            thumb = {1: 2, -1: 1, -2: n.x.to_bytes(32, "big"), -3: n.y.to_bytes(32, "big")}
    except InvalidSignature:
        sys.exit(f"suit_check: the signature by {path} does not verify")
    # RFC 9679, first 8 bytes
    kid = hashlib.sha256(cbor2.dumps(thumb, canonical=True)).digest()[:8]
    need(unprotected == {4: kid}, "key identifier")
    algs.append(header[1])

manifest = load(envelope[3], "manifest")
need(manifest[1] == 1, "version")
common = load(manifest[3], "common")
components = common[2]
params = [{} for _ in components]
checked, index, fetched, copied = set(), 0, None, None
for code, arg in commands(common[4]) + commands(manifest[20]):
    if code == 12:
        index = arg
    elif code == 20:
        params[index].update(arg)
    elif code in (1, 2):
        checked.add(code)
    elif code == 21:
        need({1, 2} <= checked, "fetch before vendor and class")
        fetched = index
    elif code == 22:
        copied = index
        need(params[index][22] == fetched, "copy from elsewhere")
    elif code != 3:
        sys.exit(f"suit_check: command {code}")
need(fetched is not None, "no fetch")

uri = params[fetched][21]
if uri.startswith("#"):
    payload = envelope[uri]
else:
    with open(a.payload, "rb") as f:
        payload = f.read()
need(len(payload) == params[fetched][14], "payload size")
need(load(params[fetched][3], "digest") == [-16, hashlib.sha256(payload).digest()],
     "payload digest")

image = payload
cipher = "none"
if copied is not None:
    need(copied == 0 and fetched == 1, "components")
    enc = load(params[0][19], "encryption information")
    need(enc.tag == 96, "no COSE_Encrypt")
    protected, unprotected, none, recipients = enc.value
    need(none is None, "attached ciphertext")
    cek = None
    for r_protected, r_unprotected, wrapped in recipients:
        if r_unprotected.get(1) == -3 and a.kek:
            need(r_protected == b"", "protected header of a key wrap")
            with open(a.kek, "rb") as f:
                kek = f.read()
        elif r_protected == cbor2.dumps({1: -29}) and a.device_key:
            with open(a.device_key, "rb") as f:
                own = serialization.load_pem_private_key(f.read(), None)
            epk = r_unprotected[-1]
            peer = ec.EllipticCurvePublicNumbers(
                int.from_bytes(epk[-2], "big"), int.from_bytes(epk[-3], "big"),
                ec.SECP256R1()).public_key()
            party = [None, None, None]
            info = cbor2.dumps([-3, party, party, [128, r_protected, b"SUIT Payload Encryption"]])
            kek = HKDF(hashes.SHA256(), 16, None, info).derive(own.exchange(ec.ECDH(), peer))
        else:
            continue
        try:
            cek = aes_key_unwrap(kek, wrapped)
            break
        except Exception:
            continue
    need(cek is not None, "no recipient's key unwraps")
    iv = unprotected[5]
    if protected:
        need(load(protected, "header") == {1: 1} and len(iv) == 12, "GCM")
        cipher = "a128gcm"
        image = AESGCM(cek).decrypt(iv, payload, cbor2.dumps(["Encrypt", protected, b""]))
    else:
        need(unprotected[1] == -65534 and len(iv) == 16, "CTR")
        cipher = "a128ctr"
        image = Cipher(algorithms.AES(cek), modes.CTR(iv)).decryptor().update(payload)
need(len(image) == params[0][14], "image size")
need(load(params[0][3], "digest") == [-16, hashlib.sha256(image).digest()], "image digest")
if a.image:
    with open(a.image, "rb") as f:
        need(f.read() == image, "another image")
print(f"sequence={manifest[2]} algorithms={','.join(map(str, algs))} cipher={cipher} "
      f"component={cbor2.dumps(components[0]).hex()} vendor={params[0][1].hex()} "
      f"class={params[0][2].hex()}")

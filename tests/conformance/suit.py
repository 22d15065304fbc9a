#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Published SUIT and COSE vectors against the device code.

Usage: suit.py SUIT-VECTOR-PROGRAM FOLDER
Prints "ok - …" or "not ok - …" for each check. Every vector must have an expectation here: one that
the profile covers is accepted with the published intermediate values, any other is refused with
the status in the table.
"""
import base64
import glob
import json
import os
import subprocess
import sys
import tempfile

# What the device says about each envelope, after its signature has passed. firmware/FORMAT.md,
# "Signed envelope", says why each of the refused ones is outside the profile.
STATUS = {
    "own/integrated-esp256.suit": "FK_OK",
    "manifest/example0-signed.suit": "FK_E_SUIT_CONDITION",  # nothing to install
    "manifest/example1-signed.suit": "FK_OK",
    "manifest/example2-signed.suit": "FK_OK",
    "manifest/example2-signed-severed.suit": "FK_E_SEVERED",
    "manifest/example3-signed.suit": "FK_E_SUIT_COMMAND",  # try-each
    "manifest/example4-signed.suit": "FK_E_SUIT_ELEMENT",  # payload-fetch, load
    "manifest/example5-signed.suit": "FK_E_SUIT_COMMAND",  # two images
    "encryption/suit-manifest-aes-kw-content.suit": "FK_E_SUIT_PARAMETER",  # content in line
    "encryption/suit-manifest-aes-kw-slot.suit": "FK_E_SUIT_CONDITION",  # no vendor, no class
    "encryption/suit-manifest-aes-kw.suit": "FK_E_SUIT_CONDITION",
    "encryption/suit-manifest-es-ecdh-content.suit": "FK_E_SUIT_PARAMETER",
    "encryption/suit-manifest-es-ecdh-dependency.suit": "FK_E_SUIT_ELEMENT",  # dependency
}
VENDOR = "vendor=fa6b4a53d5ad5fdfbe9de663e4d41ffe"
CLASS = "class=1492af1425695e48bf429b2d51f2ab45"

program, folder = sys.argv[1:3]
failed = 0


def check(name, expected, found):
    global failed
    if expected == found:
        print("ok - " + name)
    else:
        failed += 1
        print(f"not ok - {name}: expected {expected}, found {found}")


def ask(*args):
    run = subprocess.run([program, *args], capture_output=True, text=True)
    if run.returncode != 0:
        print(f"not ok - {args[0]}: exit {run.returncode}: {run.stderr.strip()}")
        sys.exit(1)
    return dict(line.split("=", 1) for line in run.stdout.splitlines())


def path(name):
    return os.path.join(folder, name)


keys = {}
with open(path("keys/keys.json")) as f:
    for key in json.load(f):
        keys["keys/" + key["name"]] = key


def anchor(name):
    key = keys[name]
    return "p256=" + key["uncompressed"] if "x" in key else "hmac=" + key["k"]


def check_envelope(vector):
    name = vector["file"]
    signers = [a for a in vector["authentication"] if a["verified"]]
    trusted = signers[0]["key"] if signers else "keys/suit-example-p256"
    args = [path(name), anchor(trusted), VENDOR, CLASS, "component=814100", "staging=814101"]
    told = ask("envelope", *args)
    status = STATUS.get(name) if signers else "FK_E_UNSIGNED"
    check(f"{name}: status", status, told["status"])
    check(f"{name}: digest", "passed", told["digest"])
    check(f"{name}: signature", "passed" if signers else "failed", told["signature"])
    check(f"{name}: SUIT_Digest", vector["suit_digest"]["value"], told["suit_digest"])
    check(f"{name}: manifest length", str(vector["manifest_bytes"]), told["manifest_bytes"])
    if signers:
        check(f"{name}: bytes that are signed", signers[0]["to_be_signed_hex"], told["tbs"])
        other = [k for k in keys if "x" in keys[k] and k != trusted][0]
        wrong = ask("envelope", args[0], anchor(other), *args[2:])
        mac = trusted == "keys/hmac-256-a32"
        check(f"{name}: another key", "FK_E_SIG_ALGORITHM" if mac else "FK_E_SIGNATURE",
              wrong["status"])
    if status == "FK_OK":
        check(f"{name}: bits that may be turned", "0", told["flips_accepted"])
        later = ask("envelope", *args, "counter=%016x" % (int(told["sequence"]) + 1))
        check(f"{name}: older than the counter", "FK_E_ROLLBACK", later["status"])
        same = ask("envelope", *args, "counter=%016x" % int(told["sequence"]))
        check(f"{name}: equal to the counter", "FK_OK", same["status"])
        stranger = ask("envelope", *args[:2], CLASS, args[4])
        check(f"{name}: another vendor", "FK_E_VENDOR", stranger["status"])
    if name.startswith("own/"):
        check(f"{name}: payload", "FK_OK", told["payload"])
    for nested in vector["integrated"]:
        if nested["nested_envelope_verified"]:
            with open(path(name), "rb") as f, tempfile.NamedTemporaryFile() as inner:
                inner.write(f.read()[-nested["bytes"]:])
                inner.flush()
                told = ask("envelope", inner.name, anchor("keys/suit-example-p256"), VENDOR, CLASS,
                           "component=814100")
            check(f"{name}: nested signature", "passed", told["signature"])
            check(f"{name}: nested envelope", "FK_E_SUIT_ELEMENT", told["status"])


def check_encryption(vector):
    name = vector["encryption_info"]
    ecdh = vector["key_alg"] == -29
    key = "ecdh=" + keys["keys/device-p256"]["d"] if ecdh else \
        "kek=" + keys["keys/aes-kek-128-a16"]["k"]
    told = ask("decrypt", path(name), path(vector["ciphertext"]), key)
    for theirs, ours in (("CEK", "cek"), ("Enc_structure", "enc_structure"), ("iv", "iv"),
                         ("kdf_context", "kdf_context"), ("key_alg", "key_alg"),
                         ("content_alg", "content_alg")):
        if theirs in vector:
            check(f"{name}: {theirs}", str(vector[theirs]), told[ours])
    check(f"{name}: payload", "FK_OK", told["payload"])
    check(f"{name}: plaintext", vector["plaintext"].encode().hex(), told["image"])
    wrong = "ecdh=" + keys["keys/dependent-p256"]["d"] if ecdh else "kek=" + "62" * 16
    told = ask("decrypt", path(name), path(vector["ciphertext"]), wrong)
    check(f"{name}: another device", "FK_E_RECIPIENT", told["unwrap"])
    with open(path(vector["ciphertext"]), "rb") as f, tempfile.NamedTemporaryFile() as turned:
        data = bytearray(f.read())
        data[3] ^= 0x10
        turned.write(data)
        turned.flush()
        told = ask("decrypt", path(name), turned.name, key)
    check(f"{name}: one bit of ciphertext", "FK_E_TAG" if vector["content_alg"] == 1
          else "FK_E_DIGEST", told["payload"])


def b64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).hex()


def check_cose(file):
    """COSE examples carry their payload, which the profile does not: the structure is refused. The
    values inside still exercise the primitives."""
    name = os.path.relpath(file, folder)
    with open(file) as f:
        vector = json.load(f)
    if "output" not in vector:
        return False
    message = bytes.fromhex(vector["output"]["cbor"])
    between = vector.get("intermediates", {})
    given = vector["input"]
    with tempfile.NamedTemporaryFile() as whole:
        whole.write(message)
        whole.flush()
        kind = "encrypt" if "enveloped" in given or "encrypted" in given else "auth"
        told = ask(kind, whole.name)
    refusals = {"encrypt": {"FK_E_ENCRYPTION_INFO", "FK_E_CIPHER"},
                "auth": {"FK_E_FORMAT", "FK_E_LIMIT", "FK_E_TRUNCATED"}}[kind]
    check(f"{name}: attached payload", True, told["status"] in refusals)
    if vector.get("fail"):
        return True
    if "sign0" in given and given["sign0"]["key"].get("crv") == "P-256":
        key = given["sign0"]["key"]
        point = "04" + b64(key["x"]) + b64(key["y"])
        check(f"{name}: ECDSA", "FK_OK", ask("signature", point, between["ToBeSign_hex"],
                                             message[-64:].hex())["status"])
        check(f"{name}: ECDSA over one byte more", "FK_E_SIGNATURE",
              ask("signature", point, between["ToBeSign_hex"] + "00", message[-64:].hex())["status"])
    if "mac0" in given:
        check(f"{name}: HMAC", "FK_OK", ask("mac", between["CEK_hex"], between["ToMac_hex"],
                                            message[-32:].hex())["status"])
    for recipient in given.get("enveloped", {}).get("recipients", []):
        key, text = recipient["key"], message.hex()
        x, y = text.find("215820"), text.find("225820")
        if key.get("crv") == "P-256" and 0 < x < y:
            point = "04" + text[x + 6:x + 70] + text[y + 6:y + 70]
            told = ask("ecdh", b64(key["d"]), point)
            check(f"{name}: ECDH", between["recipients"][0]["Secret_hex"].lower(), told["z"])
        if recipient.get("unprotected", {}).get("alg") == "A128KW":
            told = ask("wrap", b64(key["k"]), message[-24:].hex())
            check(f"{name}: key wrap", between["CEK_hex"].lower(), told["key"])
    return True


with open(path("vectors.json")) as f:
    vectors = json.load(f)
for v in vectors["envelopes"]:
    check_envelope(v)
for v in vectors["encryption"]:
    check_encryption(v)
checked = sum(check_cose(f) for f in sorted(glob.glob(path("cose/*/*.json"))))
check("COSE examples were found", True, checked > 20)
check("every envelope has an expectation", True,
      set(STATUS) <= {v["file"] for v in vectors["envelopes"]})
sys.exit(1 if failed else 0)

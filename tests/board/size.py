#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the images of a board take, module by module, against the ceilings of their profile.

    size.py FOLDER APPLICATION      FOLDER of `make firmware`, APPLICATION such as application-1

Text is code, constants and the first values of variables; RAM is what is set aside for good, without
the stack. Exit 1 when an image is above its ceiling.
"""
import os
import re
import sys

MODULES = [
    ("wire: codecs", r"(obj|boot|tls)/firmware/wire/"),
    ("core: state, install, judge", r"(obj|boot|tls)/firmware/core/|gen/device(_boot)?\.o"),
    ("boot: what may run", r"(obj|boot)/firmware/boot/"),
    ("app: console, download", r"obj/firmware/app/"),
    ("crypto: adapter", r"(obj|tls|boot)/firmware/crypto/"),
    ("TLS: ours, pool", r"tls/firmware/tls/|/port/app_tls\.o"),
    ("port: board, network glue", r"(obj|boot|tls)/firmware/port/"),
    ("mbedTLS: TLS and X.509", r"tls/mbedtls/(ssl_|x509|pem|base64|asn1|oid|pk)"),
    ("mbedTLS: RSA and P-256", r"tls/mbedtls/(rsa|bignum|ecp|ecdh|ecdsa)"),
    ("mbedTLS", r"(obj|tls)/mbedtls/"),
    ("lwIP", r"obj/lwip/"),
    ("C library", r"lib[a-z_]+\.a"),
]
TEXT, RAM = 0, 1


def contributions(path):
    """(kind, bytes, object) of each input section that the linker kept."""
    text = open(path, encoding="utf-8").read()
    text = text[text.index("Linker script and memory map"):]
    entry = re.compile(r"^ (\.[\w.]+|COMMON)\s+0x[0-9a-f]+\s+0x([0-9a-f]+)[ \t]+(\S.*)$", re.M)
    for name, size, where in entry.findall(text):
        size = int(size, 16)
        if re.match(r"\.(text|rodata|vectors)", name):
            yield TEXT, size, where
        elif re.match(r"\.data", name):
            yield TEXT, size, where
            yield RAM, size, where
        elif re.match(r"\.bss|COMMON", name):
            yield RAM, size, where


def totals(path):
    """Sizes of the output sections: what counts for the ceiling, padding included."""
    sizes = {}
    text = open(path, encoding="utf-8").read()
    text = text[text.index("Linker script and memory map"):]
    for name, size in re.findall(r"^(\.[a-z]+)\s+0x[0-9a-f]+\s+0x([0-9a-f]+)", text, re.M):
        sizes[name] = int(size, 16)
    data = sizes.get(".data", 0)
    return sizes[".text"] + data, data + sizes.get(".bss", 0), sizes[".stack"]


def ceilings(folder, image):
    header = open(folder + "/gen/profile_board.h", encoding="ascii").read()
    return [int(re.search(rf"FK_BOARD_{image}_{what}_MAX (0x[0-9a-f]+)u", header).group(1), 16)
            for what in ("TEXT", "RAM")]


def report(folder, name, image):
    """False when above a ceiling."""
    path = f"{folder}/{name}.map"
    modules = {title: [0, 0] for title, _ in MODULES}
    modules["other"] = [0, 0]
    for kind, size, where in contributions(path):
        title = next((t for t, pattern in MODULES if re.search(pattern, where)), "other")
        modules[title][kind] += size
    text, ram, stack = totals(path)
    text_max, ram_max = ceilings(folder, image)
    print(f"{name}\n  {'':30} {'text':>7} {'RAM':>7}")
    for title, sizes in modules.items():
        if any(sizes):
            print(f"  {title:30} {sizes[TEXT]:7} {sizes[RAM]:7}")
    print(f"  {'together, with padding':30} {text:7} {ram:7}   and {stack} of stack")
    print(f"  {'ceiling':30} {text_max:7} {ram_max:7}")
    if text > text_max or ram > ram_max:
        print(f"size: {name} is above its ceiling: text {text} of {text_max}, "
              f"RAM {ram} of {ram_max}", file=sys.stderr)
        return False
    return True


def main():
    folder, application = sys.argv[1:3]
    fits = [report(folder, "boot", "BOOT"), report(folder, application, "APPLICATION")]
    smaller = folder + "/smaller/boot.map"
    if os.path.exists(smaller):  # made by `make size` alone
        text, ram, _ = totals(smaller)
        print("boot of a profile with AES-GCM, key wrap and nothing else")
        print(f"  {'together, with padding':30} {text:7} {ram:7}")
    return 0 if all(fits) else 1


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A module with a serial console, as far as a provisioning script sees it: it takes the commands of
the SPWF04S that store credentials, counts bytes behind a command like the real one (it waits for
missing ones for ever), and keeps what it got as files. Tests damage the line to it on purpose.

at_peer.py DIR [OPTION...]        on stdin and stdout
at_peer.py DIR --pty [OPTION...]  on a terminal of its own, whose name it prints
at_peer.py DIR --tcp [OPTION...]  one connection on a free port, whose number it prints

  --echo           sends back what it gets      --lf            with LF behind CR
  --silent         never answers                --garbage       noise before each answer
  --error N:TEXT   answers so to data commands  --refuse-once   only the first time
  --lose N         the byte N it would have got is lost (may stand several times)
  --die N          hangs up after N bytes of data    --no-ski   does not name the key identifier
  --split          answers byte by byte         --waiting N     starts in the middle of N data bytes
"""
import argparse
import hashlib
import os
import pty
import socket
import subprocess
import sys
import tty

ap = argparse.ArgumentParser()
ap.add_argument("dir")
for flag in "pty tcp echo lf silent garbage refuse-once no-ski split".split():
    ap.add_argument("--" + flag, action="store_true")
ap.add_argument("--error")
ap.add_argument("--lose", type=int, action="append", default=[])
ap.add_argument("--die", type=int)
ap.add_argument("--waiting", type=int, default=0)
o = ap.parse_args()
os.makedirs(o.dir, exist_ok=True)

if o.pty:
    master, slave = pty.openpty()
    tty.setraw(slave)
    print(os.ttyname(slave), flush=True)
    rx = tx = master
elif o.tcp:
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(1)
    print(s.getsockname()[1], flush=True)
    conn, _ = s.accept()
    rx = tx = conn.fileno()
else:
    rx, tx = 0, 1


def say(data):
    for piece in ([bytes([b]) for b in data] if o.split else [data]):
        os.write(tx, piece)


def log(text):
    with open(o.dir + "/log", "a") as f:
        f.write(text + "\n")


count = 0


def bytes_in():
    """Bytes as they arrive at the module, one by one."""
    global count
    while True:
        try:
            block = os.read(rx, 4096)
        except OSError:
            return
        if not block:
            return
        for b in block:
            count += 1
            if count in o.lose:
                continue
            if o.echo:
                say(b"\r\n" if o.lf and b == 13 else bytes([b]))
            yield b


stream = bytes_in()
refused = False


def answer(line):
    if o.silent:
        return
    if o.garbage:
        say(b"\x00\xff\x80?AT-S.O\r\n+WIND:99:noise\r\n")
    say(b"\r\n" + line.encode() + b"\r\n")


def take(n):
    data = bytearray()
    while len(data) < n:
        if o.die is not None and len(data) >= o.die:
            sys.exit(0)
        b = next(stream, None)
        if b is None:
            log("hung up inside data")
            sys.exit(0)
        data.append(b)
    return bytes(data)


def store(kind, name, size):
    global refused
    if o.error and not (o.refuse_once and refused):
        refused = True
        answer("AT-S.ERROR:" + o.error)
        return
    data = take(size)
    with open("%s/%s.%s" % (o.dir, kind, name), "wb") as f:
        f.write(data)
    log("%s %s %d" % (kind, name, size))
    if name == "ca" and not o.no_ski:
        ski = subprocess.run(["openssl", "x509", "-inform", "PEM" if data[:1] == b"-" else "DER",
                              "-noout", "-ext", "subjectKeyIdentifier"],
                             input=data, capture_output=True).stdout.decode().split("\n")
        if len(ski) > 1:
            answer("AT-S.SubjectKeyId:" + ski[1].strip())
    answer("AT-S.OK")


def command(line):
    name, _, args = line.partition("=")
    args = args.split(",")
    name = name.upper()
    if len(line) > 512:
        answer("AT-S.ERROR:32:Argument exceeds allowed size")
    elif name == "AT" or name in ("AT+S.WCFG", "AT+S.RESET"):
        log(name)
        answer("AT-S.OK")
    elif name in ("AT+S.TLSCERT", "AT+S.WPAECERT"):
        kind = name[5:8].lower()
        if args[0] == "content":
            for f in os.listdir(o.dir):
                if args[1] == "2" and f.startswith(kind + "."):
                    os.unlink(o.dir + "/" + f)
            log("%s content %s" % (kind, args[1]))
            answer("AT-S.OK")
        elif len(args) == 2 and args[0] in ("ca", "cert", "key", "auth") and args[1].isdigit():
            store(kind, args[0], int(args[1]))
        else:
            answer("AT-S.ERROR:7:Invalid argument(s)")
    elif name == "AT+S.FSC" and len(args) == 2 and args[1].isdigit():
        store("file", args[0], int(args[1]))
    elif name in ("AT+S.TIME", "AT+S.SCFG", "AT+S.SSIDTXT", "AT+S.WIFI", "AT+S.FSD"):
        log(line)
        answer("AT-S.OK")
    else:
        log("?" + hashlib.sha256(line.encode()).hexdigest()[:8])
        answer("AT-S.ERROR:1:Command not found")


if o.waiting:
    take(o.waiting)
    answer("AT-S.OK")
line = bytearray()
for b in stream:
    if b == 13:
        if line:
            command(line.decode("latin-1"))
        line.clear()
    elif b != 10:
        line.append(b)

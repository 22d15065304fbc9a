#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tutorial of the SPWF04S's application note, sections 4.1 to 4.4, typed into the console of
fota-sim against openssl s_server and s_client, and each refusal with its code. Certificates are in
the present folder: test_tutorial.sh makes them."""
import os
import re
import select
import subprocess
import time

from at_console import LIMIT, OK, Console, free_port, report
from at_session import REFUSED, load, read_file, reason

LOADING = b"AT-S.Loading:1:2\r\n"
HELLO = b"hello\n"
OLLEH = b"olleh\n"
NO_CLOCK = reason(87, b"the clock is not set")
MISMATCH = reason(124, b"key and certificate do not belong together")
UNTRUSTED = reason(144, b"peer's certificate leads to no trusted root")
OTHER_NAME = reason(145, b"peer's certificate is for another name")
EXPIRED = reason(146, b"a certificate of the peer's chain has expired")
NOT_YET = reason(147, b"a certificate of the peer's chain is not valid yet")
TURNED_DOWN = reason(151, b"peer refused the TLS connection")
DAY = 86400


class Peer:
    """openssl s_server or s_client; everything it says is kept."""

    def __init__(self, *args):
        self.said = b""
        self.process = subprocess.Popen(["openssl", *args], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)

    def until(self, pattern):
        """The match; None when it ends without, or takes too long."""
        deadline = time.monotonic() + LIMIT
        while not re.search(pattern, self.said):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                return None
            piece = os.read(self.process.stdout.fileno(), 4096)
            if piece == b"":
                return None
            self.said += piece
        return re.search(pattern, self.said)

    def say(self, data):
        self.process.stdin.write(data)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Server(Peer):
    """Returns each line backwards."""

    def __init__(self, name, *args):
        super().__init__("s_server", "-accept", "127.0.0.1:0", "-cert", name + ".pem", "-key",
                         name + ".key", "-rev", *args)
        match = self.until(rb"ACCEPT 127\.0\.0\.1:(\d+)")
        self.port = int(match.group(1)) if match else 0
        self.where = b"localhost,%d,,s" % self.port


MUTUAL = ("-CAfile", "root.pem", "-Verify", "2", "-verify_return_error")


def set_time(c, offset=0):
    c.say("time", b"AT+S.TIME=%d\r" % (int(time.time()) + offset), OK)


def clean(c, name):
    c.say(name + ": clean", b"AT+S.TLSCERT=content,2\r", OK)


def root(c, name):
    """With its identifier, which the module says as openssl does."""
    text = subprocess.run(["openssl", "x509", "-in", name, "-noout", "-ext",
                           "subjectKeyIdentifier"], capture_output=True, check=True).stdout
    ski = re.search(rb"[0-9A-F:]{59}", text).group(0)
    load(c, name, b"TLSCERT=ca", read_file(name), b"AT-S.SubjectKeyId:" + ski + b"\r\n")


def own(c, cert, key):
    load(c, "certificate " + cert, b"TLSCERT=cert", read_file(cert))
    load(c, "key " + key, b"TLSCERT=key", read_file(key))


def talks(c, name, where):
    c.say(name + ": opens", b"AT+S.SOCKON=%s\r" % where,
          LOADING + b"AT-S.On:127.0.0.1:0\r\n" + OK)
    c.say(name + ": writes", b"AT+S.SOCKW=0,6\r" + HELLO, OK)
    c.expect(name + ": is answered", b"+WIND:55:Pending Data::0:6:6\r\n")
    c.say(name + ": reads", b"AT+S.SOCKR=0\r", b"AT-S.Reading:6:6\r\n" + OLLEH + OK)
    c.say(name + ": closes", b"AT+S.SOCKC=0\r", OK)


def refused(c, name, where, why):
    c.say(name, b"AT+S.SOCKON=%s\r" % where, LOADING + why + REFUSED)


def mutual_client(c):
    name = "4.1 client, mutual"
    server = Server("server", *MUTUAL)
    clean(c, name)
    root(c, "root.pem")
    own(c, "device.pem", "device.key")
    talks(c, name, server.where)
    report(name + ": s_server saw the device", server.until(rb"CN ?= ?device-1"), server.said)
    own(c, "device.pem", "other.key")
    refused(c, "4.1 key of another certificate", server.where, MISMATCH)
    own(c, "other.pem", "other.key")
    refused(c, "4.1 certificate of another root", server.where, TURNED_DOWN)
    own(c, "below.pem", "below.key")
    refused(c, "4.1 certificate of an issuer that the server does not know", server.where,
            TURNED_DOWN)
    own(c, "chain.pem", "below.key")
    talks(c, "4.1 the same with its chain", server.where)
    clean(c, "4.1 no certificate")
    root(c, "root.pem")
    refused(c, "4.1 certificate required and absent", server.where, TURNED_DOWN)
    server.end()
    for args in (("-tls1_3",), ("-tls1_2", "-cipher", "AES128-SHA256")):
        server = Server("server", *args)
        refused(c, "4.1 a server with %s only" % args[-1], server.where, TURNED_DOWN)
        server.end()


def one_way_client(c):
    server, stranger = Server("server"), Server("stranger")
    clean(c, "4.2 client, one way")
    refused(c, "4.2 no root", server.where, UNTRUSTED)
    root(c, "root.pem")
    talks(c, "4.2 client, one way", server.where)
    refused(c, "4.2 server below another root", stranger.where, UNTRUSTED)
    refused(c, "4.2 another name", b"127.0.0.1,%d,,elsewhere.example" % server.port, OTHER_NAME)
    refused(c, "4.2 host is not the name", b"127.0.0.1,%d,,s" % server.port, OTHER_NAME)
    set_time(c, 1000 * DAY)
    refused(c, "4.2 expired", server.where, EXPIRED)
    set_time(c, -2 * DAY)
    refused(c, "4.2 not yet valid", server.where, NOT_YET)
    set_time(c)
    clean(c, "4.2 wrong root")
    root(c, "other-root.pem")
    refused(c, "4.2 wrong root", server.where, UNTRUSTED)
    server.end()
    stranger.end()


def auth(c):
    """A root that says no identifier is found by the one in `auth`."""
    server = Server("plain")
    clean(c, "4.2 auth")
    load(c, "root without identifier", b"TLSCERT=ca", read_file("plain-root.pem"))
    refused(c, "4.2 auth is missing", server.where, UNTRUSTED)
    load(c, "auth of another", b"TLSCERT=auth", bytes(range(20)))
    refused(c, "4.2 auth is another's", server.where, UNTRUSTED)
    load(c, "auth", b"TLSCERT=auth", bytes.fromhex("ab000d0a" * 5))
    talks(c, "4.2 auth", server.where)
    server.end()


def served(c, name, kind, *args):
    """s_client against the device."""
    port = free_port()
    c.say(name + ": listens", b"AT+S.SOCKDON=%d,%s\r" % (port, kind), b"AT-S.On:0\r\n" + OK)
    client = Peer("s_client", "-connect", "127.0.0.1:%d" % port, "-CAfile", "root.pem",
                  "-verify_return_error", "-verify_hostname", "device-1", "-quiet", *args)
    arrived = re.compile(rb"\+WIND:(\d+):[^\r]*:(\d+)\r\n")
    line = c.until(b"\r\n") or b""
    match = arrived.match(line)
    verdict = match.groups() if match else None
    if verdict and verdict[0] == b"61":
        client.say(HELLO)
        c.expect(name + ": is asked", b"+WIND:55:Pending Data:0:0:6:6\r\n")
        c.say(name + ": reads", b"AT+S.SOCKDR=0,0\r", b"AT-S.Reading:6:6\r\n" + HELLO + OK)
        c.say(name + ": answers", b"AT+S.SOCKDW=0,0,6\r" + OLLEH, OK)
        report(name + ": s_client has the answer", client.until(OLLEH), client.said)
    client.end()
    c.send(b"AT+S.SOCKDC=0\r")
    c.until(OK)
    return verdict


def servers(c):
    shows = ("-cert", "peer.pem", "-key", "peer.key")
    strange = ("-cert", "other.pem", "-key", "other.key")
    clean(c, "4.3 server")
    own(c, "device.pem", "device.key")
    verdict = served(c, "4.4 server, one way", b"s1")
    report("4.4 server, one way", verdict and verdict[0] == b"61", verdict)
    root(c, "root.pem")
    name = "4.3 server, mutual"
    verdict = served(c, name, b"s2", *shows)
    report(name, verdict and verdict[0] == b"61", verdict)
    for why, args, number in (("certificate required and absent", (), b"149"),
                              ("certificate of another root", strange, b"144"),
                              ("TLS 1.3 only", ("-tls1_3",), b"150"),
                              ("RSA key transport", ("-cipher", "AES128-GCM-SHA256"), b"150")):
        verdict = served(c, name, b"s2", *args)
        report("4.3 " + why, verdict == (b"62", number), verdict)
    for why, offset, number in (("expired", 1000 * DAY, b"146"), ("not yet valid", -2 * DAY, b"147")):
        set_time(c, offset)
        verdict = served(c, name, b"s2", *shows)
        report("4.3 " + why, verdict == (b"62", number), verdict)
    set_time(c)


def gone(c):
    """What is deleted is gone from the file of the flash."""
    secret = read_file("device.key.der")[7:39]
    load(c, "key in DER", b"TLSCERT=key", read_file("device.key.der"))
    report("the key is in flash", secret in read_file("spwf04s.flash"))
    clean(c, "4.1")
    report("a deleted key is gone from flash", secret not in read_file("spwf04s.flash"))


def main():
    c = Console()
    server = Server("server")
    root(c, "root.pem")
    refused(c, "clock unset", server.where, NO_CLOCK)
    server.end()
    set_time(c)
    mutual_client(c)
    one_way_client(c)
    auth(c)
    servers(c)
    gone(c)
    c.end("end of input")


main()

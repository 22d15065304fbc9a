#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Servers of the console of fota-sim against openssl s_client, openssl s_server and socat; "ok NAME"
or "not ok NAME" for each step. Certificates are those of test_console_servers.sh."""
import atexit
import re
import socket
import subprocess
import sys
import time

from at_console import LIMIT, OK, Console, GaveUp, free_port, listener, report

GONE = rb"\+WIND:62:Socket Client Gone:127\.0\.0\.1:\d+:0:%d:%d\r\n"
CAME = rb"\+WIND:61:Incoming Socket Client:127\.0\.0\.1:(\d+):%d:%d\r\n"


def expect(c, name, pattern):
    """The next line is this."""
    line = c.until(b"\n")
    found = re.fullmatch(pattern, line or b"")
    report(name, found is not None, "expected: %r" % pattern, "found:    %r" % line)
    return found


def read_file(name):
    with open(name, "rb") as f:
        return f.read()


def load(c, what, data):
    c.send(b"AT+S.TLSCERT=%s,%d\r" % (what, len(data)) + data)
    report("load " + what.decode(), (c.until(OK) or b"").endswith(OK))


class Client:
    """openssl s_client, which says what is written to it and prints what it hears."""

    def __init__(self, port, *options):
        self.process = subprocess.Popen(
            ["openssl", "s_client", "-quiet", "-connect", "127.0.0.1:%d" % port, "-CAfile",
             "root.pem", "-verify_return_error", *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        atexit.register(self.process.kill)

    def end(self):
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait(LIMIT)
        self.process.stdout.close()


class Peer:
    """openssl s_server, once it listens."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", "peer.pem", "-key",
             "peer.key"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        atexit.register(self.process.kill)
        line = b""
        while not line.startswith(b"ACCEPT"):
            line = self.process.stdout.readline() or b"ACCEPT none:0"
        self.port = int(line.rsplit(b":", 1)[1])


def question_and_answer(c, name, client, cid):
    expect(c, name + ": client comes", CAME % (0, cid))
    client.process.stdin.write(b"question\r\n")
    c.expect(name + ": it asks", b"+WIND:55:Pending Data:0:%d:10:10\r\n" % cid)
    c.say(name + ": device reads", b"AT+S.SOCKDR=0,%d\r" % cid,
          b"AT-S.Reading:10:10\r\nquestion\r\n" + OK)
    c.say(name + ": device answers", b"AT+S.SOCKDW=0,%d,7\ranswer\n" % cid, OK)
    got = client.process.stdout.read(7)
    report(name + ": client has the answer", got == b"answer\n", got)


def goodbye(c, name, client, cid):
    client.end()
    expect(c, name + ": client goes", GONE % (cid, 0))
    c.say(name + ": close", b"AT+S.SOCKDC=0,%d\r" % cid, OK)


def one_way(c):
    port = free_port()
    c.say("one-way", b"AT+S.SOCKDON=%d,s1\r" % port, b"AT-S.On:0\r\n" + OK)
    client = Client(port, "-verify_hostname", "device-1")
    question_and_answer(c, "one-way", client, 0)
    goodbye(c, "one-way", client, 0)
    client = Client(port, "-tls1_3")  # the module has TLS 1.2
    expect(c, "a client without TLS 1.2", GONE % (0, 150))
    client.end()
    wrong = subprocess.run(
        ["openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-CAfile", "other.pem",
         "-verify_return_error"], stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT,
        check=False)
    report("a client with another root refuses the device", wrong.returncode != 0)
    expect(c, "one-way: the device hears it", GONE % (0, 151))

    # a client that says nothing keeps nobody waiting: the console answers, another client comes in
    stalled = socket.create_connection(("127.0.0.1", port), LIMIT)
    c.say("stalled: the console answers", b"AT\r", OK)
    client = Client(port)
    question_and_answer(c, "stalled: another client", client, 1)
    c.say("stalled: it is no socket yet", b"AT+S.SOCKDQ=0,0\r",
          b"AT-S.ERROR:76:Illegal Socket ID\r\n")
    stalled.sendall(b"\x16\x03\x01\x01\x00")  # the head of a record
    c.say("stalled: the console still answers", b"AT\r", OK)
    stalled.close()
    expect(c, "stalled: it gives up", GONE % (0, 68))
    goodbye(c, "stalled: another client", client, 1)
    talker = socket.create_connection(("127.0.0.1", port), LIMIT)
    talker.sendall(b"GET / HTTP/1.0\r\n\r\n")
    expect(c, "what is no TLS is refused", GONE % (0, 152))
    talker.close()
    c.say("one-way: stop", b"AT+S.SOCKDC=0\r", OK)


def mutual(c):
    port = free_port()
    c.say("mutual", b"AT+S.SOCKDON=%d,s2\r" % port, b"AT-S.On:0\r\n" + OK)
    client = Client(port, "-cert", "client.pem", "-key", "client.key")
    question_and_answer(c, "mutual", client, 0)
    goodbye(c, "mutual", client, 0)
    client = Client(port)
    expect(c, "mutual: no certificate", GONE % (0, 149))
    client.end()
    client = Client(port, "-cert", "stranger.pem", "-key", "stranger.key")
    expect(c, "mutual: another root", GONE % (0, 144))
    client.end()
    c.say("mutual: stop", b"AT+S.SOCKDC=0\r", OK)


def limits(c):
    """As many secure sockets as the profile has, all at once."""
    peers = [Peer(), Peer(), Peer()]
    for i in range(2):
        c.say("secure client %d" % i, b"AT+S.SOCKON=127.0.0.1,%d,,peer.example\r" % peers[i].port,
              b"AT-S.Loading:1:2\r\nAT-S.On:127.0.0.1:%d\r\n" % i + OK)
    c.say("no third secure client", b"AT+S.SOCKON=127.0.0.1,%d,,s\r" % peers[2].port,
          b"AT-S.Loading:1:2\r\nAT-S.ERROR:75:Too many sockets\r\n")
    ports = [free_port(), free_port()]
    clients = []
    for sid, sport in enumerate(ports):
        c.say("secure server %d" % sid, b"AT+S.SOCKDON=%d,s1\r" % sport,
              b"AT-S.On:%d\r\n" % sid + OK)
    for sid, sport in enumerate(ports):
        for cid in range(2):
            clients.append(Client(sport))
            expect(c, "secure client %d of server %d" % (cid, sid), CAME % (sid, cid))
    c.say("no third server", b"AT+S.SOCKDON=%d\r" % free_port(),
          b"AT-S.ERROR:75:Too many sockets\r\n")
    for client in clients:
        client.process.stdin.write(b"x\n")
    for n in range(4):
        expect(c, "each is heard (%d)" % n, rb"\+WIND:55:Pending Data:[01]:[01]:2:2\r\n")
    c.send(b"AT+S.RESET\r")
    c.until(b"running: ")
    c.until(b"\n")
    for client in clients:
        client.end()
    for peer in peers:
        peer.process.terminate()
        peer.process.wait(LIMIT)


def has_ipv6():
    """Whether this machine has a loopback address of IPv6; some containers have none."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
            s.bind(("::1", 0))
    except OSError:
        return False
    return True


def datagrams(c):
    port = free_port()
    c.say("UDP", b"AT+S.SOCKDON=%d,u\r" % port, b"AT-S.On:0\r\n" + OK)
    c.say("UDP: the port is taken", b"AT+S.SOCKDON=%d,u\r" % port,
          b"AT-S.ERROR:73:Port already opened\r\n")
    peers = [("UDP4:127.0.0.1", rb"127\.0\.0\.1")]
    if has_ipv6():
        peers.append(("UDP6:[::1]", b"::1"))
    for address, seen in peers:
        peer = subprocess.Popen(["socat", "-", "%s:%d" % (address, port)], bufsize=0,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        name = "UDP from %s" % seen.decode().replace("\\", "")
        peer.stdin.write(b"\r\nask\0")
        found = expect(c, name, rb"\+WIND:61:Incoming Socket Client:%s:(\d+):0:0\r\n" % seen)
        c.expect(name + ": data", b"+WIND:55:Pending Data:0:0:6:6\r\n")
        c.say(name + ": list", b"AT+S.SOCKDL=0\r", b"AT-S.List:0::1:u:0::%d\r\n" % port +
              b"AT-S.List:0:0:1:u:6:%s:%s\r\n" % (seen.replace(b"\\", b""),
                                                 found.group(1) if found else b"") + OK)
        c.say(name + ": read", b"AT+S.SOCKDR=0,0,0\r", b"AT-S.Reading:6:6\r\n\r\nask\0" + OK)
        c.say(name + ": answer", b"AT+S.SOCKDW=0,0,4\r\n\0\r!", OK)
        got = peer.stdout.read(4)
        report(name + ": answer came", got == b"\n\0\r!", got)
        c.say(name + ": close", b"AT+S.SOCKDC=0,0\r", OK)
        peer.stdin.close()
        peer.terminate()
        peer.wait(LIMIT)
    c.say("UDP: stop", b"AT+S.SOCKDC=0\r", OK)


def local_port(c):
    server, port = listener()
    local = free_port()
    open_it = b"AT+S.SOCKON=127.0.0.1,%d,%d,t\r" % (port, local)
    c.say("local port", open_it, b"AT-S.On:127.0.0.1:0\r\n" + OK)
    peer, address = server.accept()
    report("local port: it is", address[1] == local, address, local)
    c.say("local port: not twice", open_it, b"AT-S.ERROR:73:Port already opened\r\n")
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind(("", 0))
    c.say("local port: taken", b"AT+S.SOCKON=127.0.0.1,%d,%d,u\r" % (port, taken.getsockname()[1]),
          b"AT-S.ERROR:73:Port already opened\r\n")
    taken.close()
    peer.close()
    c.expect("local port: peer closes", b"+WIND:58:Socket Closed:0:0\r\n")
    c.say("local port: close", b"AT+S.SOCKC=0\r", OK)
    server.close()


def main():
    c = Console()
    load(c, b"ca", read_file("root.pem"))
    load(c, b"cert", read_file("device.pem"))
    load(c, b"key", read_file("device.key"))
    c.say("time", b"AT+S.TIME=%d\r" % time.time(), OK)
    datagrams(c)
    local_port(c)
    one_way(c)
    mutual(c)
    limits(c)
    c.end("end of input")


try:
    main()
except GaveUp:
    sys.exit(1)

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Talks to the console of fota-sim as a host processor would, with real peers on loopback, and
prints "ok NAME" or "not ok NAME" for each step."""
import http.server
import socket
import ssl
import struct
import sys
import threading
import time

from at_console import LIMIT, OK, Console, GaveUp, free_port, listener, report


def take(peer, n):
    data = b""
    while len(data) < n:
        piece = peer.recv(n - len(data))
        if not piece:
            break
        data += piece
    return data


EVERY = bytes(range(256))


class Pages(http.server.BaseHTTPRequestHandler):
    seen = []

    def answer(self):
        Pages.seen.append((self.command, self.path, self.headers.get("Content-Length")))
        body = EVERY if self.path == "/page?a=b" else b""
        self.send_response(200 if body or self.command == "POST" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *args):
        pass


def http_commands(c):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    c.say("HTTPGET", b"AT+S.HTTPGET=127.0.0.1,/page?a=b,%d,0,,,,\r" % port,
          b"AT-S.Http Server Status Code:200\r\n" + EVERY + b"\r\n" + OK)
    c.say("HTTPGET of nothing", b"AT+S.HTTPGET=127.0.0.1,/none,%d\r" % port,
          b"AT-S.Http Server Status Code:404\r\n" + OK)
    c.say("HTTPPOST", b"AT+S.HTTPPOST=127.0.0.1,/task,%d,0,,,,\r" % port,
          b"AT-S.Http Server Status Code:200\r\n\r\n" + OK)
    report("requests", Pages.seen == [("GET", "/page?a=b", None), ("GET", "/none", None),
                                      ("POST", "/task", "0")], Pages.seen)
    server.shutdown()
    server.server_close()
    c.say("HTTP server is gone", b"AT+S.HTTPGET=127.0.0.1,/,%d\r" % port,
          b"AT-S.Reason:66:cannot connect\r\nAT-S.ERROR:74:Failed to open socket\r\n")


def sockets():
    c = Console()
    server, port = listener()
    where = b"127.0.0.1,%d" % port

    c.say("attention", b"AT\r", OK)
    c.say("no time yet", b"AT+S.TIME\r", b"AT-S.Reason:87:the clock is not set\r\n"
          b"AT-S.ERROR:66:Cannot update DateTime\r\n")
    c.say("time", b"AT+S.TIME=2147483648\r", OK)
    c.send(b"AT+S.TIME\r")
    got = c.until(OK)
    report("time after 2038", got.startswith(b"AT-S.Time:21474836")
           and b"\r\nAT-S.Date:2038-01-19T03:1" in got, got)

    ntp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ntp.bind(("127.0.0.1", 0))
    ntp.settimeout(LIMIT)
    c.say("time server", b"AT+S.SCFG=time_server,127.0.0.1:%d\r" % ntp.getsockname()[1], OK)
    c.send(b"AT+S.NTP\r")
    question, back = ntp.recvfrom(100)
    report("question", len(question) == 48 and question[0] == 0x23 and any(question[40:]), question)
    ntp.sendto(b"\x24\x01" + bytes(22) + bytes(8) + bytes(8) + bytes(8), back)  # forged
    ntp.sendto(b"\x24\x01" + bytes(22) + question[40:] + bytes(8) + struct.pack(">II", 5000, 0),
               back)
    c.expect("time is taken", OK)
    c.send(b"AT+S.TIME\r")
    got = c.until(OK)
    report("time of the second era", b"AT-S.Date:2036-02-07T07:5" in got, got)

    c.say("open", b"AT+S.SOCKON=" + where + b",NULL,t\r", b"AT-S.On:127.0.0.1:0\r\n" + OK)
    peer, _ = server.accept()
    peer.settimeout(LIMIT)
    peer.sendall(EVERY)
    c.expect("pending data", b"+WIND:55:Pending Data::0:256:256\r\n")
    c.say("list", b"AT+S.SOCKL\r", b"AT-S.List::0:1:t:256:127.0.0.1:%d\r\n" % port + OK)
    c.say("query", b"AT+S.SOCKQ=0\r", b"AT-S.Query:256\r\n" + OK)
    c.say("read some", b"AT+S.SOCKR=0,100\r", b"AT-S.Reading:100:256\r\n" + EVERY[:100] + OK)
    c.say("close with data", b"AT+S.SOCKC=0\r", b"AT-S.ERROR:77:Pending data\r\n")
    c.say("read the rest", b"AT+S.SOCKR=0\r", b"AT-S.Reading:156:156\r\n" + EVERY[100:] + OK)
    c.say("write every byte", b"AT+S.SOCKW=0,256\r" + EVERY, OK)
    got = take(peer, 256)
    report("peer has every byte", got == EVERY, got)
    c.say("write to no socket", b"AT+S.SOCKW=1,8\rAT+S.RES", b"AT-S.ERROR:76:Illegal Socket ID\r\n")
    c.say("write too much", b"AT+S.SOCKW=0,4097\r" + 4097 * b"x",
          b"AT-S.ERROR:32:Argument exceeds allowed size\r\n")
    c.say("write nothing", b"AT+S.SOCKW=0,0\r", b"AT-S.ERROR:33:Argument evaluated to zero\r\n")
    peer.close()
    c.expect("peer closes", b"+WIND:58:Socket Closed:0:0\r\n")
    c.say("read from a closed socket", b"AT+S.SOCKR=0\r", b"AT-S.ERROR:72:Closed socket\r\n")
    c.say("close", b"AT+S.SOCKC=0\r", OK)
    c.say("close twice", b"AT+S.SOCKC=0\r", b"AT-S.ERROR:76:Illegal Socket ID\r\n")
    server.close()
    c.say("nobody listens", b"AT+S.SOCKON=" + where + b"\r",
          b"AT-S.Reason:66:cannot connect\r\nAT-S.ERROR:74:Failed to open socket\r\n")
    c.say("nobody listens for TLS", b"AT+S.SOCKON=" + where + b",,s\r", b"AT-S.Loading:1:2\r\n"
          b"AT-S.Reason:66:cannot connect\r\nAT-S.ERROR:74:Failed to open socket\r\n")

    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    udp.settimeout(LIMIT)
    uport = udp.getsockname()[1]
    c.say("open UDP", b"AT+S.SOCKON=127.0.0.1,%d,,u\r" % uport, b"AT-S.On:127.0.0.1:0\r\n" + OK)
    c.say("datagram out", b"AT+S.SOCKW=0,3\r\r\n\0", OK)
    data, back = udp.recvfrom(100)
    report("datagram came", data == b"\r\n\0", data)
    udp.sendto(b"pong", back)
    c.expect("datagram back", b"+WIND:55:Pending Data::0:4:4\r\n")
    c.say("datagram read", b"AT+S.SOCKR=0,\r", b"AT-S.Reading:4:4\r\npong" + OK)
    c.say("close UDP", b"AT+S.SOCKC=0\r", OK)

    port = free_port()
    c.say("listen", b"AT+S.SOCKDON=%d,t\r" % port, b"AT-S.On:0\r\n" + OK)
    c.say("listen twice", b"AT+S.SOCKDON=%d\r" % port, b"AT-S.ERROR:73:Port already opened\r\n")
    client = socket.create_connection(("127.0.0.1", port), LIMIT)
    cport = client.getsockname()[1]
    c.expect("client comes", b"+WIND:61:Incoming Socket Client:127.0.0.1:%d:0:0\r\n" % cport)
    client.sendall(b"question")
    c.expect("client asks", b"+WIND:55:Pending Data:0:0:8:8\r\n")
    c.say("server list", b"AT+S.SOCKDL\r", b"AT-S.List:0::1:t:0::%d\r\n" % port
          + b"AT-S.List:0:0:1:t:8:127.0.0.1:%d\r\n" % cport + OK)
    c.say("server query", b"AT+S.SOCKDQ=0,0\r", b"AT-S.Query:8\r\n" + OK)
    c.say("server read", b"AT+S.SOCKDR=0,0,0\r", b"AT-S.Reading:8:8\r\nquestion" + OK)
    c.say("server write", b"AT+S.SOCKDW=0,0,6\ranswer", OK)
    report("client has the answer", take(client, 6) == b"answer")
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()  # with a reset
    c.expect("client is gone",
             b"+WIND:62:Socket Client Gone:127.0.0.1:%d:0:0:0\r\n" % cport)
    c.say("close the server", b"AT+S.SOCKDC=0\r", OK)
    c.say("it listens no more", b"AT+S.SOCKON=127.0.0.1,%d\r" % port,
          b"AT-S.Reason:66:cannot connect\r\nAT-S.ERROR:74:Failed to open socket\r\n")

    port = free_port()
    c.say("listen before a reset", b"AT+S.SOCKDON=%d\r" % port, b"AT-S.On:0\r\n" + OK)
    c.send(b"AT+S.RESET\r")
    c.expect("reset", OK)
    c.until(b"running: ")
    c.until(b"\n")
    http_commands(c)
    c.say("reset closes sockets", b"AT+S.SOCKDL\r", OK)
    c.say("reset forgets the time", b"AT+S.TIME\r", b"AT-S.Reason:87:the clock is not set\r\n"
          b"AT-S.ERROR:66:Cannot update DateTime\r\n")
    c.end("end of input")


REFUSED = b"AT-S.ERROR:74:Failed to open socket\r\n"


def read_file(name):
    with open(name, "rb") as f:
        return f.read()


class TlsServer:
    """Takes connections; greets, and returns what it hears up to a line feed."""

    def __init__(self, mutual=False):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain("server.pem", "server.key")
        if mutual:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations("root.pem")
        self.listener, self.port = listener()
        self.peers = []
        self.subjects = []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            raw.settimeout(LIMIT)
            threading.Thread(target=self.serve, args=(raw,), daemon=True).start()

    def serve(self, raw):
        try:
            peer = self.context.wrap_socket(raw, server_side=True)
            self.subjects.append(peer.getpeercert())
            peer.sendall(b"hello\0")
            heard = b""
            while not heard.endswith(b"\n"):
                piece = peer.recv(4096)
                if not piece:
                    break
                heard += piece
            peer.sendall(heard)
            peer.unwrap()
        except OSError:
            pass


def load(c, name, command, data, answer=b""):
    c.say(name, b"AT+S.%s,%d\r" % (command, len(data)) + data, answer + OK)


def exchange(c, name, host_args):
    """Opens a secure socket, reads the greeting, and sends something there and back."""
    c.say(name + ": opens", b"AT+S.SOCKON=%s\r" % host_args,
          b"AT-S.Loading:1:2\r\nAT-S.On:127.0.0.1:0\r\n" + OK)
    c.expect(name + ": greeting", b"+WIND:55:Pending Data::0:6:6\r\n")
    c.say(name + ": list", b"AT+S.SOCKL\r", b"AT-S.List::0:1:s:6:" +
          b"127.0.0.1:%s\r\n" % host_args.split(b",")[1] + OK)
    c.say(name + ": reads", b"AT+S.SOCKR=0,\r", b"AT-S.Reading:6:6\r\nhello\0" + OK)
    c.say(name + ": writes", b"AT+S.SOCKW=0,257\r" + EVERY.replace(b"\n", b"x") + b"\n", OK)
    c.expect(name + ": data back", b"+WIND:55:Pending Data::0:257:257\r\n")
    c.expect(name + ": end", b"+WIND:58:Socket Closed:0:0\r\n")
    c.send(b"AT+S.SOCKR=0\r")
    c.expect(name + ": the same data", b"AT-S.Reading:257:257\r\n" +
             EVERY.replace(b"\n", b"x") + b"\n" + OK)
    c.say(name + ": closes", b"AT+S.SOCKC=0\r", OK)


def reason(number, text):
    return b"AT-S.Reason:%d:%s\r\n" % (number, text)


def tls():
    root, key, cert = read_file("root.pem"), read_file("device.key"), read_file("device.pem")
    ski = read_file("root.ski").strip()  # 7F:D3:...
    c = Console()
    plain, mutual = TlsServer(), TlsServer(mutual=True)
    where = b"127.0.0.1,%d,,localhost" % plain.port
    c.say("without a clock nothing is trusted", b"AT+S.SOCKON=%s\r" % where,
          b"AT-S.Loading:1:2\r\n" + reason(87, b"the clock is not set") + REFUSED)
    c.say("time", b"AT+S.TIME=%d\r" % time.time(), OK)
    c.say("without a root nothing is trusted", b"AT+S.SOCKON=%s\r" % where, b"AT-S.Loading:1:2\r\n"
          + reason(144, b"peer's certificate leads to no trusted root") + REFUSED)
    load(c, "root", b"TLSCERT=ca", root, b"AT-S.SubjectKeyId:" + ski + b"\r\n")
    exchange(c, "one-way", where)
    c.say("another name", b"AT+S.SOCKON=127.0.0.1,%d,,elsewhere.example\r" % plain.port,
          b"AT-S.Loading:1:2\r\n" + reason(145, b"peer's certificate is for another name") + REFUSED)
    c.say("the host's own name", b"AT+S.SOCKON=127.0.0.1,%d,,s\r" % plain.port,
          b"AT-S.Loading:1:2\r\n" + reason(145, b"peer's certificate is for another name") + REFUSED)
    c.send(b"AT+S.SOCKON=localhost,%d,,s\r" % plain.port)
    got = c.until(OK)
    report("host is the name", got is not None and b"AT-S.On:" in got, got)
    c.until(b"+WIND:55:Pending Data::0:6:6\r\n")
    c.send(b"AT+S.SOCKR=0\r")
    c.until(OK)
    c.say("host is the name: closes", b"AT+S.SOCKC=0\r", OK)

    where = b"127.0.0.1,%d,,localhost" % mutual.port
    load(c, "certificate", b"TLSCERT=cert", cert)
    load(c, "key", b"TLSCERT=key", key)
    c.say("content", b"AT+S.TLSCERT=content,1\r",
          b"AT-S.Content:ca:%d\r\nAT-S.SubjectKeyId:%s\r\n" % (len(root), ski) +
          b"AT-S.Content:cert:%d\r\nAT-S.Content:key:%d\r\n" % (len(cert), len(key)) + OK)
    exchange(c, "mutual", where)
    report("the server sees the device",
           "device-1" in str(mutual.subjects[-1:]), mutual.subjects)

    port = free_port()
    c.say("serve one-way", b"AT+S.SOCKDON=%d,s1\r" % port, b"AT-S.On:0\r\n" + OK)
    context = ssl.create_default_context(cafile="root.pem")
    context.check_hostname = False
    client = context.wrap_socket(socket.create_connection(("127.0.0.1", port), LIMIT))
    cport = client.getsockname()[1]
    c.expect("one-way client", b"+WIND:61:Incoming Socket Client:127.0.0.1:%d:0:0\r\n" % cport)
    report("the client sees the device", "device-1" in str(client.getpeercert()))
    client.sendall(b"question")
    c.expect("client asks", b"+WIND:55:Pending Data:0:0:8:8\r\n")
    c.say("device reads", b"AT+S.SOCKDR=0,0\r", b"AT-S.Reading:8:8\r\nquestion" + OK)
    c.say("device answers", b"AT+S.SOCKDW=0,0,3\r\r\n\0", OK)
    report("client has the answer", take(client, 3) == b"\r\n\0")
    client.close()
    c.expect("client goes", b"+WIND:62:Socket Client Gone:127.0.0.1:%d:0:0:0\r\n" % cport)
    c.say("stop serving", b"AT+S.SOCKDC=0\r", OK)

    port = free_port()
    c.say("serve mutual", b"AT+S.SOCKDON=%d,s2\r" % port, b"AT-S.On:0\r\n" + OK)
    raw = socket.create_connection(("127.0.0.1", port), LIMIT)
    cport = raw.getsockname()[1]
    try:
        context.wrap_socket(raw).recv(1)
    except OSError:
        pass
    c.expect("client without a certificate",
             b"+WIND:62:Socket Client Gone:127.0.0.1:%d:0:0:149\r\n" % cport)
    context.load_cert_chain("device.pem", "device.key")
    client = context.wrap_socket(socket.create_connection(("127.0.0.1", port), LIMIT))
    cport = client.getsockname()[1]
    c.expect("client with a certificate",
             b"+WIND:61:Incoming Socket Client:127.0.0.1:%d:0:0\r\n" % cport)
    client.close()
    c.expect("it goes", b"+WIND:62:Socket Client Gone:127.0.0.1:%d:0:0:0\r\n" % cport)
    c.say("stop serving again", b"AT+S.SOCKDC=0\r", OK)

    where = b"127.0.0.1,%d,,localhost" % plain.port
    c.say("time before the certificates", b"AT+S.TIME=1000000000\r", OK)
    c.say("not yet valid", b"AT+S.SOCKON=%s\r" % where, b"AT-S.Loading:1:2\r\n"
          + reason(147, b"a certificate of the peer's chain is not valid yet") + REFUSED)
    c.say("skip dates", b"AT+S.SCFG=wifi_eap_skip_datechecks,1\r", OK)
    c.say("save", b"AT+S.WCFG\r", OK)
    c.send(b"AT+S.RESET\r")
    c.expect("reset", OK)
    c.until(b"running: ")
    c.until(b"\n")
    c.say("saved", b"AT+S.GCFG=wifi_eap_skip_datechecks\r",
          b"AT-S.Var:wifi_eap_skip_datechecks=1\r\n" + OK)
    exchange(c, "without dates", where)
    c.say("no more slots", b"AT+S.TLSCERT=content,2\r", OK)
    c.say("gone", b"AT+S.TLSCERT=content,1\r", OK)
    name = ski.replace(b":", b"").lower() + b".ca"
    load(c, "root as a file", b"FSC=" + name, root)
    c.say("files", b"AT+S.FSL\r", b"AT-S.File:C\t%d\t%s\r\n" % (len(root), name) + OK)
    exchange(c, "with files", where)
    c.say("not a certificate", b"AT+S.TLSCERT=ca,5\rhello",
          b"AT-S.Reason:12:malformed input\r\nAT-S.ERROR:7:Invalid argument(s)\r\n")
    c.end("end of input")


if __name__ == "__main__":
    try:
        {"sockets": sockets, "tls": tls}[sys.argv[1]]()
    except GaveUp:
        sys.exit(1)

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Peers of a board's sockets on free ports of 127.0.0.1: an echo over TCP, one over UDP, and a time
server that says SECONDS since 1970. Prints the three ports and serves until its input ends."""
import selectors
import socket
import struct
import sys

ERA = 2208988800


def bound(kind):
    s = socket.socket(socket.AF_INET, kind)
    s.bind(("127.0.0.1", 0))
    return s


def answer_time(s, seconds):
    question, sender = s.recvfrom(512)
    if len(question) >= 48:
        stamp = struct.pack(">II", seconds + ERA, 0)
        head = struct.pack(">BBbb", 0x24, 1, 0, -20) + bytes(12)  # version 4, server, stratum 1
        s.sendto(head + stamp + question[40:48] + stamp + stamp, sender)


def echo_datagram(s):
    data, sender = s.recvfrom(65536)
    s.sendto(data, sender)


def echo_stream(s):
    data = s.recv(65536)
    if data:
        s.sendall(data)
    return bool(data)


def main():
    seconds = int(sys.argv[1])
    tcp, udp, ntp = bound(socket.SOCK_STREAM), bound(socket.SOCK_DGRAM), bound(socket.SOCK_DGRAM)
    tcp.listen()
    print(*(s.getsockname()[1] for s in (tcp, udp, ntp)), flush=True)
    selector = selectors.DefaultSelector()
    for s in (tcp, udp, ntp, sys.stdin):
        selector.register(s, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            s = key.fileobj
            if s is sys.stdin:
                return
            if s is tcp:
                selector.register(tcp.accept()[0], selectors.EVENT_READ)
            elif s is udp:
                echo_datagram(udp)
            elif s is ntp:
                answer_time(ntp, seconds)
            elif not echo_stream(s):
                selector.unregister(s)
                s.close()


if __name__ == "__main__":
    main()

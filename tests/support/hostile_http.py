#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An HTTP server that misbehaves, on a free port of 127.0.0.1.

Usage: hostile_http.py FILE LOG

Prints its port and serves until it is killed. The path chooses the misbehaviour (see ANSWERS);
FILE is the honest content. Each request is logged as one line: path, then its Range or '-'.
"""
import re
import socket
import sys

LIMIT = 64 << 20  # an endless answer ends here, should nobody stop it


def head(status, *fields):
    return ("HTTP/1.1 %s\r\n%s\r\n" % (status, "".join(f + "\r\n" for f in fields))).encode()


def ok(body, *fields):
    return head("200 OK", 'ETag: "v1"', "Content-Length: %d" % len(body), *fields) + body


def rest(data, first, last, total, etag='"v1"'):
    return head("206 Partial Content", "ETag: " + etag,
                "Content-Range: bytes %d-%d/%d" % (first, last, total)) + data


def chunks(data, size, tail=b"0\r\n\r\n"):
    out = head("200 OK", "Transfer-Encoding: chunked")
    for at in range(0, len(data), size):
        piece = data[at:at + size]
        out += b"%x;note=\"x\"\r\n" % len(piece) + piece + b"\r\n"
    return out + tail


def endless(first, again):
    yield first
    sent = 0
    while sent < LIMIT:
        yield again
        sent += len(again)


def honest(data, offset):
    if offset is None:
        return ok(data)
    return rest(data[offset:], offset, len(data) - 1, len(data))


# path -> (data, offset asked for or None) -> bytes, or an iterable of bytes
ANSWERS = {
    "/good": honest,
    "/chunked": lambda d, o: chunks(d, 1000),
    "/byte-chunks": lambda d, o: chunks(d[:3000], 1) if o is None else b"",
    "/close": lambda d, o: head("200 OK") + d,
    "/interim": lambda d, o: head("103 Early Hints", "Link: </x>") + ok(d),
    # ends too early
    "/nothing": lambda d, o: b"",
    "/half-head": lambda d, o: ok(d)[:20],
    "/short": lambda d, o: honest(d, o)[:len(honest(d, o)) // 2],
    "/short-chunks": lambda d, o: chunks(d, 1000, b""),
    # never ends
    "/endless": lambda d, o: endless(head("200 OK"), b"x" * 65536),
    "/endless-chunks": lambda d, o: endless(head("200 OK", "Transfer-Encoding: chunked"),
                                            b"10\r\n0123456789abcdef\r\n" * 4096),
    "/endless-head": lambda d, o: endless(b"HTTP/1.1 200 OK\r\n", b"X-Filler: x\r\n" * 4096),
    "/endless-line": lambda d, o: endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536),
    "/endless-interim": lambda d, o: endless(b"", head("103 Early Hints") * 1000),
    "/endless-trailer": lambda d, o: endless(chunks(d, 1000, b"0\r\n"), b"X: y\r\n" * 4096),
    # promises too much
    "/huge": lambda d, o: head("200 OK", "Content-Length: 18446744073709551615"),
    "/too-big": lambda d, o: head("200 OK", "Content-Length: 524349"),
    # contradicts itself
    "/two-lengths": lambda d, o: head("200 OK", "Content-Length: 5", "Content-Length: 6") + d,
    "/length-and-chunks": lambda d, o: head("200 OK", "Content-Length: 5",
                                            "Transfer-Encoding: chunked") + d,
    "/negative": lambda d, o: head("200 OK", "Content-Length: -1") + d,
    "/folded": lambda d, o: head("200 OK", "X: y\r\n z", "Content-Length: %d" % len(d)) + d,
    "/bare-lf": lambda d, o: ok(d).replace(b"\r\n", b"\n", 3),
    "/nul": lambda d, o: head("200 OK", "X: \0", "Content-Length: %d" % len(d)) + d,
    "/gzip": lambda d, o: ok(d, "Content-Encoding: gzip"),
    "/junk": lambda d, o: b"\x16\x03\x01\x02\x00" * 100,
    # answers another question
    "/unasked-range": lambda d, o: rest(d, 0, len(d) - 1, len(d)),
    "/redirect": lambda d, o: head("302 Found", "Location: http://127.0.0.1:1/"),
    "/teapot": lambda d, o: head("418 I'm a teapot", "Content-Length: 0"),
    # only when a range is asked for; honest, but cut off, when it is not
    "/range-shifted": lambda d, o: ok(d)[:9000] if o is None else rest(d[o - 1:], o - 1, len(d) - 1,
                                                                     len(d)),
    "/range-partial": lambda d, o: ok(d)[:9000] if o is None else rest(d[o:o + 9], o, o + 8, len(d)),
    "/range-changed": lambda d, o: ok(d)[:9000] if o is None else rest(d[o:], o, len(d) - 1, len(d),
                                                                     '"v2"'),
    "/range-ignored": lambda d, o: ok(d)[:9000] if o is None else ok(d),
    "/range-416": lambda d, o: head("416 Range Not Satisfiable", "Content-Range: bytes */5"),
}


def read_request(conn):
    data = b""
    while b"\r\n\r\n" not in data and len(data) < 65536:
        more = conn.recv(4096)
        if not more:
            break
        data += more
    return data.decode("latin-1")


def main():
    with open(sys.argv[1], "rb") as f:
        data = f.read()
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(8)
    print(server.getsockname()[1], flush=True)
    seen = set()
    while True:
        conn, _ = server.accept()
        conn.settimeout(10)
        try:
            request = read_request(conn)
            path = (request.split(" ") + ["", ""])[1]
            asked = re.search(r"\r\nRange: bytes=(\d+)-\r\n", request)
            offset = int(asked.group(1)) if asked else None
            with open(sys.argv[2], "a") as log:
                log.write("%s %s\n" % (path, "-" if offset is None else offset))
            answer = ANSWERS[path]
            # The first whole answer of /range-416 is cut off, the one after the 416 is not.
            if path == "/range-416" and offset is None:
                out = ok(data) if path in seen else ok(data)[:9000]
                seen.add(path)
            else:
                out = answer(data, offset)
            for piece in [out] if isinstance(out, bytes) else out:
                conn.sendall(piece)
            conn.shutdown(socket.SHUT_WR)
            while conn.recv(4096):  # so that closing does not reset what is still on its way
                pass
        except OSError:
            pass  # the device hung up, as it should
        except KeyError:
            conn.sendall(head("404 Not Found", "Content-Length: 0"))
        finally:
            conn.close()


main()

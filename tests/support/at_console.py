# SPDX-License-Identifier: Apache-2.0
"""The console of fota-sim, for tests in Python. Nothing waits for a time: each step reads until the
bytes that it expects have come, or until the console ends."""
import atexit
import os
import select
import socket
import subprocess
import time

LIMIT = 30  # seconds until a step that hangs counts as failed


class GaveUp(Exception):
    """Steps that follow a failed one would only wait for what does not come."""


def report(name, good, *detail):
    print(("ok " if good else "not ok ") + name, flush=True)
    if not good:
        for line in detail:
            print("    " + str(line), flush=True)
        raise GaveUp(name)


class Console:
    def __init__(self, *options):
        self.process = subprocess.Popen(
            ["fota-sim", *options, "console"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        atexit.register(self.process.kill)
        self.buffer = b""
        self.until(b"running: ")
        self.until(b"\n")

    def read_some(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
            return False
        piece = os.read(self.process.stdout.fileno(), 4096)
        self.buffer += piece
        return piece != b""

    def until(self, mark):
        """Everything up to and with mark; None when it does not come."""
        deadline = time.monotonic() + LIMIT
        while mark not in self.buffer:
            if not self.read_some(deadline):
                return None
        end = self.buffer.index(mark) + len(mark)
        taken, self.buffer = self.buffer[:end], self.buffer[end:]
        return taken

    def send(self, data):
        self.process.stdin.write(data)

    def expect(self, name, want):
        """The next bytes are exactly these."""
        deadline = time.monotonic() + LIMIT
        while len(self.buffer) < len(want) and want.startswith(self.buffer):
            if not self.read_some(deadline):
                break
        got, self.buffer = self.buffer[:len(want)], self.buffer[len(want):]
        report(name, got == want, "expected: %r" % want, "found:    %r" % (got + self.buffer))

    def say(self, name, data, want):
        self.send(data)
        self.expect(name, want)

    def end(self, name, want=0):
        self.process.stdin.close()
        deadline = time.monotonic() + LIMIT
        while self.read_some(deadline):
            pass
        report(name, self.process.wait(LIMIT) == want and self.buffer == b"",
               "left: %r" % self.buffer)


OK = b"AT-S.OK\r\n"


def listener():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen()
    s.settimeout(LIMIT)
    return s, s.getsockname()[1]


def free_port():
    s, port = listener()
    s.close()
    return port

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the emulated board on a flash file and talks to its console.

    board.py [--boot ELF] [--seconds N] [--icount] [--slow] [--plugin FILE,ARG] [--forward HOST:BOARD] FLASH STEP...

Steps, in order:
    send:TEXT      types it; \\r is a carriage return
    file:NAME      types the bytes of a file
    run:COMMAND    begins a command of the shell, which is gone with QEMU at the latest
    expect:REGEX   waits until a line, or the part of one that is there, matches; later text only
    exit:CODE      waits until QEMU ends by itself, with this status

Prints what the console said. Exit 0 when every step came true, 1 when not, with the step that did
not. QEMU is gone when this returns.
"""
import argparse
import os
import re
import selectors
import signal
import subprocess
import sys
import time


def forwarding(ports):
    host, _, guest = ports.partition(":")
    return f",hostfwd=tcp:127.0.0.1:{host}-:{guest}" if ports else ""


def command(args):
    qemu = ["qemu-system-arm", "-nographic", "-monitor", "none", "-serial", "stdio",
            "-machine", "mps2-an386,memory-backend=nvm",
            "-object", f"memory-backend-file,id=nvm,size=16M,mem-path={args.flash},share=on",
            "-nic", "user" + forwarding(args.forward), "-kernel", args.boot]
    if args.icount:  # instructions are the clock, and waiting takes no time
        qemu += ["-icount", "shift=0,sleep=off"]
    elif args.slow:  # 32 ns for each: about a real one at 25 MHz with some wait states
        qemu += ["-icount", "shift=5"]
    if args.plugin:
        qemu += ["-plugin", args.plugin]
    if args.semihosting:
        qemu += ["-semihosting-config", "enable=on,target=native"]
    return qemu


class Board:
    def __init__(self, args):
        self.process = subprocess.Popen(command(args), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.deadline = time.monotonic() + args.seconds
        self.text = ""
        self.started = []
        self.at = 0
        self.ended = False
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)

    def read_more(self):
        """False at the end of the output, or of the time."""
        if self.ended or not self.selector.select(max(0, self.deadline - time.monotonic())):
            return False
        data = os.read(self.process.stdout.fileno(), 65536)
        self.ended = not data
        self.text += data.decode("ascii", "replace")
        return not self.ended

    def expect(self, pattern):
        regex = re.compile(pattern, re.MULTILINE)
        while True:
            found = regex.search(self.text, self.at)
            if found:
                self.at = found.end()
                return True
            if not self.read_more():
                return False

    def send(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()
        return True

    def send_file(self, name):
        with open(name, "rb") as f:
            return self.send(f.read())

    def begin(self, text):
        self.started.append(subprocess.Popen(text, shell=True, start_new_session=True))
        return True

    def exit(self, code):
        while self.read_more():
            pass
        try:
            return self.process.wait(max(0.1, self.deadline - time.monotonic())) == code
        except subprocess.TimeoutExpired:
            return False

    def stop(self):
        for other in self.started:
            try:
                other.wait(max(0.1, self.deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(other.pid, signal.SIGKILL)
                other.wait()
        self.process.kill()
        return self.process.communicate()[1].decode("utf-8", "replace")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--boot", default=os.environ.get("FK_BOARD_BOOT"))
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("FK_BOARD_SECONDS", "20")))
    parser.add_argument("--icount", action="store_true")
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--semihosting", action="store_true")
    parser.add_argument("--plugin")
    parser.add_argument("--forward", default="", metavar="HOST:BOARD", help="a TCP port of 127.0.0.1")
    parser.add_argument("flash")
    parser.add_argument("steps", nargs="+")
    args = parser.parse_args()
    board = Board(args)
    failed = None
    try:
        for step in args.steps:
            verb, _, text = step.partition(":")
            done = {"send": lambda: board.send(text.replace("\\r", "\r").replace("\\n", "\n").encode("ascii")),
                    "file": lambda: board.send_file(text),
                    "run": lambda: board.begin(text),
                    "expect": lambda: board.expect(text),
                    "exit": lambda: board.exit(int(text))}[verb]()
            if not done:
                failed = step
                break
    finally:
        errors = board.stop()
    sys.stdout.write(board.text.replace("\r\n", "\n"))
    if failed is not None:
        sys.stderr.write(errors)
        sys.stderr.write(f"board: this did not come: {failed}\n")
    return 0 if failed is None else 1


if __name__ == "__main__":
    sys.exit(main())

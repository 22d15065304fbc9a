#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills QEMU at the stores of one power-up of the emulated board, starts the board again, and compares
what it says and what is in its flash with what the state allows.

    power.py --plugin FILE --profile FILE --end PHASE:SHA256 [--confirm] [--every N | --sample] [--second]
             FLASH TRACE FORECAST

FLASH is the file before the power-up, TRACE its stores (stores.c), FORECAST what the same boot stage
does on a host after each of them (replay.c). A store that leaves the flash as it is needs no cut: the
board would start from the flash of the one before.

At each cut QEMU must have left exactly the flash of FLASH and the first stores of TRACE. The boot after
it must find the phase, end in the phase and start the image of the forecast, and that image's bytes must
have its digest. What is left then is carried to the end by fota-sim, which boots and confirms: it must be
in PHASE, with the image SHA256. With --second QEMU is killed in the boot after the cut as well, at a store
that wanders, and then everything is asked again.

--confirm: the application is told to confirm itself, and the cuts may come while it does.
--sample takes the first, the middle and the last store of each run of stores of one kind in one sector.
Prints one line; exit 1 with the first cuts that went wrong.
"""
import argparse
import concurrent.futures
import hashlib
import itertools
import json
import os
import re
import selectors
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

SECONDS = float(os.environ.get("FK_BOARD_SECONDS", "60"))
CUT_STATUS = 77
BLANK = 0xFFFFFFFF
SECTOR = 4096
STARTS = re.compile(rb"^boot: found (\w+).*; (\w+), image (\d+) (\w{16})[^\n]*\n(?:.*\n)*?"
                    rb"probe: version", re.MULTILINE)
CONFIRMED = re.compile(STARTS.pattern + rb"(?:.*\n)*?probe: confirm 0\n", re.MULTILINE)
# What a boot may make of what it finds: see firmware/DESIGN.md, "Install engine".
ALLOWED = {"staged": {"trial"}, "installing": {"trial"}, "trial": {"trial", "idle"},
           "reverting": {"idle"}, "idle": {"idle"}}


class Lost(Exception):
    pass


def flash_map(profile):
    """Where the image is, and where the last region ends."""
    regions = re.compile(r"^    (\w+): \{offset: (\d+)K, size: (\d+)K\}", re.MULTILINE)
    with open(profile, encoding="utf-8") as f:
        found = {name: (1024 * int(off), 1024 * int(size)) for name, off, size in regions.findall(f.read())}
    return found["primary"][0], max(off + size for off, size in found.values())


class Flash:
    """A flash file of which only the regions are written and read."""

    def __init__(self, path, contents):
        self.path = path
        with open(path, "wb") as f:
            f.write(contents)

    def put(self, contents):
        with open(self.path, "r+b") as f:
            f.write(contents)

    def get(self, size):
        with open(self.path, "rb") as f:
            return f.read(size)


class Sweep:
    def __init__(self, args):
        self.args = args
        self.profile = os.path.basename(args.profile).removesuffix(".yaml")
        with open(args.flash, "rb") as f:
            whole = f.read()
        with open(args.trace, "rb") as f:
            self.trace = list(struct.iter_unpack("<III", f.read()))
        self.primary, self.used = flash_map(args.profile)
        self.before = whole[:self.used]
        self.at = ":".join(f"{pc:x}" for pc in sorted({pc for _, _, pc in self.trace}))
        self.forecast = {}
        with open(args.forecast, encoding="ascii") as f:
            for line in f:
                n, found, after, size, digest, stores, second = line.split()
                self.forecast[int(n)] = (found, after, int(size), digest, int(stores), int(second))
        folder = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = tempfile.mkdtemp(prefix="fotakit-power-", dir=folder)
        self.whole = whole
        self.local = threading.local()
        self.names = itertools.count()
        self.ends = {}
        self.end_lock = threading.Lock()
        self.cuts = self.again_cuts = 0
        self.found = {}

    def flash(self):
        if not hasattr(self.local, "flash"):
            self.local.flash = Flash(os.path.join(self.folder, f"{next(self.names)}.flash"), self.whole)
        return self.local.flash

    # ---- QEMU
    def qemu(self, cut=None):
        """One power-up, to the store that ends it or until the image has started (and confirmed)."""
        command = ["qemu-system-arm", "-nodefaults", "-display", "none", "-serial", "stdio",
                   "-machine", "mps2-an386,memory-backend=nvm", "-object",
                   f"memory-backend-file,id=nvm,size=16M,mem-path={self.flash().path},share=on",
                   "-kernel", os.environ["FK_BOARD_BOOT"]]
        if cut:
            command += ["-plugin", f"{self.args.plugin},cut={cut},at={self.at}"]
        until, reply = (CONFIRMED, b"c") if self.args.confirm else (STARTS, b"")
        text, deadline = b"", time.monotonic() + SECONDS
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(process.stdout, selectors.EVENT_READ)
                while cut or not until.search(text):
                    if not selector.select(max(0, deadline - time.monotonic())):
                        raise Lost(f"nothing more came: {text!r}")
                    more = os.read(process.stdout.fileno(), 65536)
                    text += more.replace(b"\r", b"")
                    if not more:
                        break
                    if reply and STARTS.search(text):
                        os.write(process.stdin.fileno(), reply)
                        reply = b""
            if cut and process.wait(max(0.1, deadline - time.monotonic())) != CUT_STATUS:
                raise Lost(f"QEMU ended by itself, {process.returncode}: {text!r}")
        finally:
            process.kill()
            process.communicate()
        return text

    # ---- judgements
    def boot(self):
        """The boot after a cut: (found, after, size, first half of the digest) as the board says."""
        said = STARTS.search(self.qemu())
        if said is None:
            raise Lost("nothing was started")
        found, after, size, digest = (part.decode() for part in said.groups())
        if after not in ALLOWED.get(found, ()):
            raise Lost(f"found {found}, and then {after}")
        contents = self.flash().get(self.used)
        image = contents[self.primary:self.primary + int(size)]
        if hashlib.sha256(image).hexdigest()[:16] != digest:
            raise Lost("what was started is not what was verified")
        self.carry_on(contents)
        return found, after, int(size), digest

    def sim(self, *words):
        command = ["fota-sim", "-p", self.profile, "--flash", self.flash().path, *words]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise Lost(f"fota-sim {' '.join(words)}: {done.stdout.decode()}")
        return done.stdout

    def carry_on(self, contents):
        """Boots once more and confirms. Equal flash has an equal end, so each is asked once."""
        key = hashlib.sha256(contents).digest()
        with self.end_lock:
            if key in self.ends:
                return
        self.sim("boot", "--confirm")
        status = json.loads(self.sim("status", "--json"))
        end = f"{status['phase']}:{status['image']['sha256']}"
        if end != self.args.end or not status["image_verifies"]:
            raise Lost(f"ended in {end}")
        with self.end_lock:
            self.ends[key] = end

    def first(self, n, contents):
        flash = self.flash()
        flash.put(self.before)
        self.qemu(n)
        if flash.get(self.used) != contents:
            raise Lost("the flash is not what the stores so far make of it")
        want = self.forecast[n][:3] + (self.forecast[n][3][:16],)
        is_ = self.boot()
        if is_ != want:
            raise Lost(f"forecast {want}, was {is_}")
        return is_

    def again(self, n, contents):
        """A second cut, in the boot after the first."""
        flash, second = self.flash(), self.forecast[n][5]
        flash.put(contents)
        self.qemu(second)
        is_ = self.boot()
        # The outcome is that of the first boot, whatever is found on the way.
        if is_[3] != self.forecast[n][3][:16]:
            raise Lost(f"second cut at {second}: another image, {is_}")

    def cut(self, n, contents):
        try:
            found = self.first(n, contents)[0]
            second = self.args.second and found != "trial" and self.forecast[n][5] > 0
            if second:
                self.again(n, contents)
        except Lost as lost:
            return n, None, False, str(lost)
        return n, found, second, None

    # ---- the sweep
    def chosen(self):
        changes = sorted(self.forecast)
        if not self.args.sample:
            return set(changes[self.args.every - 1::self.args.every])
        kind = lambda n: (self.trace[n - 1][0] // SECTOR, self.trace[n - 1][1] == BLANK)
        runs = [list(run) for _, run in itertools.groupby(changes, kind)]
        return {n for run in runs for n in (run[0], run[len(run) // 2], run[-1])}

    def states(self):
        """The flash after each chosen store, one after the other."""
        contents, chosen = bytearray(self.before), self.chosen()
        for n, (off, word, _) in enumerate(self.trace, 1):
            contents[off:off + 4] = struct.pack("<I", word)
            if n in chosen:
                yield n, bytes(contents)

    def run(self):
        lost = []
        workers = os.cpu_count() or 1
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            waiting = set()
            states = self.states()
            while True:
                for n, contents in itertools.islice(states, 4 * workers - len(waiting)):
                    waiting.add(pool.submit(self.cut, n, contents))
                if not waiting:
                    break
                done, waiting = concurrent.futures.wait(
                    waiting, return_when=concurrent.futures.FIRST_COMPLETED)
                for n, found, second, why in (job.result() for job in done):
                    self.cuts += 1
                    self.again_cuts += second
                    self.found[found] = self.found.get(found, 0) + 1
                    if why is not None:
                        lost.append(f"store {n}: {why}")
        return lost


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--plugin", required=True)
    parser.add_argument("--profile", required=True)
    parser.add_argument("--end", required=True, metavar="PHASE:SHA256")
    parser.add_argument("--confirm", action="store_true")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--second", action="store_true")
    parser.add_argument("flash")
    parser.add_argument("trace")
    parser.add_argument("forecast")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))  # leave neither QEMU nor files behind
    sweep = Sweep(parser.parse_args())
    began = time.monotonic()
    try:
        lost = sweep.run()
    finally:
        shutil.rmtree(sweep.folder)
    found = ", ".join(f"{n} {phase}" for phase, n in sorted(sweep.found.items(), key=str))
    print(f"{len(sweep.trace)} stores, {len(sweep.forecast)} change the flash; killed at {sweep.cuts} (found "
          f"{found}) and again at {sweep.again_cuts}; {len(lost)} lost, {time.monotonic() - began:.0f} s")
    for line in lost[:5]:
        sys.stderr.write(line + "\n")
    return 0 if not lost and sweep.cuts > 0 else 1


if __name__ == "__main__":
    sys.exit(main())

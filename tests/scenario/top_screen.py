#!/usr/bin/python3
"""`tutti top` on a terminal of 80 columns: drawn again, fits, leaves cleanly."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

PATIENCE_S = 60
FRAME = b"\x1b[H"


class Terminal:
    def __init__(self, program, *args):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm", LC_ALL="C.UTF-8")
            os.environ.pop("NO_COLOR", None)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            os.execvp(program, [program, *args])

    def read(self):
        """False at the end."""
        if not select.select([self.fd], [], [], PATIENCE_S)[0]:
            sys.exit(f"nothing came after {self.seen!r}")
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        self.seen += data
        return data != b""

    def until(self, condition):
        end = time.monotonic() + PATIENCE_S
        while not condition(self.seen):
            if time.monotonic() > end or not self.read():
                sys.exit(f"not what was wanted: {self.seen!r}")

    def end(self):
        while self.read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def equal(what, wanted, got):
    if wanted != got:
        sys.exit(f"{what}: {wanted!r}, not {got!r}")


def check_frame(seen):
    frame = seen.split(FRAME)[2].split(b"\x1b[J")[0].decode()
    lines = [re.sub(r"\x1b\[[0-9;]*[mK]", "", line) for line in frame.split("\r\n")]
    for line in lines:
        if len(line) > 80:
            sys.exit(f"too wide: {line!r}")
    for wanted in ("daemon ", "store ", "commits ", "runs ", "tasks ", "PLUGIN", "worker", "QUEUE"):
        if not any(line.startswith(wanted) for line in lines):
            sys.exit(f"no {wanted!r} in {lines}")
    if "µs" not in frame and "ms" not in frame:
        sys.exit(f"no unit in {lines}")


def leave(how, args=("--interval", "100ms")):
    terminal = Terminal(sys.argv[1], "top", *args)
    terminal.until(lambda seen: seen.count(FRAME) >= 3)
    before = termios.tcgetattr(terminal.fd)[3]
    equal("echo while it runs", 0, before & termios.ECHO)
    check_frame(terminal.seen)
    how(terminal)
    equal("exit code", 0, terminal.end())
    if not terminal.seen.endswith(b"\x1b[?7h\x1b[?25h\x1b[?1049l"):
        sys.exit(f"the terminal is not as it was: {terminal.seen[-80:]!r}")


def come_again():
    """The daemon goes, and another one comes: the files say when."""
    terminal = Terminal(sys.argv[1], "top", "--interval", "100ms")
    terminal.until(lambda seen: seen.count(FRAME) >= 2)
    open("seen", "w").close()
    terminal.until(lambda seen: b"no answer: " in seen)
    open("missed", "w").close()
    terminal.until(lambda seen: b"daemon " in seen.split(b"no answer: ")[-1])
    os.write(terminal.fd, b"q")
    equal("exit code", 0, terminal.end())


if "--gone" in sys.argv:
    come_again()
    sys.exit()
leave(lambda terminal: os.write(terminal.fd, b"q"))
leave(lambda terminal: os.write(terminal.fd, b"\x03"))
leave(lambda terminal: os.kill(terminal.pid, signal.SIGTERM))

#!/usr/bin/env python3
"""How long runs are at a standstill when the daemon is killed.

usage: bench/restart.py [BUILD_FOLDER [RUNS]]

Starts RUNS runs (10,000), of which each has a task in the hands of a plugin or
ready for it, kills the daemon with -9, starts it again, and prints how long it
takes until the first task is called again, and until the daemon answers. Beside
it stands what one run alone takes: the part that does not grow.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/release")
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
TUTTI = os.path.join(BUILD, "tutti")
ROUNDS = 5

# The program tells when it was called, and is still at it when all is killed.
CONFIG = """
crash_limit: 1000
activities:
  A:
    pre: [{plugin: echo, with: {some: input}}]
    parallel:
      - {plugin: exec, with: {argv: [sh, -c, "date +%s%N >>called; exec sleep 1000"]}}
      - {plugin: echo, as: other}
"""


def serve():
    daemon = subprocess.Popen([TUTTI, "serve"], stderr=subprocess.PIPE,
                              text=True)
    for line in daemon.stderr:
        if "ready" in line:
            return daemon
    sys.exit("the daemon did not start")


def size(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


def start_runs(count):
    """With as many clients as there are processors."""
    command = [TUTTI, "start", "default", "--attr"]
    waiting = []
    for i in range(count):
        waiting.append(subprocess.Popen(command + ["n=%d" % i],
                                        stdout=subprocess.DEVNULL))
        if len(waiting) > (os.cpu_count() or 1):
            waiting.pop(0).wait()
    for client in waiting:
        client.wait()


def kill_and_measure(daemon):
    """Milliseconds to the first call and to the first answer."""
    daemon.send_signal(signal.SIGKILL)
    daemon.wait()
    before = size("called")
    begin = time.time()
    daemon = subprocess.Popen([TUTTI, "serve"], stderr=subprocess.PIPE,
                              text=True)
    for line in daemon.stderr:
        if "ready" in line:
            break
    answers = time.time()
    while size("called") == before:
        time.sleep(0.0005)
    with open("called", encoding="ascii") as file:
        file.seek(before)
        first = int(file.readline()) / 1e9
    return daemon, (first - begin) * 1000, (answers - begin) * 1000


def measure(count):
    with tempfile.TemporaryDirectory(prefix="tutti-restart-") as folder:
        os.chdir(folder)
        with open("tutti.yaml", "w", encoding="utf-8") as file:
            file.write(CONFIG)
        daemon = serve()
        start_runs(count)
        firsts, answers = [], []
        for _ in range(ROUNDS):
            daemon, first, answer = kill_and_measure(daemon)
            firsts.append(first)
            answers.append(answer)
        store = size(".tutti/data.mdb")
        daemon.send_signal(signal.SIGKILL)
        daemon.wait()
        os.chdir("/")
        return firsts, answers, store


def row(name, values, unit="ms"):
    print("%-46s %8.1f %s  %.1f .. %.1f" % (
        name, statistics.median(values), unit, min(values), max(values)),
          flush=True)


def main():
    firsts, _, _ = measure(1)
    row("restart with 1 active run, first task again", firsts)
    firsts, answers, store = measure(RUNS)
    row("restart with %d active runs, first task" % RUNS, firsts)
    row("   until it answers", answers)
    print("%-46s %8.1f MB" % ("   store", store / 1e6))


if __name__ == "__main__":
    main()

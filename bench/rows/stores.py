"""Verbs and starts over stores with many finished runs, against few."""

import os
import random
import statistics
import subprocess
import time

from harness import numbers
from harness.daemon import Daemon
from harness.program import Failed
from harness.row import NONE, STRICT, Budget, Case, Row, Sample, register

FEW = 1000
BUDGET = Budget(1.5)

# What finished is made quickly, and measured under the usual durability.
CONFIG = """
activities:
  A: {pre: [echo]}
"""
RELAXED = "durability: relaxed\n"


class Stores(Case):
    """The same store with FEW runs is the other side of each round."""

    def __init__(self, many, quick):
        self.many = many
        self.quick = quick
        self.daemons = {}
        name = "store-%d-" % many
        over = ", %d finished runs" % many
        few = "the same over %d" % FEW
        self.rows = (
            Row(name + "ls", "tutti ls" + over, "us", NONE, few, BUDGET),
            Row(name + "ls-state", "tutti ls --state failed" + over, "us",
                NONE, few, BUDGET),
            Row(name + "show", "tutti show" + over, "us", NONE, few, BUDGET),
            Row(name + "start", "tutti start --wait" + over, "us", STRICT,
                few, BUDGET),
            Row(name + "daemon", "until a daemon is ready" + over, "us",
                STRICT, few, BUDGET))

    def open(self, bench):
        super().open(bench)
        for size in (FEW, self.many):
            self.daemons[size] = filled(bench, size)

    def close(self):
        for daemon in self.daemons.values():
            daemon.remove()

    def product(self):
        return self.measure(self.many)

    def floor(self):
        return self.measure(FEW)

    def measure(self, size):
        daemon = self.daemons[size]
        name = "store-%d-" % self.many
        daemon.stop()
        ready = daemon.start()
        times = 5 if self.bench.quick else 20
        daemon.load(3, 1)
        started = daemon.load(5 * times, 1)
        shown = ["u%d" % random.randrange(size) for _ in range(times)]
        return {
            name + "daemon": Sample(ready * 1e6),
            name + "start": Sample(numbers.percentile(
                started.latencies_us(), 0.5)),
            name + "ls": typed(daemon, [["ls"]] * times),
            name + "ls-state": typed(
                daemon, [["ls", "--state", "failed"]] * times),
            name + "show": typed(daemon, [["show", uid] for uid in shown]),
        }


def typed(daemon, commands):
    """The median of what they take, program start included."""
    times = []
    for words in commands:
        begin = time.monotonic()
        daemon.tell(*words)
        times.append((time.monotonic() - begin) * 1e6)
    return Sample(statistics.median(times))


def filled(bench, size):
    """A daemon that is not running, over a store with at least so many."""
    folder = None
    if bench.keep:
        folder = os.path.join(os.path.abspath(bench.keep), "store-%d" % size)
        os.makedirs(folder, exist_ok=True)
    daemon = Daemon(bench, RELAXED + CONFIG, folder)
    # Each time that it is used it gains some.
    if (not os.path.exists(daemon.store())
            or not size <= daemon.count("succeeded") <= 2 * size):
        daemon.fresh()
        fill(daemon, size)
        daemon.stop()
    daemon.configure(CONFIG)
    return daemon


def fill(daemon, size):
    """With the uids u0, u1, ..."""
    command = [daemon.tutti, "start", "--lines", "-", "--in-flight", "1024",
               "--wait", "-o", "text"]
    with subprocess.Popen(command, cwd=daemon.folder, text=True,
                          stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL) as client:
        for number in range(size):
            client.stdin.write('{"uid": "u%d"}\n' % number)
        client.stdin.close()
    if client.returncode != 0:
        raise Failed("a store of %d runs could not be filled" % size)


register("stores: with many finished runs", [
    Stores(20000, quick=True), Stores(100000, quick=False),
    Stores(1000000, quick=False)])

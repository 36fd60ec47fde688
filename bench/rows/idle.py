"""Daemons that have nothing to do: alone, with parked runs, with programs."""

import os
import time

from harness import process
from harness.daemon import Daemon
from harness.row import NONE, Budget, Case, Row, Sample, register
from rows.activities import plugins

PARKED = 10000

PROGRAMS = 10

CONFIG = """
activities:
  A: {pre: [{plugin: wait, with: {duration: 10h}}]}
"""

# Worker threads that have nothing to do end by themselves.
SETTLE_S = 15


NOTHING = Budget(0, of="value")


def rows_of(name, what, budget=None):
    """`budget` is for what it does; memory has one of its own."""
    return (
        Row(name + "-wakeups", what + ": wake-ups of its threads", "a_minute",
            NONE, budget=budget),
        Row(name + "-writes", what + ": writes, to anything", "a_minute", NONE,
            budget=budget),
        Row(name + "-cpu", what + ": processor time", "us_a_minute", NONE),
        Row(name + "-resident", what + ": memory, the mapped store included",
            "bytes", NONE, budget=Budget(32e6, of="value")),
        Row(name + "-resident-store", what + ": of it the mapped store",
            "bytes", NONE))


class Idle(Case):
    """All at once: what does nothing does not disturb."""

    rows = (*rows_of("idle", "idle daemon", NOTHING),
            *rows_of("parked", "%d parked runs" % PARKED, NOTHING),
            *rows_of("programs", "%d idle programs, their daemon" % PROGRAMS))
    most_rounds = 1

    def __init__(self):
        self.daemons = {}

    def open(self, bench):
        super().open(bench)
        configs = {"idle": CONFIG, "parked": CONFIG,
                   "programs": plugins("process", bench, PROGRAMS) + CONFIG}
        for name, config in configs.items():
            self.daemons[name] = Daemon(bench, config)
            self.daemons[name].start()
        self.daemons["programs"].wait_for_instances(PROGRAMS)
        parked = self.daemons["parked"]
        parked.load(PARKED, 256, wait=False)
        parked.wait_until(lambda: parked.count("waiting") == PARKED,
                          "all runs are parked", 0.05)
        time.sleep(SETTLE_S)

    def close(self):
        for daemon in self.daemons.values():
            daemon.remove()

    def counters(self):
        return {name: (process.wakeups(daemon.child.pid),
                       process.written_calls(daemon.child.pid),
                       process.cpu_us(daemon.child.pid))
                for name, daemon in self.daemons.items()}

    def product(self):
        seconds = 5 if self.bench.quick else 60
        before = self.counters()
        time.sleep(seconds)
        after = self.counters()
        samples = {}
        for name, daemon in self.daemons.items():
            wakeups, writes, cpu = (
                (late - early) * 60 / seconds
                for early, late in zip(before[name], after[name]))
            samples[name + "-wakeups"] = Sample(wakeups, {
                "threads": process.threads(daemon.child.pid)})
            samples[name + "-writes"] = Sample(writes)
            samples[name + "-cpu"] = Sample(cpu)
            samples.update(self.memory(name, daemon))
        return samples

    @staticmethod
    def memory(name, daemon):
        resident = process.resident(daemon.child.pid)
        mapped = process.resident_of_file(daemon.child.pid, "data.mdb")
        return {
            name + "-resident": Sample(resident["rss"], resident),
            name + "-resident-store": Sample(mapped, {
                "file": os.path.getsize(daemon.store())}),
        }


register("idle: a minute of nothing", [Idle()])

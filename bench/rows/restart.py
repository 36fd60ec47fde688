"""How long runs are at a standstill when the daemon is killed with -9."""

import os
import signal
import time

from harness.daemon import Daemon
from harness.row import STRICT, Budget, Case, Row, Sample, register

RUNS = 10000

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


class Restart(Case):
    """Two daemons: one with all the runs, one with a single one."""

    rows = (
        Row("restart-first-task", "%d active runs: until a task is called "
            "again" % RUNS, "us", STRICT, "the same with one run",
            Budget(300000, of="value")),
        Row("restart-answers", "%d active runs: until the daemon is ready"
            % RUNS, "us", STRICT, "the same with one run"))

    def __init__(self):
        self.daemons = {}

    def open(self, bench):
        super().open(bench)
        for count in (1, RUNS):
            daemon = self.daemons[count] = Daemon(bench, CONFIG)
            daemon.start()
            daemon.load(count, 256, wait=False)
            daemon.wait_until(lambda: daemon.count("running") == count,
                              "all runs are at it", 0.05)

    def close(self):
        for daemon in self.daemons.values():
            daemon.remove()

    def product(self):
        return self.restart(self.daemons[RUNS])

    def floor(self):
        return self.restart(self.daemons[1])

    def restart(self, daemon):
        called = daemon.path("called")
        rest(daemon, called)
        daemon.stop(signal.SIGKILL)
        before = size(called)
        begin = time.time()
        ready = daemon.start()
        daemon.wait_until(lambda: size(called) > before, "a task is called")
        with open(called, encoding="ascii") as file:
            file.seek(before)
            first = int(file.readline()) / 1e9
        return {
            "restart-first-task": Sample((first - begin) * 1e6, {
                "store": os.path.getsize(daemon.store())}),
            "restart-answers": Sample(ready * 1e6),
        }


def size(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


def rest(daemon, called):
    """Until nothing is called any more: what was, will not be mistaken."""
    sizes = []

    def is_at_rest():
        sizes.append(size(called))
        return sizes[-1] > 0 and sizes[-5:].count(sizes[-1]) == 5

    daemon.wait_until(is_at_rest, "tasks are at it", 0.1)


register("restart: the daemon is killed with -9 and started again",
         [Restart()])

"""Queues: alone (bench/queue tells these numbers), and through all doors."""

import calendar
import json
import os
import time

from harness.daemon import Daemon
from harness.program import floor, run
from harness.row import STRICT, Case, Row, Sample, register

RAW = "LMDB's own puts, updates and deletes in as many commits"


class Driver(Case):
    """One run of bench_queue is a round: it has turns of its own. The quick
    one leaves out the two long queues."""

    rows = tuple(
        Row("queue-driver-%d" % size,
            "the embedded driver: a message in and out, of %d" % size,
            "us", STRICT, RAW) for size in (1000, 10000, 100000, 1000000))
    most_rounds = 3

    def open(self, bench):
        super().open(bench)
        self.command = [os.path.join(bench.build, "bench/queue/bench_queue"),
                        "--json"] + (["--quick"] if bench.quick else [])

    def round(self, number):
        found = json.loads(run(
            self.command, env={**os.environ, "TMPDIR": self.bench.folder}))
        product, raw = {}, {}
        for one in found:
            name = "queue-driver-%d" % one["messages"]
            product[name] = Sample(one["enqueue_us"] + one["drain_us"], one)
            raw[name] = Sample(one["raw_enqueue_us"] + one["raw_drain_us"])
        return product, raw


CONFIG = """
plugins:
  - {plugin: echo, queue: true}
activities:
  A: {parallel: [echo]}
"""

# Like the default of `tutti start --lines`.
IN_FLIGHT = 256


def at(text):
    """Seconds since 1970 of a time as the program writes it."""
    seconds, _, fraction = text.rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(seconds, "%Y-%m-%dT%H:%M:%S")
                           ) + float("0." + fraction)


class Doors(Case):
    """Runs are started while the queue is paused, which fills it; then it is
    resumed, and drained until the last run has ended."""

    rows = (
        Row("queue-enqueue", "runs whose one task enters a queue",
            "per_second", STRICT,
            "a run of one plugin without a queue, half of its commits"),
        Row("queue-drain", "tasks out of the queue, to the ends of their runs",
            "per_second", STRICT,
            "a run of one plugin without a queue, half of its commits"),
        Row("queue-through", "both together", "per_second", STRICT,
            "a run of one plugin without a queue"))

    def __init__(self):
        self.daemon = None

    def open(self, bench):
        super().open(bench)
        self.messages = 1000 if bench.quick else 10000
        self.daemon = Daemon(bench, CONFIG)

    def close(self):
        if self.daemon:
            self.daemon.remove()

    def product(self):
        self.daemon.fresh()
        self.daemon.load(IN_FLIGHT, IN_FLIGHT, form="text")
        self.daemon.tell("queue", "pause", "echo")
        load = self.daemon.load(self.messages, IN_FLIGHT, wait=False,
                                form="text")
        self.daemon.wait_until(
            lambda: self.queued() == self.messages, "all are queued", 0.01)
        drain = self.drain()
        return self.samples(load.seconds, drain)

    def queued(self):
        return self.daemon.ask("queue", "ls")[0]["waiting"]

    def drain(self):
        """Seconds: the store says when the last run had ended."""
        begin = time.time()
        self.daemon.tell("queue", "resume", "echo")
        self.daemon.wait_until(
            lambda: self.daemon.count("succeeded") ==
            self.messages + IN_FLIGHT, "all runs have ended", 0.05)
        runs = self.daemon.tell("ls", "--limit", "0", "-o", "jsonl")
        return max(at(json.loads(line)["ended_at"])
                   for line in runs.splitlines()) - begin

    def samples(self, enqueue, drain):
        return {
            "queue-enqueue": Sample(self.messages / enqueue),
            "queue-drain": Sample(self.messages / drain),
            "queue-through": Sample(self.messages / (enqueue + drain)),
        }

    def floor(self):
        found = floor(self.bench, "activity", sequence=1,
                      in_flight=IN_FLIGHT, count=self.messages)
        return self.samples(found["seconds"] / 2, found["seconds"] / 2)


register("queue: every enqueue and every end is synced",
         [Driver(), Doors()])

"""Activities of 1 + P + 1 plugins that do nothing: how long, and how many.

The product is told to start runs through `tutti start --lines --wait`, so that
what a client waits for is in its numbers; floors begin and end in their own
process. Each round has a fresh store, a fresh daemon, and runs before those
that count.
"""

from harness import numbers
from harness.daemon import Daemon
from harness.program import floor
from harness.row import POLICIES, Case, Row, Sample

# Where echo is, if not inside the daemon.
ENTRIES = {
    "isolated": "path: %s/plugins/echo.so, form: isolated",
    "process": "exec: [%s/plugins/echo_plugin]",
}


def plugins(form, bench, instances):
    """That part of a config which has echo in processes of its own."""
    if form == "in-process":
        return ""
    return "plugins:\n  - {%s, name: echo, instances: %d}\n" % (
        ENTRIES[form] % bench.build, instances)


def phase(count):
    return "[%s]" % ", ".join("{plugin: echo, as: p%d}" % number
                              for number in range(count))


def fork_join(parallel):
    """The activity that all floors do: 1 + P + 1."""
    return """
activities:
  A:
    pre: [{plugin: echo, as: before}]
    parallel: %s
    post: [{plugin: echo, as: after}]
""" % phase(parallel)


class Activities(Case):
    """`shape` is the config's text but for its durability and its plugins,
    `against` the name and the settings of a floor."""

    def __init__(self, row, shape, against, in_flight=1, durability="strict",
                 form="in-process", instances=0, line="{}", least=10,
                 quick=True):
        self.rows = (row,)
        self.shape = shape
        self.against = against
        self.in_flight = in_flight
        self.durability = durability
        self.form = form
        self.instances = instances
        self.line = line
        # That many runs at least; a window is filled twice.
        self.least = least if in_flight == 1 else 2 * in_flight
        self.quick = quick
        self.is_latency = row.unit == "us"
        self.daemon = None
        # Seconds a run, by side, as last seen.
        self.pace = {}

    def config(self):
        return ("durability: %s\n" % self.durability
                + plugins(self.form, self.bench, self.instances) + self.shape)

    def open(self, bench):
        super().open(bench)
        self.daemon = Daemon(bench, self.config())

    def close(self):
        if self.daemon:
            self.daemon.remove()

    def count(self, side):
        """How many runs make up a round of this side."""
        if side not in self.pace:
            return self.least
        return self.bench.count(self.pace[side], self.least)

    def samples(self, also):
        value = also["p50_us" if self.is_latency else "per_second"]
        return {self.rows[0].name: Sample(value, also)}

    # ---- the product ----

    def load(self, count):
        found = self.daemon.load(count, self.in_flight, self.line,
                                 form="json" if self.is_latency else "text")
        self.pace["product"] = found.seconds / count
        return found

    def product(self):
        self.daemon.fresh()
        self.daemon.wait_for_instances(self.instances)
        self.load(self.least)
        load = self.load(self.count("product"))
        also = {
            "count": load.count,
            "cpu_us": load.cpu_us / load.count,
            "client_cpu_us": load.client_cpu_us / load.count,
            "commits": load.commits,
            "per_second": load.per_second(),
        }
        if self.is_latency:
            for part in (50, 90, 99):
                also["p%d_us" % part] = numbers.percentile(
                    load.latencies_us(), part / 100)
        return self.samples(also)

    # ---- the floor ----

    def run_floor(self, count):
        name, settings = self.against
        found = floor(self.bench, name, count=count, **settings)
        self.pace["floor"] = found["seconds"] / count
        return found

    def floor(self):
        if "floor" not in self.pace:
            self.run_floor(self.least)
        found = self.run_floor(self.count("floor"))
        also = {name: found[name]
                for name in ("count", "cpu_us", "per_second", "commits")}
        for part, value in found["latency_us"].items():
            also[part + "_us"] = value
        return self.samples(also)
